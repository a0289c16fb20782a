"""`make bench`: measure inference, print the tables, and write them with a plot into benchmarks/results/."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from benchmarks import models, reading, report
from benchmarks.machine import describe
from benchmarks.photos import write_photos
from lpr import console
from lpr.files import write_text
from lpr.inference.shipped import models_folder

WORK = Path(".work/benchmarks")
RESULTS = Path("benchmarks/results")
PHOTOS = 200


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--models", type=Path, help="trained models; default: those of the package")
    parser.add_argument("--peers", type=Path, default=WORK / "peers", help="what benchmarks/peers.py wrote")
    parser.add_argument("--threads", type=int, default=2, help="of each call; default: %(default)s")
    arguments = parser.parse_args()
    folder = models_folder(arguments.models)
    rows, costs, peak = models.compare(folder, arguments.peers, arguments.threads)
    photos = write_photos(WORK / "photos", PHOTOS)
    rows += reading.read_one(folder, photos, arguments.threads)
    rows.append(reading.read_folder(folder, photos, WORK / "bytecode", arguments.threads))
    split = reading.split_start(folder, photos[0], WORK / "bytecode")
    versions = json.loads((arguments.peers / "versions.json").read_text(encoding="utf-8"))
    peers = ", ".join(f"{name} {version}" for name, version in versions.items())
    text = "\n\n".join(
        [
            f"# Inference, {arguments.threads} threads",
            f"{describe()}. Peers: {peers}; random weights.",
            "Contestants take turns; times are medians, ratios the medians of each turn's.",
            report.ratios(rows),
            "![Ratios](inference.png)",
            f"A matrix product reaches {peak / 1e9:.0f} GFLOP/s here, the peak of the last column.",
            report.costs(costs),
            report.split(split),
        ]
    )
    print(text)
    write_text(RESULTS / "inference.md", text + "\n")
    report.plot(rows, RESULTS / "inference.png")


if __name__ == "__main__":
    console.run(main)
