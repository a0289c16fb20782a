"""All that changes while a model trains, as one object that is saved and restored."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from lpr.records.params import Train
from lpr.training.engine import processes
from lpr.training.engine.device import Compute
from lpr.training.engine.log import Epoch
from lpr.training.engine.schedule import Ema
from lpr.training.engine.task import Task, Validation


class Objective(nn.Module):
    """A model and its loss as one module, as torch needs it to train in several processes."""

    def __init__(self, task: Task, model: nn.Module) -> None:
        super().__init__()
        self.task, self.model = task, model

    def forward(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Return the terms of the loss."""
        return self.task.loss(self.model, batch)


class State:
    """The state of a training, made as it is before the first step; all processes that train together hold the same.

    `history` is what was logged of each epoch, `best` what is kept of the best one. `sums` is this process's part of
    the loss's `terms`, added up over the epoch; `norms` adds up the gradients', to tell whether they were numbers.
    """

    def __init__(self, task: Task, model: nn.Module, train: Train, compute: Compute) -> None:
        self.model = model.to(compute.device).to(memory_format=torch.channels_last)
        self.ema = Ema(self.model, train.ema)
        self.objective = processes.replicate(Objective(task, self.model), compute.device)
        # On the CPU the fused update gives other bits, on every kind of CPU others again, and saves next to nothing.
        fused = compute.device.type == "cuda"
        self.optimizer = torch.optim.AdamW(_groups(self.model, train.weight_decay), lr=train.lr, fused=fused)
        self.scaler = torch.amp.GradScaler(compute.device.type, enabled=compute.precision == "fp16")
        self.step = 0
        self.update = 0
        self.terms: list[str] = []
        self.sums = torch.zeros(0, dtype=torch.float64, device=compute.device)
        self.norms = torch.zeros((), device=compute.device)
        self.history: list[Epoch] = []
        self.best: dict[str, Any] | None = None

    def add(self, terms: dict[str, Tensor]) -> None:
        """Add the terms of a step's loss to those of its epoch."""
        values = torch.stack([value.detach() for value in terms.values()]).double()
        self.terms = list(terms)
        self.sums = self.sums + values if len(self.sums) else values

    def losses(self) -> dict[str, float]:
        """Return the terms of the loss, added up over this epoch's steps; all processes ask for them together."""
        self.sums = processes.to_first(self.sums)
        return dict(zip(self.terms, self.sums.tolist(), strict=True))

    def finite(self) -> bool:
        """Return whether all losses of this epoch and all gradients so far were numbers."""
        return bool((self.sums.sum() + self.norms).isfinite())

    def end_epoch(self, epoch: Epoch, number: int, validation: Validation, metric: str) -> None:
        """Take in what is logged of an epoch, and its averaged weights unless one before was better by `metric`."""
        self.history.append(epoch)
        self.sums = torch.zeros_like(self.sums)
        # Of equal ones the later is kept: its average has seen more.
        if self.best is None or validation.metrics[metric] >= self.best["metrics"][metric]:
            self.best = {
                "epoch": number,
                "metrics": dict(validation.metrics),
                "settings": dict(validation.settings),
                "weights": {n: v.detach().cpu().clone() for n, v in self.ema.model.state_dict().items()},
            }

    def as_dict(self) -> dict[str, Any]:
        """Return the state as tensors and plain values; all processes ask for it together."""
        return {
            "step": self.step,
            "update": self.update,
            "sums": self.losses(),
            "history": self.history,
            "best": self.best,
            "model": self.model.state_dict(),
            "ema": self.ema.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scaler": self.scaler.state_dict(),
            "random": torch.get_rng_state(),
        }

    def restore(self, saved: dict[str, Any]) -> None:
        """Take over what `as_dict` returned. One of another layout raises any error and leaves a state of no use."""
        self.step, self.update = saved["step"], saved["update"]
        self.history, self.best = saved["history"], saved["best"]
        self.terms = list(saved["sums"])
        self.sums = self.sums.new_tensor(list(saved["sums"].values()))
        if processes.rank() > 0:  # the first one has what all had added up
            self.sums.zero_()
        self.model.load_state_dict(saved["model"])
        self.ema.model.load_state_dict(saved["ema"])
        self.optimizer.load_state_dict(saved["optimizer"])
        self.scaler.load_state_dict(saved["scaler"])
        torch.set_rng_state(saved["random"])


def _groups(model: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Return parameter groups: matrices and kernels decay, biases, norms and positions do not."""
    decayed = [p for p in model.parameters() if p.ndim >= 2 and p.shape[0] > 1]
    kept = [p for p in model.parameters() if not (p.ndim >= 2 and p.shape[0] > 1)]
    return [{"params": decayed, "weight_decay": weight_decay}, {"params": kept, "weight_decay": 0.0}]
