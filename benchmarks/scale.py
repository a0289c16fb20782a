"""`make bench-scale`: how `fetch_data` and `evaluate` grow with the data in time and memory, and what `dvc` adds."""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import yaml

from benchmarks.footprint import Footprint, run_module
from benchmarks.goals import ROOT, WORK, Goal, publish, spread
from benchmarks.machine import describe, results_folder
from benchmarks.project import IMAGES, nothing_to_do
from benchmarks.small_images import SIZE, write_source
from benchmarks.stopwatch import Ratio
from lpr.base import console
from lpr.base.files import write_text
from lpr.inference.shipped import models_folder

STAGES = ("fetch_data", "evaluate")
LINEAR, FLAT = 1.15, 1.2
METADATA = "training_metadata.json"
DVC_ROUNDS = 7

Runs = Mapping[int, Mapping[str, Footprint]]
"""What each stage took, by its name, by the number of images."""


def prepare(folder: Path, pool: Path, count: int, models: Path) -> None:
    """Make a folder in which the stages run on a source of `count` images."""
    write_source(folder / "source", pool, count)
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    source = {"name": "small", "kind": "path", "path": "source", "use": "both", "licence": "CC0-1.0"}
    params["fetch_data"] |= {"sources": [source], "shares": {"train": 0.01, "val": 0.01, "test": 0.98}}
    write_text(folder / "params.yaml", yaml.safe_dump(params, sort_keys=False))
    (folder / "models").mkdir()
    # Not the checkpoints: those that are shipped to begin a training with are no part of what is measured.
    for name in ("detector.onnx", "ocr.onnx", METADATA):
        if (models / name).is_file():
            (folder / "models" / name).symlink_to((models / name).resolve())


def run_stages(folder: Path, pool: Path, count: int, models: Path) -> dict[str, Footprint]:
    """Run the stages on `count` images in a folder, which is removed when both were fine."""
    shutil.rmtree(folder, ignore_errors=True)
    prepare(folder, pool, count, models)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    taken = {name: run_module(f"stages.{name}", folder, environment, folder / f"{name}.log") for name in STAGES}
    shutil.rmtree(folder)
    return taken


def linear(runs: Runs, stage: str, count: int, measure: str) -> float:
    """Return how much more a stage took for `count` images than the smallest size's time grown in proportion."""
    least = min(runs)
    ours, base = (getattr(runs[size][stage], measure) for size in (count, least))
    return ours / base / (count / least)


def flat(runs: Runs, stage: str, count: int, measure: str) -> float:
    """Return a stage's memory for `count` images over that for the smallest size."""
    ours, base = (getattr(runs[size][stage], measure) for size in (count, min(runs)))
    return ours / base


def goals(runs: Runs) -> list[Goal]:
    """Return the ratios of the largest size to the smallest."""
    least, most = min(runs), max(runs)
    found = []
    for stage in STAGES:
        sizes = f"`{stage}` of {most:,} images / of {least:,}"
        for name, value, target in (
            ("time, to linear", linear(runs, stage, most, "seconds"), LINEAR),
            ("memory of the largest process", flat(runs, stage, most, "largest"), FLAT),
            ("memory of all processes", flat(runs, stage, most, "together"), FLAT),
        ):
            found.append(Goal(f"{sizes}: {name}", Ratio(value, value, value), target))
    return found


def growth(runs: Runs) -> str:
    """Return the table of what the stages took at each size; a further image is one beyond those of the size before."""
    lines = [
        "| stage | images | s | ms a further image | CPU s | MB, largest process | MB, all "
        "| time / linear | CPU / linear | memory, largest | memory, all |",
        "|" + "---|" * 11,
    ]
    for stage in STAGES:
        before = None
        for count in sorted(runs):
            run = runs[count][stage]
            further = "" if before is None else _further(runs, stage, before, count)
            cells = [stage, f"{count:,}", f"{run.seconds:.1f}", further, f"{run.cpu:.1f}", f"{run.largest:.0f}"]
            cells.append(f"{run.together:.0f}")
            if before is None:
                cells += [""] * 4
            else:
                cells += [f"{linear(runs, stage, count, measure):.2f}" for measure in ("seconds", "cpu")]
                cells += [f"{flat(runs, stage, count, measure):.2f}" for measure in ("largest", "together")]
            lines.append(f"| {' | '.join(cells)} |")
            before = count
    return "\n".join(lines)


def _further(runs: Runs, stage: str, before: int, count: int) -> str:
    return f"{1000 * (runs[count][stage].seconds - runs[before][stage].seconds) / (count - before):.2f}"


def verdicts(found: list[Goal]) -> str:
    """Return the table of ratios and targets."""
    lines = ["| measured / against | ratio [quartiles] | at most | |", "|---|---|---|---|"]
    return "\n".join(
        [*lines, *(f"| {goal.name} | {spread(goal.ratio)} | {goal.target:g} | {goal.verdict} |" for goal in found)]
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--models", type=Path, help="models to evaluate; default: those of the package")
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[1000, 10000, 50000], help="images; default: %(default)s"
    )
    parser.add_argument("--dvc-rounds", type=int, default=DVC_ROUNDS, help="default: %(default)s")
    parser.add_argument("--results", type=Path, default=results_folder(), help="of the tables; default: %(default)s")
    arguments = parser.parse_args()
    models, work = models_folder(arguments.models), WORK / "scale"
    runs = {
        count: run_stages(work / "running", work / "images", count, models) for count in sorted(set(arguments.sizes))
    }
    found = [*goals(runs), nothing_to_do(work / "dvc", arguments.dvc_rounds)]
    text = "\n\n".join(
        [
            "# Growth with the data",
            f"{describe()}. Small photos ({SIZE[0]}x{SIZE[1]}) with a plate each; 98% of them are the test split.",
            verdicts(found),
            growth(runs),
            "Memory of all processes is looked at five times a second, and what they share is counted once: it may be "
            "less than the largest one's peak, of which Linux itself keeps count. "
            f"`dvc` was run in a project in which everything is up to date, {IMAGES:,} small files in `data/`.",
        ]
    )
    publish("scale", text, found, arguments.results)


if __name__ == "__main__":
    console.run(main)
