"""Contestants of the training benchmark: the real loop, its steps alone, and bare steps; each measured in steady state.

The loop prepares batches ahead. Whatever lies in its queue when the clock starts was prepared for nothing, and would
flatter it. So each of its turns is a training of its own: its first steps are not counted, until queue and consumption
are in balance, and when the clock stops it is still preparing. Its processes are gone before another's turn.
"""

from __future__ import annotations

import gc
import itertools
import multiprocessing
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from torch import Tensor, nn

from benchmarks.busy import Kernels
from benchmarks.long_epochs import Lengthened
from benchmarks.processor_use import Clock, Seldom, Use
from lpr.base.errors import LprError
from lpr.records.params import Train
from lpr.training.engine.batches import loader
from lpr.training.engine.checkpoint import Resume
from lpr.training.engine.loop import Trainer
from lpr.training.engine.task import Task

Batch = dict[str, Tensor]

SETTLING = 24
"""Steps of the loop that are not counted: three times what two processes prepare ahead."""
WARMUP = 4
"""Steps of the others that are not counted."""
PROFILED = 24
"""Further steps of the loop in which a GPU's kernels are recorded, which slows them."""
KEPT = 4
"""Different batches that are held in memory."""


class _Left(Exception):  # noqa: N818 - it is no error
    """The loop was left after its last step."""


class Quiet(Trainer):
    """A training that says nothing: it is one of many."""

    def _say(self, text: str) -> None:
        pass


class Loop(Quiet):
    """The real loop with all that belongs to it: queue, augmentation, statistics, clipping, averaging, progress bar.

    Args:
        task: the model and its samples.
        train: section `train` of the parameters.
        folder: of its state and curves.
        steps: to measure.
    """

    def __init__(self, task: Task, train: Train, folder: Path, steps: int) -> None:
        self.steps, self.waited = steps, 0.0
        self.clock: Clock | None = None
        self.kernels: Kernels | None = None
        # Beyond the last step too the queue is filled as ever.
        length = SETTLING + steps + PROFILED + 8 * max(train.workers, 1)
        # What comes once a minute or once an epoch would fall into some turns and not into others: see `seldom`.
        train = train.model_copy(update={"checkpoint_seconds": 1e9, "patience": 0})
        super().__init__(
            Lengthened(task, length * train.batch_size),
            train,
            0,
            Resume(folder, "loop", "benchmark"),
            folder / "curves",
        )

    def measure(self) -> Use:
        """Train, and return what a step took."""
        try:
            self.run()
        except _Left:
            pass
        else:
            raise LprError(f"{self.task.name}: the training ended before {self.steps} steps were measured")
        # The queue's processes end with the frames that held it.
        gc.collect()
        if left := multiprocessing.active_children():
            raise LprError(f"{self.task.name}: {len(left)} processes still prepare batches after their turn")
        return self.found

    def seldom(self) -> Seldom:
        """Return what saving the state and the end of an epoch take; after `measure`."""
        start = time.perf_counter()
        self._save()
        saved = time.perf_counter()
        self._end_epoch(0.0)
        ended = time.perf_counter() - saved
        # The next turn is to start anew, not to go on from here.
        self.resume.forget()
        return Seldom(saved - start, ended - self.task.validating, self.task.validating)

    def _batches(self) -> Iterator[Batch]:
        batches = super()._batches()
        while True:
            start = time.perf_counter()
            batch = next(batches, None)
            self.waited += time.perf_counter() - start
            if batch is None:
                return
            yield batch

    def _step(self, batch: Batch) -> None:
        super()._step(batch)
        step = self.state.step
        if step == SETTLING:
            self.waited, self.clock = 0.0, Clock(self.compute.device)
        elif step == SETTLING + self.steps:
            assert self.clock is not None
            self.found = self.clock.use(self.steps, self.waited)
            if self.compute.device.type != "cuda":
                raise _Left
            self.kernels = Kernels()
        elif self.kernels and step == SETTLING + self.steps + PROFILED:
            self.found = Use(**{**vars(self.found), "busy": self.kernels.share()})
            raise _Left


class Steps:
    """Steps on tensors that are on the device already: bare ones, or the loop's own.

    Args:
        task: the model and its samples.
        train: section `train` of the parameters.
        folder: of a state and curves that are not written.
        most: steps that are measured at once.
    """

    def __init__(self, task: Task, train: Train, folder: Path, most: int) -> None:
        longer = Lengthened(task, (WARMUP + most) * train.batch_size)
        self.trainer = trainer = Quiet(longer, train, 0, Resume(folder, "steps", "benchmark"), folder / "curves")
        device = trainer.compute.device
        batches = itertools.islice(loader(trainer.samples, trainer.sampler, 0, pin=False), KEPT)
        self.batches = itertools.cycle([{name: value.to(device) for name, value in b.items()} for b in batches])

    def bare(self, steps: int) -> Use:
        """Forward, backward and the optimizer's step, nothing else."""
        return self._measure(self._bare, steps)

    def own(self, steps: int) -> Use:
        """The loop's steps: with statistics, clipping, the rate's schedule and the averaged weights."""
        return self._measure(self.trainer._step, steps)

    def _bare(self, batch: Batch) -> None:
        state = self.trainer.state
        with self.trainer._autocast():
            loss = state.objective(batch)["loss"]
        state.scaler.scale(loss).backward()
        state.scaler.step(state.optimizer)
        state.scaler.update()
        state.optimizer.zero_grad(set_to_none=True)

    def _measure(self, step: Callable[[Batch], None], steps: int) -> Use:
        self.trainer.state.step = self.trainer.state.update = 0
        for batch in itertools.islice(self.batches, WARMUP):
            step(batch)
        clock = Clock(self.trainer.compute.device)
        for batch in itertools.islice(self.batches, steps):
            step(batch)
        return clock.use(steps)

    def parts(self, times: int = 20) -> dict[str, float]:
        """Return the seconds of processors of what the loop adds to each bare step, by name."""
        state = self.trainer.state
        with self.trainer._autocast():
            terms = state.objective(next(self.batches))
        state.scaler.scale(terms["loss"]).backward()
        parameters = list(state.model.parameters())
        added = {
            "averaging weights": lambda: state.ema.update(state.model, 100),
            "clipping": lambda: nn.utils.clip_grad_norm_(parameters, self.trainer.train.clip),
        }
        found = {}
        for name, act in added.items():
            act()
            start = time.process_time()
            for _ in range(times):
                act()
            found[name] = (time.process_time() - start) / times
        state.optimizer.zero_grad(set_to_none=True)
        return found
