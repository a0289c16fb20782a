"""The training loop of both models."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from lpr.base.errors import LprError
from lpr.records.params import Train
from lpr.training.engine import checkpoint, device, processes
from lpr.training.engine.batches import DeadWorkerError, StepSampler, fetched, loader
from lpr.training.engine.interrupt import Interrupts
from lpr.training.engine.log import SPEED, Curves, progress
from lpr.training.engine.schedule import rate
from lpr.training.engine.start import Start
from lpr.training.engine.state import State
from lpr.training.engine.task import Task

_CHECKED = 10
"""Steps between looks at the loss: each waits for the GPU."""


class InterruptedTraining(Exception):  # noqa: N818 - it is no error: the state is saved
    """The training was asked to stop by a signal, and saved its state before it did."""

    def __init__(self, number: int) -> None:
        super().__init__(f"stopped by signal {number}")
        self.number = number


class Trainer:
    """Trains one model to its end, from its start or from where an interrupted run left it.

    Several processes that joined hold the same state and take their parts of each batch; the first one alone validates,
    logs and saves.

    Args:
        task: the model and its samples.
        train: section `train` of the parameters.
        seed: of the weights, the order of the samples and their augmentation.
        resume: where the state of an unfinished run lies.
        results: folder of the curves.
        start: weights to begin with; None: those that the task's new model has.

    Raises:
        LprError: `start` does not fit the model, or the device or the size of a batch is not possible here.
    """

    def __init__(
        self, task: Task, train: Train, seed: int, resume: checkpoint.Resume, results: Path, start: Start | None = None
    ) -> None:
        self.task, self.train, self.seed, self.resume, self.results = task, train, seed, resume, results
        self.start = start
        self.compute = device.choose(train)
        processes.check_batch(train.batch_size)
        together = f", {processes.size()} processes" if processes.size() > 1 else ""
        why = f"; {self.compute.why}" if self.compute.why else ""
        self._say(f"training on {self.compute}{together}{why}")
        torch.use_deterministic_algorithms(True, warn_only=True)
        # Filling fresh memory guards against reading it unwritten, and costs a tenth of the speed.
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
        self.samples = task.samples()
        self.sampler = StepSampler(len(self.samples), train.batch_size, task.epochs, seed)  # type: ignore[arg-type]
        self.updates = math.ceil(len(self.sampler) / train.accumulation)
        self.state = self._begin()

    def run(self) -> dict[str, Any]:
        """Train and return the checkpoint of the best weights, in the layout that `checkpoint.FORMAT` names.

        Raises:
            InterruptedTraining: a signal came; the state is saved.
            LprError: the loss is not a number, or memory is short.
        """
        self._go_on()
        self.curves = Curves(self.results, self.state.history)
        self.curves.picture("samples.png", self.task.picture())
        try:
            # Under DVC or torch's launcher, which may be killed: another run would soon do the same work again.
            with Interrupts(supervised=processes.size() > 1 or "DVC_STAGE" in os.environ) as interrupts:
                self._epochs(interrupts)
        except (torch.OutOfMemoryError, RuntimeError) as error:
            if not _out_of_memory(error):
                raise
            raise LprError(
                f"out of memory on {self.compute} with train.batch_size {self.train.batch_size}: run again with "
                f"-S train.batch_size={max(1, self.train.batch_size // 2)} "
                f"-S train.accumulation={self.train.accumulation * 2}, which trains the same"
            ) from error
        best = self.state.best
        assert best is not None  # every run has at least one epoch, and each is validated
        self.curves.finish({name: round(value, 4) for name, value in best["metrics"].items()})
        start = self.start.sha256 if self.start else None
        return checkpoint.finished(self.task, self.state.model, best, self.compute, self.seed, start)

    def _begin(self) -> State:
        """Return the state at which a training starts."""
        torch.manual_seed(self.seed)
        model = self.task.model()
        if self.start:
            new = self.start.load_into(model)
            self._say(f"starts from {self.start.path}" + (f"; new: {', '.join(new)}" if new else ""))
        return State(self.task, model, self.train, self.compute)

    def _go_on(self) -> None:
        """Take the state that an interrupted run saved, if there is one."""
        if saved := self.resume.load():
            try:
                self.state.restore(saved)
                self._say(f"goes on from step {self.state.step} of {len(self.sampler)} ({self.resume.path})")
            except (KeyError, ValueError, TypeError, AttributeError, RuntimeError) as error:  # of another layout
                self.resume.set_aside(error)
                self.state = self._begin()

    def _epochs(self, interrupts: Interrupts) -> None:
        state, epoch_steps = self.state, self.sampler.steps_per_epoch
        saved = started = time.monotonic()
        first = state.step
        with progress(self.task.name, len(self.sampler), state.step) as bar:
            for batch in self._batches():
                if self._stops_early():
                    break
                self._step(batch)
                bar.update()
                if state.step % epoch_steps == 0:
                    images = (state.step - first) * self.train.batch_size
                    self._end_epoch(images / (time.monotonic() - started))
                    started, first = time.monotonic(), state.step
                if not self._between_updates():
                    continue
                due = time.monotonic() - saved >= self.train.checkpoint_seconds
                stopped, save = processes.agree(interrupts.received or 0, int(due))
                if stopped or save:
                    self._save()
                    saved = time.monotonic()
                if stopped:
                    raise InterruptedTraining(stopped)

    def _batches(self) -> Iterator[dict[str, Tensor]]:
        """Yield the batches from this step on; if a process that prepares them dies, save the state and raise."""
        remaining = StepSampler(self.sampler.size, self.train.batch_size, self.task.epochs, self.seed, self.state.step)
        batches = loader(self.samples, remaining, self.train.workers, self.compute.device.type == "cuda")
        try:
            yield from fetched(batches, self.task.name)
        except DeadWorkerError:
            # To save is an act of all processes, and the others know nothing of this death.
            if self._between_updates() and processes.size() == 1:
                self._save()
            raise

    def _step(self, batch: dict[str, Tensor]) -> None:
        state, device, accumulation = self.state, self.compute.device, self.train.accumulation
        batch = {name: value.to(device, non_blocking=True) for name, value in batch.items()}
        # The last group of accumulated steps may be smaller.
        group = min(accumulation, len(self.sampler) - state.step // accumulation * accumulation)
        state.step += 1
        with processes.averaged(state.objective, last=self._between_updates()):
            with self._autocast():
                terms = state.objective(batch)
            # The processes' parts of the loss add up, while their gradients are averaged.
            state.scaler.scale(terms["loss"] * processes.size() / group).backward()
        state.add(terms)
        if self._between_updates():
            self._update()
        if state.step % _CHECKED == 0:
            self._check()

    def _update(self) -> None:
        state = self.state
        lr = self.train.lr * rate(state.update, self.updates, self.train.warmup)
        for group_of_weights in state.optimizer.param_groups:
            group_of_weights["lr"] = lr
        state.scaler.unscale_(state.optimizer)
        norm = nn.utils.clip_grad_norm_(state.model.parameters(), self.train.clip)
        if not state.scaler.is_enabled():
            state.norms += norm
        state.scaler.step(state.optimizer)
        state.scaler.update()
        state.optimizer.zero_grad(set_to_none=True)
        state.update += 1
        state.ema.update(state.model, state.update)

    def _check(self) -> None:
        """Raise LprError if anything since the start was not a number: such weights are neither saved nor measured."""
        if not self.state.finite():
            raise LprError(
                f"the {self.task.name}'s loss is not a number by step {self.state.step}: train.lr {self.train.lr} is "
                "too high for it, or an image is broken; run again with a lower one, for example "
                f"-S train.lr={self.train.lr / 4:g}"
            )

    def _save(self) -> None:
        self._check()
        self.resume.save(self.state.as_dict())

    def _end_epoch(self, speed: float) -> None:
        self._check()
        state, steps, metric = self.state, self.sampler.steps_per_epoch, self.task.metric
        number = state.step // steps
        losses = {f"train/{name}": value / steps for name, value in state.losses().items()}
        with self._autocast():
            validation = processes.from_first(lambda: self.task.validate(state.ema.model, self.compute.device))
        values = {f"val/{name}": value for name, value in validation.metrics.items()}
        epoch = {**losses, **values, "lr": float(state.optimizer.param_groups[0]["lr"]), SPEED: speed}
        self.curves.log(epoch)
        state.end_epoch(epoch, number, validation, metric)
        self._say(
            f"epoch {number}/{self.task.epochs}  loss {losses['train/loss']:.4f}  "
            f"{metric} {validation.metrics[metric]:.4f}  {speed:.0f} images/s"
        )

    def _stops_early(self) -> bool:
        if not self.train.patience or not self.state.history:
            return False
        values = [epoch[f"val/{self.task.metric}"] for epoch in self.state.history]
        return len(values) - (values.index(max(values)) + 1) >= self.train.patience

    def _between_updates(self) -> bool:
        return self.state.step % self.train.accumulation == 0 or self.state.step == len(self.sampler)

    def _autocast(self) -> AbstractContextManager[Any]:
        if self.compute.precision == "fp32":
            return nullcontext()
        return torch.autocast(self.compute.device.type, self.compute.dtype)

    @processes.first_only
    def _say(self, text: str) -> None:
        print(f"{self.task.name}: {text}", flush=True)


def _out_of_memory(error: BaseException) -> bool:
    return isinstance(error, torch.OutOfMemoryError) or "DefaultCPUAllocator: can't allocate" in str(error)
