"""`make bench-scale`: how `fetch_data` and `evaluate` grow with the data in time and memory, and what `dvc` adds."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from PIL import Image

from benchmarks.machine import describe
from benchmarks.run import RESULTS, WORK
from benchmarks.stopwatch import Ratio, take_turns
from lpr import console
from lpr.errors import LprError
from lpr.files import write_text
from lpr.inference.shipped import models_folder
from lpr.plate.text import ALPHABET
from lpr.synthetic.renderer import Renderer

ROOT = Path(__file__).parents[1]
SIZE = (200, 150)
PLATES = 400
"""Plates that are rendered; each image shows one of them somewhere before a scenery of its own."""
_STAGE = """
import json, resource, runpy, sys
from pathlib import Path
try:
    runpy.run_module(f"stages.{sys.argv[1]}", run_name="__main__")
finally:
    own = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    Path("kilobytes.json").write_text(json.dumps(max(int(own.split()[1]), children)))
"""
LINEAR, FLAT, NOTHING = 1.15, 1.2, 1.3
DVC_ROUNDS = 5


@dataclass(frozen=True)
class Run:
    """What a stage took: seconds on the clock, seconds of CPU, and the most megabytes of one process."""

    seconds: float
    cpu: float
    megabytes: float


def write_images(folder: Path, count: int) -> None:
    """Write a source of `count` small photos with a plate each, in the project's own format, unless it is there."""
    annotations = folder / "annotations" / "train.json"
    if annotations.is_file():
        return
    target = folder / "images" / "train"
    target.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(count)
    plates = list(_plates())
    entries = {}
    for number in range(count):
        plate, (x, y, w, h) = plates[number % PLATES]
        # A coarse random pattern, so that no two images are near-duplicates.
        scenery = rng.integers(0, 256, (8, 10, 3), np.uint8)
        image = Image.fromarray(scenery).resize(SIZE, Image.Resampling.BICUBIC)
        left, top = int(rng.integers(SIZE[0] - plate.width)), int(rng.integers(SIZE[1] - plate.height))
        image.paste(plate, (left, top))
        image.save(target / f"{number:06}.jpg", quality=90)
        text = "".join(ALPHABET[index] for index in rng.integers(0, len(ALPHABET), 8))
        entries[f"{number:06}.jpg"] = {"plates": [{"bbox": [left + x, top + y, w, h], "text": text}]}
    annotations.parent.mkdir(exist_ok=True)
    write_text(annotations, json.dumps(entries))


def _plates() -> Iterator[tuple[Image.Image, tuple[float, ...]]]:
    renderer = Renderer("legible", 1)
    for number in range(PLATES):
        rendered = renderer.crop(number)
        image = Image.fromarray(rendered.image)
        scale = min(100 / image.width, 60 / image.height)
        small = image.resize((round(image.width * scale), round(image.height * scale)))
        yield small, tuple(value * scale for value in rendered.plates[0].box)


def prepare(folder: Path, count: int, models: Path) -> None:
    """Make a folder in which the stages run on a source of `count` images."""
    write_images(folder / "source", count)
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    source = {"name": "small", "kind": "path", "path": "source", "use": "both", "licence": "CC0-1.0"}
    params["fetch_data"] |= {"sources": [source], "shares": {"train": 0.01, "val": 0.01, "test": 0.98}}
    write_text(folder / "params.yaml", yaml.safe_dump(params, sort_keys=False))
    shutil.copytree(models, folder / "models", dirs_exist_ok=True)


def run_stage(name: str, folder: Path) -> Run:
    """Run a stage in a folder by itself. Raises LprError with its output when it fails."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    start = time.perf_counter()
    with (folder / f"{name}.log").open("wb") as log:
        command = [sys.executable, "-c", _STAGE, name]
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
        # Waited for by hand: its own and its children's use, apart from that of earlier runs.
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise LprError(f"{name} in {folder} ended with {process.returncode}; see {log.name}")
    # Not from `usage`, in which Linux counts this process's own memory from before the stage replaced it.
    kilobytes = json.loads((folder / "kilobytes.json").read_text(encoding="utf-8"))
    return Run(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, kilobytes / 1024)


def growth(runs: dict[int, dict[str, Run]]) -> str:
    """Return the table of the stages' growth, each size against the smallest."""
    lines = [
        "| stage | images | s | CPU s | MB | time / linear | CPU / linear | memory ratio | |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    least = min(runs)
    for stage in runs[least]:
        base = runs[least][stage]
        for count, measured in sorted(runs.items()):
            run, times = measured[stage], count / least
            line = f"| {stage} | {count:,} | {run.seconds:.1f} | {run.cpu:.1f} | {run.megabytes:.0f} |"
            if count > least:
                linear, cpu = run.seconds / base.seconds / times, run.cpu / base.cpu / times
                memory = run.megabytes / base.megabytes
                verdict = "met" if linear <= LINEAR and memory <= FLAT else "missed"
                line += f" {linear:.2f} | {cpu:.2f} | {memory:.2f} | {verdict} |"
            else:
                line += " | | | |"
            lines.append(line)
    return "\n".join(lines)


def nothing_to_do(project: Path) -> str:
    """Return one line on what `dvc repro` costs where nothing is to be done."""

    def dvc(*arguments: str) -> str:
        command = [sys.executable, "-m", "dvc", *arguments]
        return subprocess.run(command, cwd=project, check=True, capture_output=True, text=True).stdout

    if "up to date" not in dvc("status"):
        return "`dvc repro` with nothing to do was not measured: `dvc status` finds something to do."
    times = take_turns({"repro": lambda: dvc("repro"), "status": lambda: dvc("status")}, DVC_ROUNDS, warmup=1)
    ratio = Ratio.of(times["repro"], times["status"])
    verdict = "met" if ratio.median <= NOTHING else "missed"
    return (
        f"`dvc repro` with nothing to do / `dvc status`: {ratio.median:.2f} [{ratio.low:.2f}, {ratio.high:.2f}], "
        f"at most {NOTHING}: {verdict}."
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--models", type=Path, help="models to evaluate; default: those of the package")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10000], help="images; default: %(default)s")
    parser.add_argument("--project", type=Path, default=ROOT, help="where `dvc repro` has run; default: here")
    arguments = parser.parse_args()
    runs: dict[int, dict[str, Run]] = {}
    for count in arguments.sizes:
        folder = (WORK / "scale" / str(count)).resolve()
        prepare(folder, count, models_folder(arguments.models))
        runs[count] = {stage: run_stage(stage, folder) for stage in ("fetch_data", "evaluate")}
    text = "\n\n".join(
        [
            "# Growth with the data",
            f"{describe()}. Small photos ({SIZE[0]}x{SIZE[1]}) with a plate each; 98% of them are the test split.",
            f"Time at most {LINEAR} of linear, memory of the largest process at most {FLAT} times.",
            growth(runs),
            nothing_to_do(arguments.project),
        ]
    )
    print(text)
    write_text(RESULTS / "scale.md", text + "\n")


if __name__ == "__main__":
    console.run(main)
