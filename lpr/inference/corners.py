"""The corners of what the detector found, and for which plates the OCR's input is straightened by them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lpr.plate.quad import Quad, corners_of, lean

ANGLE, SLANT = 5.0, 10.0
"""Degrees by which a plate's lines, and its sides, may lean that is cut along its box: the OCR reads such plates."""


def with_corners(outputs: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return the detector's candidates with their corners, `(B, N, 13)` rows `[x, y, w, h, conf, 4 x (x, y)]`.

    Detectors that were published before they found corners give none: theirs are the box's, so that every plate of
    theirs is cut along its box.

    Args:
        outputs: of the detector: `best`, `candidates` and, with newer ones, `corners`.
    """
    candidates = outputs[1]
    corners = outputs[2] if len(outputs) > 2 else corners_of(candidates).reshape(*candidates.shape[:2], 8)
    return np.concatenate([candidates, corners], axis=-1, dtype=np.float32)


def leaning(corners: ArrayLike) -> Quad | None:
    """Return the corners, `(4, 2)`, of a plate that is to be straightened, None where it is to be cut along its box."""
    quad = np.asarray(corners, np.float64)
    angle, slant = lean(quad)
    return quad if abs(angle) > ANGLE or abs(slant) > SLANT else None
