"""`make gpu`: what a GPU makes of the trainings, in at most nine minutes and with nothing fetched."""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from benchmarks.goals import RESULTS, ROOT, WORK
from benchmarks.gpu_processes import as_one
from benchmarks.gpu_report import Check, Speed, checks, speeds
from benchmarks.gpu_speed import formats, measure, preparing, steps_in
from benchmarks.gpu_trials import goes_on, learns_alike, runs_out_of_memory
from benchmarks.machine import describe
from benchmarks.training import STAGES
from benchmarks.training_set import CROPS, PHOTOS, find_data
from lpr.base import console
from lpr.base.files import write_text
from lpr.records.params import Params, load_params
from lpr.training.engine.device import choose
from lpr.training.engine.task import Task

SECONDS = 480.0
"""After which nothing further is begun."""
STEPS = 64
TRIAL_STEPS = 60
TINY_STEPS = 4
TINY = {"batch_size": 4, "workers": 1}
TINY_WIDTH, TINY_SIDE, TINY_PHOTOS, TINY_CROPS = 4, 224, 16, 64

Found = TypeVar("Found")


class Run:
    """The parts of a run, each of which may fail without the others: a GPU that is lent is lent once.

    Args:
        seconds: after which no part is begun.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self.checks: list[Check] = []

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self._end - time.monotonic()

    def attempt(self, name: str, part: Callable[[], Found]) -> Found | None:
        """Return what a part finds; None, and a check that says why, where it fails or no time is left for it."""
        print(f"{name} ({self.left:.0f} s left)", flush=True)
        if self.left <= 0:
            self.checks.append(Check(name, "not tried", "no time was left"))
            return None
        try:
            return part()
        except Exception as error:  # whatever a device comes up with is a finding
            reason = (str(error).strip().splitlines() or ["no message"])[0]
            self.checks.append(Check(name, "missed", f"{type(error).__name__}: {reason}"))
            return None

    def check(self, name: str, part: Callable[[], Check]) -> None:
        """Attempt a part and keep what it finds."""
        if found := self.attempt(name, part):
            self.checks.append(found)


def tiny(params: Params) -> Params:
    """Return parameters with which both models train in seconds on any processor."""
    return params.model_copy(
        update={
            "train": params.train.model_copy(update=TINY),
            "detector": params.detector.model_copy(update={"width": TINY_WIDTH, "cache_side": TINY_SIDE}),
            "ocr": params.ocr.model_copy(update={"width": TINY_WIDTH}),
        }
    )


def examine(run: Run, params: Params, steps: int, trial_steps: int, scratch: Path) -> list[Speed]:
    """Measure and try everything in the current folder, which has `data/`; return the speeds, and fill `run.checks`.

    Args:
        run: keeps the time and the checks.
        params: with the device and the sizes to use.
        steps: to measure of each model and number format.
        trial_steps: of each training of the checks.
        scratch: folder for what is not kept.
    """
    # All before any step, since images are prepared in processes that must not inherit threads.
    tasks: dict[str, Task] = {name: build(params) for name, build in STAGES.items()}
    train = params.train
    rows = []
    for name, task in tasks.items():
        given = run.attempt(f"{name}: preparing", partial(preparing, task, train, steps))
        for precision in formats(train.device):
            changed = train.model_copy(update={"precision": precision})
            count = steps_in(precision, train.device, steps)
            part = partial(measure, task, changed, count, given or float("nan"), scratch)
            row = run.attempt(f"{name}: speed in {precision}", part)
            if row:
                rows.append(row)
    for name, task in tasks.items():
        folder = scratch / name
        for title, trial in (
            ("interrupted", partial(goes_on, task, train, trial_steps, folder / "goes_on")),
            ("short of memory", partial(runs_out_of_memory, task, train, folder / "memory")),
            ("as on the CPU", partial(learns_alike, task, train, trial_steps, folder / "alike")),
        ):
            run.check(f"{name}: {title}", trial)
    run.check("two processes", lambda: as_one(params, Path("data"), scratch / "together", run.left))
    return rows


def gpus() -> str:
    """Return what the driver's own tool says of the GPUs: name, memory, driver."""
    command = ["nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
    try:
        lines = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout.splitlines()
    except (OSError, subprocess.SubprocessError):
        return "no GPU"
    return "; ".join(line.strip() for line in lines)


def main() -> int:
    """Return 0, or 1 when a check was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda", help="default: %(default)s; cpu: tiny")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="after which nothing is begun: %(default)s")
    parser.add_argument("--project", type=Path, default=ROOT, help="folder with params.yaml and data/; default: here")
    parser.add_argument("--out", type=Path, help="the table; default: benchmarks/results/gpu.md, of a CPU .work/")
    arguments = parser.parse_args()
    run = Run(arguments.seconds)
    small = arguments.device == "cpu"
    out = (arguments.out or (WORK if small else RESULTS) / "gpu.md").resolve()
    # Found out before the data are made.
    choose(load_params(arguments.project / "params.yaml").train.model_copy(update={"device": arguments.device}))
    amounts = (TINY_PHOTOS, TINY_CROPS) if small else (PHOTOS, CROPS)
    folder, data = find_data(arguments.project.resolve(), WORK / ("gpu-tiny" if small else "training"), *amounts)
    WORK.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=WORK) as scratch, contextlib.chdir(folder):
        params = load_params()
        params = params.model_copy(update={"train": params.train.model_copy(update={"device": arguments.device})})
        params = tiny(params) if small else params
        steps, trial_steps = (TINY_STEPS, TINY_STEPS) if small else (STEPS, TRIAL_STEPS)
        rows = examine(run, params, steps, trial_steps, Path(scratch))
    train = params.train
    text = "\n\n".join(
        [
            "# Training on a GPU" + (", tried on a CPU with tiny models" if small else ""),
            f"{gpus()}. {describe()}, {train.workers} preparing processes, batches of {train.batch_size}, {data}.",
            f"{steps} steps of each model and format, in which nothing else is measured; a loop's are counted once its "
            "queue has settled. Where preparing alone gives fewer images than bare steps take, it bounds the loop.",
            speeds(rows),
            checks(run.checks),
        ]
    )
    print(text)
    write_text(out, text + "\n")
    return int(any(check.verdict == "missed" for check in run.checks))


if __name__ == "__main__":
    console.run(main)
