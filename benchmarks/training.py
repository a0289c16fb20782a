"""`make bench-training`: the training loop against its model's bare steps, and where the rest goes."""

from __future__ import annotations

import argparse
import contextlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from benchmarks.goals import ROOT, WORK, publish
from benchmarks.loops import Loop, Steps
from benchmarks.machine import describe, results_folder
from benchmarks.processor_use import Use
from benchmarks.stopwatch import orders
from benchmarks.training_report import Measured, Round, shares, throughput
from benchmarks.training_set import find_data
from lpr.base import console
from lpr.base.processors import usable_cores
from lpr.records.params import Params, Train, load_params
from lpr.training.engine.device import choose
from stages import train_detector, train_ocr

STAGES: dict[str, Callable[[Params], Any]] = {"detector": train_detector.build, "ocr": train_ocr.build}


def measure(name: str, task: Any, train: Train, rounds: int, steps: int) -> Measured:
    """Let all contestants take turns."""
    other = "fp32" if choose(train).precision != "fp32" else "bf16"
    # Where trainings keep their states, not in memory as /tmp may be.
    WORK.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=WORK) as temporary:
        folder = Path(temporary)
        ours = Steps(task, train, folder, steps)
        theirs = Steps(task, train.model_copy(update={"precision": other}), folder, steps)
        loops: list[Loop] = []

        def loop() -> Use:
            loops.append(Loop(task, train, folder, steps))
            return loops[-1].measure()

        contestants: dict[str, Callable[[], Use]] = {
            "bare": lambda: ours.bare(steps),
            "own": lambda: ours.own(steps),
            "loop": loop,
            # Where a format has no units of its own it is many times slower, so a quarter of the steps has to do.
            "other": lambda: theirs.bare(max(1, steps // 4)),
        }
        found = []
        for order in orders(list(contestants), rounds):
            uses = {contestant: contestants[contestant]() for contestant in order}
            found.append(Round(**uses, seldom=loops.pop().seldom()))
        epoch = max(1, len(task.samples()) // train.batch_size)
        return Measured(name, found, ours.parts(), train.batch_size, epoch, train.checkpoint_seconds, other)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training", description=__doc__)
    parser.add_argument("--project", type=Path, default=ROOT, help="folder with params.yaml and data/; default: here")
    parser.add_argument("--rounds", type=int, default=5, help="at least 2; default: %(default)s")
    parser.add_argument("--steps", type=int, default=32, help="of a contestant in a round; default: %(default)s")
    parser.add_argument("--results", type=Path, default=results_folder(), help="of the tables; default: %(default)s")
    arguments = parser.parse_args()
    folder, data = find_data(arguments.project.resolve(), WORK / "training")
    results = arguments.results.resolve()
    with contextlib.chdir(folder):
        params = load_params()
        # Both before any step, since images are prepared in processes that must not inherit threads.
        tasks = {name: build(params) for name, build in STAGES.items()}
        models = [measure(name, task, params.train, arguments.rounds, arguments.steps) for name, task in tasks.items()]
    train, cores = params.train, usable_cores()
    text = "\n\n".join(
        [
            "# Training",
            f"{describe()}, {torch.get_num_threads()} threads, {train.workers} preparing processes, batches of "
            f"{train.batch_size}, {choose(train)}, {data}.",
            f"Medians of {arguments.rounds} rounds in which all take turns, {arguments.steps} steps each; the "
            "loop's are counted once its queue has settled.",
            throughput(models, cores),
            f"With preparing alone: were the loop's own work nothing, {cores} cores would still share the steps with "
            "the preparing of batches.",
            "Where the rest goes: first in shares of the processor time of a bare step, from waiting on in shares of "
            "the loop's time. Saving and logging are charged at their intervals; validation is not in the ratio.",
            shares(models),
        ]
    )
    publish("training", text, [model.goal for model in models], results)


if __name__ == "__main__":
    console.run(main)
