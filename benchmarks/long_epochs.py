"""A task of the training loop with epochs as long as a measurement needs."""

from __future__ import annotations

import time
from typing import Any

import torch
from torch import nn
from torch.utils.data import Dataset

from lpr.training.engine.task import Task, Validation


class Repeated(Dataset[Any]):
    """A task's samples over and over, augmented anew each time, so that one epoch is long enough."""

    def __init__(self, samples: Any, least: int) -> None:
        self.samples, self.times = samples, -(-least // len(samples))

    def __len__(self) -> int:
        return len(self.samples) * self.times

    def __getitem__(self, key: tuple[int, int]) -> Any:
        epoch, index = key
        return self.samples[(epoch * self.times + index // len(self.samples), index % len(self.samples))]


class Lengthened:
    """A task with an epoch of at least so many samples, which times its validation."""

    def __init__(self, task: Task, least: int) -> None:
        self._task, self._least = task, least
        self.validating = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._task, name)

    def samples(self) -> Repeated:
        """Return the lengthened samples."""
        return Repeated(self._task.samples(), self._least)

    def validate(self, model: nn.Module, device: torch.device) -> Validation:
        """Validate."""
        start = time.perf_counter()
        found = self._task.validate(model, device)
        self.validating = time.perf_counter() - start
        return found
