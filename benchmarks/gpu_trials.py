"""What must hold on any device: trainings stop and go on, run out of memory with advice, and learn as on the CPU."""

from __future__ import annotations

import gc
import signal
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import Dataset

from benchmarks.gpu_report import Check
from benchmarks.long_epochs import Repeated
from benchmarks.loops import Quiet
from lpr.base.errors import LprError
from lpr.records.params import Train
from lpr.training.engine.checkpoint import Resume
from lpr.training.engine.device import choose
from lpr.training.engine.interrupt import Interrupts
from lpr.training.engine.loop import InterruptedTraining
from lpr.training.engine.task import Task

ALIKE = 0.05
"""Share by which two losses may differ, be it more than two seeds do."""
SAME = 0.01
"""Share by which the loss of a training that went on may differ from that of one in a piece: the order of a GPU's sums
is not fixed."""
SPARE = 32 << 20
"""Bytes that the training which is to run out of memory may take beyond what is taken already."""


class First(Dataset[Any]):
    """The first so many samples of a task, over and over where it has fewer."""

    def __init__(self, samples: Any, count: int) -> None:
        self.samples, self.count = Repeated(samples, count), count

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, key: tuple[int, int]) -> Any:
        return self.samples[key]


class Shortened:
    """A task with one epoch of so many samples."""

    epochs = 1

    def __init__(self, task: Task, samples: int) -> None:
        self._task, self._samples = task, samples

    def __getattr__(self, name: str) -> Any:
        return getattr(self._task, name)

    def samples(self) -> First:
        """Return the samples."""
        return First(self._task.samples(), self._samples)


class _Stopped(Quiet):
    """A training that is asked to stop after a step, and knows the step from which it went on."""

    last = begun = 0

    def _step(self, batch: dict[str, Tensor]) -> None:
        super()._step(batch)
        if self.state.step == self.last:
            signal.raise_signal(signal.SIGTERM)

    def _epochs(self, interrupts: Interrupts) -> None:
        self.begun = self.state.step
        super()._epochs(interrupts)


def _training(kind: type[Quiet], task: Task, train: Train, steps: int, folder: Path, seed: int = 0) -> Any:
    short = Shortened(task, steps * train.batch_size)
    return kind(short, train, seed, Resume(folder, "trial", "benchmark"), folder / "curves")


def _loss(trainer: Quiet) -> float:
    """Return the mean loss of a training's only epoch."""
    return float(trainer.state.history[-1]["train/loss"])


def goes_on(task: Task, train: Train, steps: int, folder: Path) -> Check:
    """Stop a training half way, let another go on from its state, and compare it with one in a piece."""
    name = f"{task.name}: interrupted and gone on with, it ends as in a piece"
    whole = _training(Quiet, task, train, steps, folder / "whole")
    wanted = whole.run()["weights"]
    stopped = _training(_Stopped, task, train, steps, folder / "parts")
    stopped.last = max(1, steps // 2)
    try:
        stopped.run()
    except InterruptedTraining:
        pass
    else:
        return Check(name, "missed", "the signal did not stop it")
    again = _training(_Stopped, task, train, steps, folder / "parts")
    found = again.run()["weights"]
    if again.begun != stopped.last:
        return Check(name, "missed", f"stopped after step {stopped.last}, went on after step {again.begun}")
    apart = max(float((found[key].float() - value.float()).abs().max()) for key, value in wanted.items())
    losses = _loss(again), _loss(whole)
    text = f"stopped after step {stopped.last} of {steps}; losses {losses[0]:.5f} and {losses[1]:.5f}, "
    text += "all weights the same" if not apart else f"weights differ by at most {apart:.2g}"
    return Check(name, "met" if abs(losses[0] - losses[1]) <= SAME * abs(losses[1]) else "missed", text)


def runs_out_of_memory(task: Task, train: Train, folder: Path) -> Check:
    """Leave a training next to no memory of the GPU and look at what it says."""
    name = f"{task.name}: short of memory, it says what to do"
    if choose(train).device.type != "cuda":
        return Check(name, "not tried", "no GPU")
    trainer = _training(Quiet, task, train, 2, folder)
    gc.collect()
    torch.cuda.empty_cache()
    whole = torch.cuda.get_device_properties(torch.cuda.current_device()).total_memory
    torch.cuda.set_per_process_memory_fraction(min(1.0, (torch.cuda.memory_reserved() + SPARE) / whole))
    try:
        trainer.run()
    except LprError as error:
        said = str(error)
    else:
        return Check(name, "missed", f"it trained in {SPARE >> 20} MiB")
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
        torch.cuda.empty_cache()
    helps = said.startswith("out of memory") and f"train.batch_size={train.batch_size // 2}" in said
    return Check(name, "met" if helps else "missed", said)


def learns_alike(task: Task, train: Train, steps: int, folder: Path) -> Check:
    """Train for some steps on the CPU with two seeds, and on the device with the first; compare losses and metrics.

    Met where the device's loss is as near to the CPU's as that of another seed is, or nearer than the share ALIKE.
    """
    cpu = {"device": "cpu", "precision": "fp32"}
    # Without a GPU, another number format stands in for another device.
    other: dict[str, str] = {} if choose(train).device.type == "cuda" else {"precision": "bf16"}
    runs = {"cpu": (cpu, 0), "cpu, another seed": (cpu, 1), "device": (other, 0)}
    losses, said = {}, []
    for name, (changes, seed) in runs.items():
        changed = train.model_copy(update=changes)
        trainer = _training(Quiet, task, changed, steps, folder / name, seed)
        metric = trainer.run()["metrics"][task.metric]
        losses[name] = _loss(trainer)
        label = name if name != "device" else str(trainer.compute)
        said.append(f"{label}: loss {losses[name]:.4f}, {task.metric} {metric:.3f}")
    noise = abs(losses["cpu, another seed"] - losses["cpu"])
    apart = abs(losses["device"] - losses["cpu"])
    met = apart <= max(noise, ALIKE * abs(losses["cpu"]))
    title = f"{task.name}: {steps} steps teach it as much as on the CPU"
    return Check(title, "met" if met else "missed", "; ".join(said))
