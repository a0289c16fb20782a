"""From the OCR's output to text and confidence. numpy only: the deployed recogniser has no torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lpr.plate.text import ALPHABET

BLANK = 0
"""Class of "no character", CTC's blank, among the 37; class `i + 1` is the alphabet's character `i`."""


@dataclass(frozen=True)
class Reading:
    """What the OCR read from one crop.

    Attributes:
        text: the characters, `""` when none was found.
        chars: a probability in [0, 1] for each of them.
        confidence: the lowest of these, 0 for an empty text.
    """

    text: str
    chars: tuple[float, ...]
    confidence: float


def probabilities(logits: ArrayLike) -> NDArray[np.float32]:
    """Return the 37-way softmax of `(..., T, 36)` log-odds against "no character", whose own logit is 0.

    Returns:
        `(..., T, 37)`, rows adding up to 1; index 0 is "no character".
    """
    values = np.asarray(logits, np.float32)
    full = np.concatenate([np.zeros((*values.shape[:-1], 1), np.float32), values], axis=-1)
    full -= full.max(axis=-1, keepdims=True)
    np.exp(full, out=full)
    return full / full.sum(axis=-1, keepdims=True)


def decode(logits: ArrayLike) -> Reading:
    """Return the best path's reading of one crop's `(T, 36)` logits.

    A character's probability is the highest that its class reaches in its run of time steps. An output that holds
    NaN reads as nothing.
    """
    steps = np.asarray(logits, np.float32)
    if steps.ndim != 2 or steps.shape[1] != len(ALPHABET):
        raise ValueError(f"logits have shape {np.shape(logits)}, expected (T, {len(ALPHABET)})")
    best = steps.argmax(axis=1)
    # "No character" has the logit 0, and wins a tie.
    highest = np.maximum(steps.max(axis=1), 0)
    # Of the 37-way softmax only each step's largest probability is needed: exp(0) / total.
    total = np.exp(-highest) + np.exp(steps - highest[:, None]).sum(axis=1)
    if not len(steps) or not np.isfinite(total).all():
        return Reading("", (), 0.0)
    path = np.where(highest > 0, best + 1, BLANK)
    starts = np.flatnonzero(np.diff(path, prepend=-1))
    peaks = np.maximum.reduceat(1 / total, starts).tolist()
    runs = [(label, peak) for label, peak in zip(path[starts].tolist(), peaks, strict=True) if label != BLANK]
    chars = tuple(peak for _, peak in runs)
    return Reading("".join(ALPHABET[label - 1] for label, _ in runs), chars, min(chars, default=0.0))
