"""How fast a device trains, and whether the processors keep up with it."""

from __future__ import annotations

import gc
import itertools
import tempfile
import time
from pathlib import Path

import torch

from benchmarks.gpu_report import Speed
from benchmarks.long_epochs import Lengthened
from benchmarks.loops import SETTLING, Loop, Steps
from lpr.records.params import Train
from lpr.training.engine.batches import StepSampler, loader
from lpr.training.engine.device import choose
from lpr.training.engine.task import Task

SLOWER = 4
"""By how much the steps are cut where a format has no units of its own: it may be many times slower there."""
_AMPERE = 8
"""Major number of the first GPUs with bf16 units."""


def formats(device: str) -> tuple[str, ...]:
    """Return the number formats in which a device trains."""
    return ("fp32", "fp16", "bf16") if device == "cuda" else ("fp32", "bf16")


def steps_in(precision: str, device: str, steps: int) -> int:
    """Return how many steps of a format are measured, at least 1."""
    native = device == "cuda" and torch.cuda.get_device_capability()[0] >= _AMPERE
    return steps if precision != "bf16" or native else max(1, steps // SLOWER)


def preparing(task: Task, train: Train, steps: int) -> float:
    """Return the images a second that the preparing processes give in steady state, when nobody trains."""
    samples = Lengthened(task, (SETTLING + steps) * train.batch_size).samples()
    batches = iter(loader(samples, StepSampler(len(samples), train.batch_size, 1, 0), train.workers, pin=False))
    for _ in itertools.islice(batches, SETTLING):
        pass
    start = time.perf_counter()
    count = sum(1 for _ in itertools.islice(batches, steps))
    return count * train.batch_size / (time.perf_counter() - start)


def measure(task: Task, train: Train, steps: int, given: float, scratch: Path) -> Speed:
    """Measure bare steps and the real loop.

    Args:
        task: the model and its samples.
        train: section `train`, with the device and number format to measure.
        steps: to measure.
        given: images a second of `preparing`.
        scratch: folder for states and curves that are not kept.
    """
    on_gpu = choose(train).device.type == "cuda"
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        if on_gpu:
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
        alone = Steps(task, train, Path(folder), steps)
        bare = alone.bare(steps)
        megabytes = torch.cuda.max_memory_allocated() / 1e6 if on_gpu else None
        del alone
        gc.collect()
        loop = Loop(task, train, Path(folder), steps).measure()
    images = train.batch_size
    return Speed(
        task.name, train.precision, images / bare.seconds, images / loop.seconds, given, loop.waiting / loop.seconds,
        loop.busy, megabytes,
    )  # fmt: skip
