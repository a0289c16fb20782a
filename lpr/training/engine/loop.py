"""The training loop of both models."""

from __future__ import annotations

import math
import os
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

from lpr.base.errors import LprError
from lpr.records.params import Train
from lpr.training.engine import checkpoint, device, processes
from lpr.training.engine.batches import StepSampler, loader
from lpr.training.engine.interrupt import Interrupts
from lpr.training.engine.log import SPEED, Curves, Epoch
from lpr.training.engine.schedule import Ema, rate
from lpr.training.engine.start import Start
from lpr.training.engine.task import Task, Validation

_CHECKED = 10
"""Steps between looks at the loss: each waits for the GPU."""


class InterruptedTraining(Exception):  # noqa: N818 - it is no error: the state is saved
    """The training was asked to stop by a signal, and saved its state before it did."""

    def __init__(self, number: int) -> None:
        super().__init__(f"stopped by signal {number}")
        self.number = number


class Objective(nn.Module):
    """A model and its loss as one module, as torch needs it to train in several processes."""

    def __init__(self, task: Task, model: nn.Module) -> None:
        super().__init__()
        self.task, self.model = task, model

    def forward(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Return the terms of the loss."""
        return self.task.loss(self.model, batch)


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
        self,
        task: Task,
        train: Train,
        seed: int,
        resume: checkpoint.Resume,
        results: Path,
        start: Start | None = None,
    ) -> None:
        self.task, self.train, self.seed, self.resume, self.results = task, train, seed, resume, results
        self.start = start
        self.compute = device.choose(train)
        self.leads = processes.rank() == 0
        if train.batch_size < processes.size():
            raise LprError(
                f"params.yaml: train.batch_size is {train.batch_size}, fewer than the {processes.size()} processes "
                "that train together: raise it, or start fewer"
            )
        together = f", {processes.size()} processes" if processes.size() > 1 else ""
        why = f"; {self.compute.why}" if self.compute.why else ""
        self._say(f"training on {self.compute}{together}{why}")
        torch.use_deterministic_algorithms(True, warn_only=True)
        # Filling fresh memory guards against reading it unwritten, and costs a tenth of the speed.
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
        self.samples = task.samples()
        self.sampler = StepSampler(len(self.samples), train.batch_size, task.epochs, seed)  # type: ignore[arg-type]
        self.updates = math.ceil(len(self.sampler) / train.accumulation)
        self._begin()

    def _begin(self) -> None:
        """Take the state at which a training starts."""
        task, train = self.task, self.train
        torch.manual_seed(self.seed)
        model = task.model()
        if self.start:
            new = self.start.load_into(model)
            self._say(f"starts from {self.start.path}" + (f"; new: {', '.join(new)}" if new else ""))
        self.model = model.to(self.compute.device).to(memory_format=torch.channels_last)
        self.ema = Ema(self.model, train.ema)
        self.objective = processes.replicate(Objective(task, self.model), self.compute.device)
        # On the CPU the fused update gives other bits, on every kind of CPU others again, and saves next to nothing.
        fused = self.compute.device.type == "cuda"
        self.optimizer = torch.optim.AdamW(_groups(self.model, train.weight_decay), lr=train.lr, fused=fused)
        self.scaler = torch.amp.GradScaler(self.compute.device.type, enabled=self.compute.precision == "fp16")
        self.step = 0
        self.update = 0
        self.terms: list[str] = []
        self.sums = torch.zeros(0, dtype=torch.float64, device=self.compute.device)
        self.norms = torch.zeros((), device=self.compute.device)
        self.history: list[Epoch] = []
        self.best: dict[str, Any] | None = None

    def run(self) -> dict[str, Any]:
        """Train and return the checkpoint of the best weights, in the layout that `checkpoint.FORMAT` names.

        Raises:
            InterruptedTraining: a signal came; the state is saved.
            LprError: the loss is not a number, or memory is short.
        """
        state = processes.from_first(self.resume.load() if self.leads else None)
        if state:
            try:
                self._restore(state)
                self._say(f"goes on from step {self.step} of {len(self.sampler)} ({self.resume.path})")
            except (KeyError, ValueError, TypeError, AttributeError, RuntimeError) as error:  # of another layout
                if self.leads:
                    self.resume.set_aside(error)
                self._begin()
        curves = None
        if self.leads:
            curves = Curves(self.results, self.history)
            curves.picture("samples.png", self.task.picture())
        try:
            # Under DVC or torch's launcher, which may be killed: another run would soon do the same work again.
            with Interrupts(supervised=processes.size() > 1 or "DVC_STAGE" in os.environ) as interrupts:
                self._epochs(curves, interrupts)
        except (torch.OutOfMemoryError, RuntimeError) as error:
            if not _out_of_memory(error):
                raise
            raise LprError(
                f"out of memory on {self.compute} with train.batch_size {self.train.batch_size}: run again with "
                f"-S train.batch_size={max(1, self.train.batch_size // 2)} "
                f"-S train.accumulation={self.train.accumulation * 2}, which trains the same"
            ) from error
        assert self.best is not None  # every run has at least one epoch, and each is validated
        if curves:
            curves.finish({name: round(value, 4) for name, value in self.best["metrics"].items()})
        return self._result(self.best)

    def _epochs(self, curves: Curves | None, interrupts: Interrupts) -> None:
        epoch_steps = self.sampler.steps_per_epoch
        saved = time.monotonic()
        started, first = time.monotonic(), self.step
        remaining = StepSampler(self.sampler.size, self.train.batch_size, self.task.epochs, self.seed, start=self.step)
        batches = loader(self.samples, remaining, self.train.workers, self.compute.device.type == "cuda")
        hidden = None if self.leads else True
        bar = tqdm(total=len(self.sampler), initial=self.step, desc=self.task.name, unit="step", disable=hidden)
        with bar:
            for batch in self._fetched(batches):
                if self._stops_early():
                    break
                self._step(batch)
                bar.update()
                if self.step % epoch_steps == 0:
                    images = (self.step - first) * self.train.batch_size
                    self._end_epoch(curves, images / (time.monotonic() - started))
                    started, first = time.monotonic(), self.step
                if not self._between_updates():
                    continue
                due = self.leads and time.monotonic() - saved >= self.train.checkpoint_seconds
                stopped, save = processes.agree(interrupts.received or 0, int(due))
                if stopped or save:
                    self._save()
                    saved = time.monotonic()
                if stopped:
                    raise InterruptedTraining(stopped)

    def _fetched(self, batches: Iterable[dict[str, Tensor]]) -> Iterator[dict[str, Tensor]]:
        """Yield the batches; raise LprError, the state saved, if a process that prepares them died."""
        iterator = iter(batches)
        # torch reports such a death from a signal handler, in the middle of anything; next() finds it as well.
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        while True:
            try:
                batch = next(iterator)
            except StopIteration:
                return
            except (RuntimeError, ConnectionError, EOFError) as error:
                if isinstance(error, RuntimeError) and not str(error).startswith("DataLoader worker"):
                    raise
                if self._between_updates() and processes.size() == 1:
                    self._save()
                raise LprError(
                    f"{self.task.name}: a process that prepares images was killed ({error}); most often memory or "
                    "/dev/shm is short: close other programs or lower train.workers, then run `dvc repro`, which goes "
                    "on from the saved state"
                ) from error
            yield batch

    def _step(self, batch: dict[str, Tensor]) -> None:
        device, train = self.compute.device, self.train
        batch = {name: value.to(device, non_blocking=True) for name, value in batch.items()}
        # The last group of accumulated steps may be smaller.
        group = min(train.accumulation, len(self.sampler) - self.step // train.accumulation * train.accumulation)
        self.step += 1
        updates = self._between_updates()
        with nullcontext() if updates else processes.alone(self.objective):
            with self._autocast():
                terms = self.objective(batch)
            # The processes' parts of the loss add up, while their gradients are averaged.
            self.scaler.scale(terms["loss"] * processes.size() / group).backward()
        values = torch.stack([value.detach() for value in terms.values()]).double()
        self.terms = list(terms)
        self.sums = self.sums + values if len(self.sums) else values
        if updates:
            self._update()
        if self.step % _CHECKED == 0:
            self._check()

    def _update(self) -> None:
        lr = self.train.lr * rate(self.update, self.updates, self.train.warmup)
        for group_of_weights in self.optimizer.param_groups:
            group_of_weights["lr"] = lr
        self.scaler.unscale_(self.optimizer)
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), self.train.clip)
        if not self.scaler.is_enabled():
            self.norms += norm
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.optimizer.zero_grad(set_to_none=True)
        self.update += 1
        self.ema.update(self.model, self.update)

    def _check(self) -> None:
        """Raise LprError if anything since the start was not a number: such weights are neither saved nor measured."""
        if not (self.sums.sum() + self.norms).isfinite():
            raise LprError(
                f"the {self.task.name}'s loss is not a number by step {self.step}: train.lr {self.train.lr} is too "
                "high for it, or an image is broken; run again with a lower one, for example "
                f"-S train.lr={self.train.lr / 4:g}"
            )

    def _save(self) -> None:
        self._check()
        self._add_up()
        if self.leads:
            self.resume.save(self._state())

    def _add_up(self) -> None:
        """Bring what the processes' losses come to so far to the first one."""
        self.sums = processes.total(self.sums)
        if not self.leads:
            self.sums = torch.zeros_like(self.sums)

    def _end_epoch(self, curves: Curves | None, speed: float) -> None:
        self._check()
        self._add_up()
        epoch = self.step // self.sampler.steps_per_epoch
        validation = None
        if self.leads:
            with self._autocast():
                validation = self.task.validate(self.ema.model, self.compute.device)
        validation = processes.from_first(validation)
        assert validation is not None
        sums = zip(self.terms, self.sums.tolist(), strict=True)
        losses = {f"train/{name}": value / self.sampler.steps_per_epoch for name, value in sums}
        values = {f"val/{name}": value for name, value in validation.metrics.items()}
        lr = float(self.optimizer.param_groups[0]["lr"])
        self.history.append({**losses, **values, "lr": lr, SPEED: speed})
        self.sums = torch.zeros_like(self.sums)
        if curves:
            curves.log(self.history[-1])
        self._keep_if_best(epoch, validation)
        metric = self.task.metric
        self._say(
            f"epoch {epoch}/{self.task.epochs}  loss {losses['train/loss']:.4f}  "
            f"{metric} {validation.metrics[metric]:.4f}  {speed:.0f} images/s"
        )

    def _say(self, text: str) -> None:
        if self.leads:
            print(f"{self.task.name}: {text}", flush=True)

    def _keep_if_best(self, epoch: int, validation: Validation) -> None:
        value = validation.metrics[self.task.metric]
        # Of equal ones the later is kept: its average has seen more.
        if self.best is None or value >= self.best["metrics"][self.task.metric]:
            self.best = {
                "epoch": epoch,
                "metrics": dict(validation.metrics),
                "settings": dict(validation.settings),
                "weights": {n: v.detach().cpu().clone() for n, v in self.ema.model.state_dict().items()},
            }

    def _stops_early(self) -> bool:
        if not self.train.patience or not self.history:
            return False
        values = [epoch[f"val/{self.task.metric}"] for epoch in self.history]
        return len(values) - (values.index(max(values)) + 1) >= self.train.patience

    def _between_updates(self) -> bool:
        return self.step % self.train.accumulation == 0 or self.step == len(self.sampler)

    def _autocast(self) -> AbstractContextManager[Any]:
        if self.compute.precision == "fp32":
            return nullcontext()
        return torch.autocast(self.compute.device.type, self.compute.dtype)

    def _state(self) -> dict[str, Any]:
        return {
            "step": self.step,
            "update": self.update,
            "sums": dict(zip(self.terms, self.sums.tolist(), strict=True)),
            "history": self.history,
            "best": self.best,
            "model": self.model.state_dict(),
            "ema": self.ema.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scaler": self.scaler.state_dict(),
            "random": torch.get_rng_state(),
        }

    def _restore(self, state: dict[str, Any]) -> None:
        self.step, self.update = state["step"], state["update"]
        self.history, self.best = state["history"], state["best"]
        self.terms = list(state["sums"])
        self.sums = torch.tensor(list(state["sums"].values()), dtype=torch.float64, device=self.compute.device)
        if not self.leads:
            self.sums.zero_()
        self.model.load_state_dict(state["model"])
        self.ema.model.load_state_dict(state["ema"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.scaler.load_state_dict(state["scaler"])
        torch.set_rng_state(state["random"])

    def _result(self, best: dict[str, Any]) -> dict[str, Any]:
        return {
            "format": checkpoint.FORMAT,
            "kind": self.task.name,
            "arguments": dict(self.model.arguments),  # type: ignore[arg-type]
            "weights": best["weights"],
            "input_size": list(self.task.input_size),
            "alphabet": self.task.alphabet,
            "settings": best["settings"],
            "metrics": best["metrics"],
            "provenance": {
                "device": f"{self.compute.device.type} ({self.compute.name})",
                "precision": self.compute.precision,
                "torch": str(torch.__version__),
                "seed": self.seed,
                "start_sha256": self.start.sha256 if self.start else None,
                "epoch": best["epoch"],
                "epochs": self.task.epochs,
                "data": self.task.data,
            },
        }


def _groups(model: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Return parameter groups: matrices and kernels decay, biases, norms and positions do not."""
    decayed = [p for p in model.parameters() if p.ndim >= 2 and p.shape[0] > 1]
    kept = [p for p in model.parameters() if not (p.ndim >= 2 and p.shape[0] > 1)]
    return [{"params": decayed, "weight_decay": weight_decay}, {"params": kept, "weight_decay": 0.0}]


def _out_of_memory(error: BaseException) -> bool:
    return isinstance(error, torch.OutOfMemoryError) or "DefaultCPUAllocator: can't allocate" in str(error)
