"""The second look: small or doubtful candidates are judged again at full resolution.

The detector sees a whole photo at 224x224, where a distant plate is a few pixels wide. Looking again at the
neighbourhood of such a candidate shows it larger, which places its edges better and tells plates from look-alikes. The
idea is that of slicing aided inference (Akyol et al. 2022), limited to where something was seen.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lpr.plate.box import Box, iou

SMALL = 0.15
"""Share of the photo's width below which a candidate is small: it always gets a second look."""
SURE = 0.7
"""Confidence from which a candidate that is not small needs no second look."""
SPREAD = 3.0
"""Side of the square window, in widths of the candidate: the plate then fills a third of it, 75 pixels."""
MIN_SIDE = 64.0
"""Smallest side of a window in pixels; below it there is no detail to gain."""
WORTHWHILE = 1.25
"""How many times larger a window must show the candidate than the photo did."""
AGREEMENT = 0.3
"""IoU from which a box of the second look is taken for the same plate."""


def window_for(box: Box, confidence: float, width: int, height: int, leans: bool = False) -> Box | None:
    """Return the neighbourhood to look at again, or None when a second look would gain nothing.

    Args:
        box: the candidate in pixels of the photo.
        confidence: of the first look.
        width, height: of the photo in pixels.
        leans: whether the plate will be straightened, which wants exact corners: it gets a second look of any size.

    Returns:
        A window in pixels around the candidate, square unless the photo is too narrow for it, and inside the photo.
    """
    x, y, w, h = box
    if w >= SMALL * width and confidence >= SURE and not leans:
        return None
    side = max(SPREAD * w, SPREAD * h / 2, MIN_SIDE)
    wide, tall = min(side, width), min(side, height)
    if width * height < WORTHWHILE**2 * wide * tall:
        return None
    left = min(max(x + w / 2 - wide / 2, 0.0), width - wide)
    top = min(max(y + h / 2 - tall / 2, 0.0), height - tall)
    return left, top, wide, tall


def to_photo(rows: NDArray[np.floating], window: Box) -> NDArray[np.float64]:
    """Return rows in fractions of a window with their boxes and corners in the photo's pixels.

    Args:
        rows: `(..., 13)` `[x, y, w, h, conf, 4 x (x, y)]`.
        window: in pixels of the photo.
    """
    x, y, w, h = window
    mapped = np.array(rows, np.float64)
    mapped[..., :4] *= (w, h, w, h)
    mapped[..., 0] += x
    mapped[..., 1] += y
    mapped[..., 5:] = mapped[..., 5:] * ((w, h) * 4) + (x, y) * 4
    return mapped


def combine(first: NDArray[np.floating], seen: NDArray[np.floating], threshold: float) -> NDArray[np.float64]:
    """Return a candidate as the two looks together judge it.

    Its confidence becomes the mean of the two: what only one look takes for a plate drops, what both do stays. The
    second look's is that of its most confident box on the same plate, 0 without one. The box becomes that box, and the
    corners its corners, when it would count as a plate by itself.

    Args:
        first: `(13,)` row of the first look, in pixels of the photo; see `to_photo`.
        seen: `(N, 13)` rows of the second look, in the same pixels.
        threshold: the detector's working threshold.
    """
    together = np.array(first, np.float64)
    same = iou(together[None, :4], seen[:, :4])[0] >= AGREEMENT
    if not same.any():
        together[4] /= 2
        return together
    best = seen[same][seen[same][:, 4].argmax()]
    if best[4] >= threshold:
        together[:] = best
    together[4] = (first[4] + best[4]) / 2
    return together
