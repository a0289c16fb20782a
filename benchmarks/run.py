"""`make bench-inference`: measure inference against other packages and its own parts."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from benchmarks import models, reading, report
from benchmarks.goals import PLOT, WORK, publish
from benchmarks.machine import describe, results_folder
from benchmarks.photos import write_photos
from lpr.base import console
from lpr.inference.shipped import models_folder

PHOTOS = 200


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--models", type=Path, help="trained models; default: those of the package")
    parser.add_argument("--peers", type=Path, default=WORK / "peers", help="what benchmarks/peers.py wrote")
    parser.add_argument("--threads", type=int, default=2, help="of each call; default: %(default)s")
    parser.add_argument("--rounds", type=int, default=models.ROUNDS, help="of the models; default: %(default)s")
    parser.add_argument(
        "--read-rounds", type=int, default=reading.ROUNDS, help="of `read` and `lpr read`; default: %(default)s"
    )
    parser.add_argument("--photos", type=int, default=PHOTOS, help="of `lpr read`; default: %(default)s")
    parser.add_argument("--results", type=Path, default=results_folder(), help="of the tables; default: %(default)s")
    arguments = parser.parse_args()
    folder, threads = models_folder(arguments.models), arguments.threads
    rows, costs, peak = models.compare(folder, arguments.peers, threads, arguments.rounds)
    photos = write_photos(WORK / "photos" / str(arguments.photos), arguments.photos)
    rows += reading.read_one(folder, photos, threads, arguments.read_rounds)
    rows.append(reading.read_folder(folder, photos, WORK / "bytecode", threads, arguments.read_rounds))
    split = reading.split_start(folder, photos[0], WORK / "bytecode")
    versions = json.loads((arguments.peers / "versions.json").read_text(encoding="utf-8"))
    peers = ", ".join(f"{name} {version}" for name, version in versions.items())
    text = "\n\n".join(
        [
            f"# Inference, {threads} threads",
            f"{describe()}. Peers: {peers}; random weights.",
            "Contestants take turns; times are medians, ratios the medians of each turn's.",
            report.ratios(rows),
            f"![Ratios]({PLOT})",
            f"A matrix product reaches {peak / 1e9:.0f} GFLOP/s here, the peak of the last column.",
            report.costs(costs),
            report.split(split),
        ]
    )
    publish("inference", text, [row.goal for row in rows], arguments.results)


if __name__ == "__main__":
    console.run(main)
