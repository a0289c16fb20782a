"""How far the OCR's confidence has to be stretched or pressed to be right as often as it says."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lpr.ocr.decoding import decode

_TEMPERATURES = np.exp(np.linspace(np.log(0.25), np.log(4.0), 49))
_LEAST_DOUBT = 1e-4
"""A probability of 0 or 1 that is wrong would outweigh everything else."""


def best_temperature(logits: NDArray[np.float32], right: NDArray[np.bool_]) -> float:
    """Return the temperature under which the plate's confidence best predicts whether the reading is right.

    The log-loss of the lowest character's probability against right or wrong is least (Guo et al. 2017, "On Calibration
    of Modern Neural Networks", there for classifiers). A temperature never changes what is read.

    Args:
        logits: `(N, T, 36)` of the validation crops, at temperature 1.
        right: `(N,)`, whether each was read exactly.

    Returns:
        In [0.25, 4]; 1 when all or none are right, which says nothing of doubt.
    """
    if right.all() or not right.any():
        return 1.0
    losses = []
    for temperature in _TEMPERATURES:
        sure = np.array([decode(steps / temperature).confidence for steps in logits])
        sure = sure.clip(_LEAST_DOUBT, 1 - _LEAST_DOUBT)
        losses.append(-np.where(right, np.log(sure), np.log1p(-sure)).mean())
    return float(_TEMPERATURES[int(np.argmin(losses))])
