"""From the OCR's output to text and confidence. numpy only: the deployed recogniser has no torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lpr.plate.text import ALPHABET

NOTHING = 0
"""Class of "no character" among the 37; class `i + 1` is the alphabet's character `i`."""


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


def collapse(indices: ArrayLike) -> str:
    """Return the text of a path of classes 0 to 36: repeats count once, "no character" separates and is dropped.

    The rule of CTC (Graves et al. 2006, "Connectionist Temporal Classification").
    """
    path = np.asarray(indices).reshape(-1).astype(int)
    if path.size and not 0 <= path.min() <= path.max() <= len(ALPHABET):
        raise ValueError(f"classes run from 0 to {len(ALPHABET)}, got {path.min()} to {path.max()}")
    starts = np.flatnonzero(np.diff(path, prepend=NOTHING) != 0)
    return "".join(ALPHABET[path[start] - 1] for start in starts if path[start] != NOTHING)


def decode(logits: ArrayLike) -> Reading:
    """Return the best path's reading of one crop's `(T, 36)` logits.

    A character's probability is the highest that its class reaches in its run of time steps. An output that holds
    NaN reads as nothing.
    """
    steps = probabilities(logits)
    if steps.ndim != 2 or steps.shape[1] != len(ALPHABET) + 1:
        raise ValueError(f"logits have shape {np.shape(logits)}, expected (T, {len(ALPHABET)})")
    if not np.isfinite(steps).all():
        return Reading("", (), 0.0)
    path, peaks = steps.argmax(axis=1), steps.max(axis=1)
    starts = np.flatnonzero(np.diff(path, prepend=-1) != 0)
    ends = np.append(starts[1:], len(path))
    runs = [(start, end) for start, end in zip(starts, ends, strict=True) if path[start] != NOTHING]
    text = "".join(ALPHABET[path[start] - 1] for start, _ in runs)
    chars = tuple(float(peaks[start:end].max()) for start, end in runs)
    return Reading(text, chars, min(chars, default=0.0))
