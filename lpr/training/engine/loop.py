"""The training loop of both models."""

from __future__ import annotations

import math
import time
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

from lpr.errors import LprError
from lpr.params import Train
from lpr.training.engine import checkpoint, device
from lpr.training.engine.batches import StepSampler, loader
from lpr.training.engine.interrupt import Interrupts
from lpr.training.engine.log import SPEED, Curves, Epoch
from lpr.training.engine.schedule import Ema, rate
from lpr.training.engine.task import Task, Validation


class InterruptedTraining(Exception):  # noqa: N818 - it is no error: the state is saved
    """The training was asked to stop by a signal, and saved its state before it did."""

    def __init__(self, number: int) -> None:
        super().__init__(f"stopped by signal {number}")
        self.number = number


class Trainer:
    """Trains one model to its end, from its start or from where an interrupted run left it.

    Args:
        task: the model and its samples.
        train: section `train` of the parameters.
        seed: of the weights, the order of the samples and their augmentation.
        resume: where the state of an unfinished run lies.
        results: folder of the curves.
    """

    def __init__(self, task: Task, train: Train, seed: int, resume: checkpoint.Resume, results: Path) -> None:
        self.task, self.train, self.seed, self.resume, self.results = task, train, seed, resume, results
        self.compute = device.choose(train)
        print(f"{task.name}: training on {self.compute}", flush=True)
        torch.manual_seed(seed)
        torch.use_deterministic_algorithms(True, warn_only=True)
        # Filling fresh memory guards against reading it unwritten, and costs a tenth of the speed.
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
        self.samples = task.samples()
        self.sampler = StepSampler(len(self.samples), train.batch_size, task.epochs, seed)  # type: ignore[arg-type]
        self.updates = math.ceil(len(self.sampler) / train.accumulation)
        self.model = task.model().to(self.compute.device).to(memory_format=torch.channels_last)
        self.ema = Ema(self.model, train.ema)
        self.optimizer = torch.optim.AdamW(_groups(self.model, train.weight_decay), lr=train.lr)
        self.scaler = torch.amp.GradScaler(self.compute.device.type, enabled=self.compute.precision == "fp16")
        self.step = 0
        self.update = 0
        self.sums: dict[str, float] = {}
        self.history: list[Epoch] = []
        self.best: dict[str, Any] | None = None
        self.seconds = 0.0

    def run(self) -> dict[str, Any]:
        """Train and return the checkpoint of the best weights, in the layout that `checkpoint.FORMAT` names.

        Raises:
            InterruptedTraining: a signal came; the state is saved.
            LprError: the loss is not a number, or memory is short.
        """
        state = self.resume.load()
        if state:
            self._restore(state)
            print(f"{self.task.name}: goes on from step {self.step} of {len(self.sampler)} ({self.resume.path})")
        curves = Curves(self.results, self.history)
        curves.picture("samples.png", self.task.picture())
        try:
            with Interrupts() as interrupts:
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
        curves.finish({name: round(value, 4) for name, value in self.best["metrics"].items()})
        return self._result(self.best)

    def _epochs(self, curves: Curves, interrupts: Interrupts) -> None:
        epoch_steps = self.sampler.steps_per_epoch
        saved = time.monotonic()
        started, first = time.monotonic(), self.step
        remaining = StepSampler(self.sampler.size, self.train.batch_size, self.task.epochs, self.seed, start=self.step)
        batches = loader(self.samples, remaining, self.train.workers, self.compute.device.type == "cuda")
        bar = tqdm(total=len(self.sampler), initial=self.step, desc=self.task.name, unit="step", disable=None)
        with bar:
            for batch in batches:
                if self._stops_early():
                    break
                self._step(batch)
                bar.update()
                if self.step % epoch_steps == 0:
                    images = (self.step - first) * self.train.batch_size
                    self._end_epoch(curves, images / (time.monotonic() - started))
                    started, first = time.monotonic(), self.step
                due = time.monotonic() - saved >= self.train.checkpoint_seconds
                if self._between_updates() and (due or interrupts.received):
                    self.resume.save(self._state())
                    saved = time.monotonic()
                if interrupts.received and self._between_updates():
                    raise InterruptedTraining(interrupts.received)

    def _step(self, batch: dict[str, Tensor]) -> None:
        device, train = self.compute.device, self.train
        batch = {name: value.to(device, non_blocking=True) for name, value in batch.items()}
        with self._autocast():
            terms = self.task.loss(self.model, batch)
        # The last group of accumulated steps may be smaller.
        group = min(train.accumulation, len(self.sampler) - self.step // train.accumulation * train.accumulation)
        self.scaler.scale(terms["loss"] / group).backward()
        self.step += 1
        for name, value in terms.items():
            self.sums[name] = self.sums.get(name, 0.0) + float(value.detach())
        if not math.isfinite(self.sums["loss"]):
            raise LprError(
                f"the {self.task.name}'s loss is not a number at step {self.step}: train.lr {train.lr} is too high for "
                "it, or an image is broken; run again with a lower one, for example "
                f"-S train.lr={train.lr / 4:g}"
            )
        if not self._between_updates():
            return
        lr = train.lr * rate(self.update, self.updates, train.warmup)
        for group_of_weights in self.optimizer.param_groups:
            group_of_weights["lr"] = lr
        self.scaler.unscale_(self.optimizer)
        nn.utils.clip_grad_norm_(self.model.parameters(), train.clip)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.optimizer.zero_grad(set_to_none=True)
        self.update += 1
        self.ema.update(self.model, self.update)

    def _end_epoch(self, curves: Curves, speed: float) -> None:
        epoch = self.step // self.sampler.steps_per_epoch
        with self._autocast():
            validation = self.task.validate(self.ema.model, self.compute.device)
        losses = {f"train/{name}": value / self.sampler.steps_per_epoch for name, value in self.sums.items()}
        values = {f"val/{name}": value for name, value in validation.metrics.items()}
        lr = float(self.optimizer.param_groups[0]["lr"])
        self.history.append({**losses, **values, "lr": lr, SPEED: speed})
        self.sums = {}
        curves.log(self.history[-1])
        self._keep_if_best(epoch, validation)
        metric = self.task.metric
        print(
            f"{self.task.name}: epoch {epoch}/{self.task.epochs}  loss {losses['train/loss']:.4f}  "
            f"{metric} {validation.metrics[metric]:.4f}  {speed:.0f} images/s",
            flush=True,
        )

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
            "sums": self.sums,
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
        self.sums, self.history, self.best = state["sums"], state["history"], state["best"]
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
