"""The least task that a training loop can train."""

from __future__ import annotations

import time

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from lpr.training.engine.task import Validation


class Slow(Dataset[dict[str, Tensor]]):
    """Samples that take a while to prepare, asleep or at work."""

    def __init__(self, asleep: float, working: float) -> None:
        self.asleep, self.working = asleep, working

    def __len__(self) -> int:
        return 3

    def __getitem__(self, key: tuple[int, int]) -> dict[str, Tensor]:
        time.sleep(self.asleep)
        until = time.process_time() + self.working
        while time.process_time() < until:
            pass
        return {"x": torch.full((2,), float(sum(key)))}


class Plain:
    """The least task that a loop can train."""

    name, metric, epochs, input_size, alphabet, data = "plain", "score", 1, (1, 2), None, "0"

    def __init__(self, asleep: float = 0.0, working: float = 0.0) -> None:
        self.made = Slow(asleep, working)

    def model(self) -> nn.Module:
        layer = nn.Linear(2, 1)
        layer.arguments = {}
        return layer

    def samples(self) -> Slow:
        return self.made

    def loss(self, model: nn.Module, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        return {"loss": (model(batch["x"]) - 1).square().mean()}

    def validate(self, model: nn.Module, device: torch.device) -> Validation:
        time.sleep(0.1)
        return Validation({"score": 0.5}, {})

    def picture(self) -> np.ndarray:
        return np.zeros((4, 4, 3), np.uint8)
