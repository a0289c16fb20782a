"""What a model brings to the training loop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import Dataset

from lpr.base.errors import LprError


class NothingToLearnError(LprError):
    """The data set holds nothing that trains a model; the message names the split, what is missing, and the cure."""


@dataclass(frozen=True)
class Validation:
    """What a validation found.

    Attributes:
        metrics: name to value; all finite.
        settings: what the recogniser needs to know beside the weights, chosen on the validation split.
    """

    metrics: dict[str, float]
    settings: dict[str, float]


class Task(Protocol):
    """A model, its samples and what is wanted of it.

    Attributes:
        name: `detector` or `ocr`.
        metric: the validation metric by which the best weights are chosen; higher is better.
        epochs: passes over the training samples.
        input_size: height and width of the model's input in pixels.
        alphabet: characters that the model's classes stand for, None where it has none.
        data: fingerprint of the samples.
    """

    name: str
    metric: str
    epochs: int
    input_size: tuple[int, int]
    alphabet: str | None
    data: str

    def model(self) -> nn.Module:
        """Return a new model; its attribute `arguments` rebuilds it."""
        ...

    def samples(self) -> Dataset[Any]:
        """Return the training samples: a map from `(epoch, index)` to tensors that a batch collates."""
        ...

    def loss(self, model: nn.Module, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Return scalars by name; `loss` is what is minimised."""
        ...

    def validate(self, model: nn.Module, device: torch.device) -> Validation:
        """Measure a model in evaluation mode on the validation split."""
        ...

    def picture(self) -> NDArray[np.uint8]:
        """Return a picture `(H, W, 3)` RGB of training samples as the model sees them."""
        ...
