"""Photos and plates that lie on their side: telephones store how they were held, and programs lose it."""

from __future__ import annotations

import numpy as np
from PIL import Image

from lpr.plate.box import Box
from lpr.plate.crop import TALL
from lpr.plate.quad import Quad, corners_of

QUARTERS = {Image.Transpose.ROTATE_90: 1, Image.Transpose.ROTATE_270: 3}
"""The turns that may make such a photo upright, each with its number of quarters counterclockwise. Few stand on their
head."""


def box_before(box: Box, quarter: Image.Transpose, width: int, height: int) -> Box:
    """Return where a box of a turned photo lies in the photo as it was.

    Args:
        box: `(x, y, w, h)` in pixels of the turned photo.
        quarter: one of `QUARTERS`, by which it was turned.
        width, height: of the photo before.
    """
    x, y, w, h = box
    if quarter is Image.Transpose.ROTATE_90:
        return (width - y - h, x, h, w)
    return (y, height - x - w, h, w)


def ways_to_cut(box: Box) -> list[Quad | None]:
    """Return how the plate in a box may have to be cut: along the box, and turned both ways where that is tall.

    Args:
        box: `(x, y, width, height)` in pixels.

    Returns:
        Corners for `lpr.plate.crop.ocr_input`, None for along the box.
    """
    if box[3] < TALL * box[2]:
        return [None]
    corners = corners_of(box)
    return [None, np.roll(corners, 1, axis=0), np.roll(corners, -1, axis=0)]
