"""How far the OCR's confidence has to be stretched or pressed to be right as often as it says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lpr.decoding.ctc import Reading, decode
from lpr.decoding.voting import SURE, vote

LEAST, MOST = 0.25, 4.0
"""Temperatures beyond these mean that the validation split says nothing."""
_HALVINGS = 12


def read(cuts: NDArray[np.float32], temperature: float = 1.0) -> list[Reading]:
    """Read plates as the recogniser does: the first cut alone where it is sure, else the vote of all cuts.

    Args:
        cuts: `(C, N, T, 36)` log-odds at temperature 1 of each plate's cuts, the usual one first.
        temperature: what they are divided by.
    """
    readings = []
    for first, *others in zip(*cuts, strict=True):
        reading = decode(first / temperature)
        if reading.confidence < SURE:
            reading = vote([reading, *(decode(steps / temperature) for steps in others)])
        readings.append(reading)
    return readings


def best_temperature(cuts: NDArray[np.float32], truths: Sequence[str]) -> float:
    """Return the temperature at which the mean confidence is the share of plates that are read right.

    Temperature scaling is due to Guo et al. 2017, "On Calibration of Modern Neural Networks". They choose it by the
    log-loss, which a few sure errors decide where a validation split has hundreds of plates; they hardly move the mean.

    Args:
        cuts: see `read`.
        truths: what each plate says.

    Returns:
        In [0.25, 4]; 1 when all or none are read right, which says nothing of doubt.
    """
    right = np.mean([reading.text == truth for reading, truth in zip(read(cuts), truths, strict=True)])
    if right in (0.0, 1.0):
        return 1.0
    low, high = np.log(LEAST), np.log(MOST)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        # A higher temperature makes every reading less sure.
        if np.mean([reading.confidence for reading in read(cuts, float(np.exp(middle)))]) > right:
            low = middle
        else:
            high = middle
    return float(np.exp((low + high) / 2))
