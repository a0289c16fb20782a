"""Temperature scaling of the OCR: the temperature at which its mean confidence is its accuracy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from lpr.decoding.reading import margins, read_cuts
from lpr.exporting.checkpoint import Checkpoint
from lpr.exporting.crop_inputs import crop_input, spread_crops
from lpr.plate.crop import as_batch
from lpr.world.grammar import Grammar

LEAST, MOST = 0.25, 4.0
"""Temperatures beyond these mean that the validation split says nothing."""
PLATES = 1024
"""Plates, at most, that the temperature is set by."""
CLOSE = 0.001
"""How near confidence and accuracy have to come to each other."""
_HALVINGS = 10
_AT_ONCE = 32


@dataclass(frozen=True)
class TemperatureFit:
    """What a temperature does to the readings of the validation crops.

    Attributes:
        temperature: what the log-odds are divided by.
        confidence, accuracy: means in [0, 1] at this temperature; 0 without plates.
        plates: how many were read.
    """

    temperature: float
    confidence: float
    accuracy: float
    plates: int


def with_temperature(checkpoint: Checkpoint, data: Path) -> tuple[Checkpoint, TemperatureFit]:
    """Return an OCR's checkpoint with the temperature at which it is as confident as it is right.

    It is set by what the recogniser reads of the validation crops: all cuts, and the formats of the world's plates.

    Args:
        checkpoint: of the OCR; its own temperature does not matter.
        data: the data folder. Without a validation plate with text the temperature is 1.
    """
    crops = spread_crops(data, "val", PLATES)
    margin = checkpoint.card.settings["margin"]
    # Of the log-odds at temperature 1.
    checkpoint = _set(checkpoint, 1.0)
    if not crops:
        return checkpoint, TemperatureFit(1.0, 0.0, 0.0, 0)
    module = checkpoint.module()
    cuts = [_logits(module, as_batch([crop_input(crop, m) for crop in crops])) for m in (margin, *margins(margin))]
    found = best_temperature(np.stack(cuts, axis=1), [crop.text for crop in crops], Grammar())
    return _set(checkpoint, found.temperature), found


def best_temperature(plates: NDArray[np.float32], truths: Sequence[str], grammar: Grammar) -> TemperatureFit:
    """Return the temperature at which the mean confidence is the share of plates that are read right.

    Temperature scaling is due to Guo et al. 2017, "On Calibration of Modern Neural Networks". They choose it by the
    log-loss, which a few sure errors decide where a validation split has hundreds of plates; they hardly move the mean.

    Args:
        plates: `(N, C, T, 36)` log-odds at temperature 1 of each plate's cuts, the usual one first.
        truths: what each plate says.
        grammar: that the readings are made with.

    Returns:
        A temperature in [0.25, 4]; 1 when all or none are read right, which says nothing of doubt.
    """

    def measure(temperature: float) -> TemperatureFit:
        readings = [read_cuts(list(cuts / temperature), grammar) for cuts in plates]
        right = np.mean([reading.text == truth for reading, truth in zip(readings, truths, strict=True)])
        return TemperatureFit(temperature, float(np.mean([r.confidence for r in readings])), float(right), len(truths))

    found = measure(1.0)
    if found.accuracy in (0.0, 1.0):
        return found
    low, high = np.log(LEAST), np.log(MOST)
    for _ in range(_HALVINGS):
        found = measure(float(np.exp((low + high) / 2)))
        if abs(found.confidence - found.accuracy) < CLOSE:
            break
        # A higher temperature makes every reading less sure.
        if found.confidence > found.accuracy:
            low = np.log(found.temperature)
        else:
            high = np.log(found.temperature)
    return found


def _set(checkpoint: Checkpoint, temperature: float) -> Checkpoint:
    weights = {**checkpoint.value["weights"], "temperature": torch.tensor(temperature)}
    return replace(checkpoint, value={**checkpoint.value, "weights": weights})


@torch.inference_mode()
def _logits(module: torch.nn.Module, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
    parts = [module(torch.from_numpy(inputs[start : start + _AT_ONCE])) for start in range(0, len(inputs), _AT_ONCE)]
    return torch.cat(parts).numpy()
