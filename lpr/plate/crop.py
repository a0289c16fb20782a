"""How photos and plates become the inputs of the two models: one way, for training, evaluation and use."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lpr.plate.box import Box, expand

DETECTOR_SIZE = 224
"""Side of the detector's square input, in pixels."""
OCR_WIDTH, OCR_HEIGHT = 128, 32
"""Size of the OCR's input, in pixels."""

Pixels = NDArray[np.uint8]


def detector_input(photo: Image.Image, window: Box | None = None) -> Pixels:
    """Return `photo`, or the `window` of it, stretched to the detector's input: `(224, 224, 3)` uint8 RGB.

    Stretching, not letterboxing: a little more detail is left for small plates. `window` is in pixels and may
    reach over the photo's edge, where it is filled with grey.
    """
    return cut(photo, window or (0.0, 0.0, photo.width, photo.height), DETECTOR_SIZE, DETECTOR_SIZE)


def ocr_input(photo: Image.Image, box: Box, margin: float) -> Pixels:
    """Return a plate cut out with a margin, stretched to the OCR's input: `(32, 128, 3)` uint8 RGB.

    Args:
        photo: an RGB photo.
        box: the plate in its pixels.
        margin: share of the box's width and height that is added on each side.
    """
    return cut(photo, expand(box, margin), OCR_WIDTH, OCR_HEIGHT)


def as_batch(images: list[Pixels]) -> NDArray[np.float32]:
    """Return `(H, W, 3)` uint8 images as a model's input: `(B, 3, H, W)` float32 in [0, 1]."""
    stacked = np.stack(images).transpose(0, 3, 1, 2)
    return np.ascontiguousarray(stacked, dtype=np.float32) / np.float32(255)


def cut(photo: Image.Image, window: Box, width: int, height: int) -> Pixels:
    """Return the `window` (in pixels) of an RGB photo, resampled to `(height, width, 3)`; grey beyond the edge."""
    x, y, w, h = window
    inside = x >= 0 and y >= 0 and x + w <= photo.width and y + h <= photo.height
    if not inside:
        # Pad only what the window needs, in whole pixels; the resampling below keeps the fractions.
        left, top = int(np.floor(x)), int(np.floor(y))
        right, bottom = int(np.ceil(x + w)), int(np.ceil(y + h))
        padded = Image.new("RGB", (max(right - left, 1), max(bottom - top, 1)), (114, 114, 114))
        visible = (max(left, 0), max(top, 0), min(right, photo.width), min(bottom, photo.height))
        if visible[0] < visible[2] and visible[1] < visible[3]:
            padded.paste(photo.crop(visible), (visible[0] - left, visible[1] - top))
        photo, x, y = padded, x - left, y - top
    region = (x, y, min(x + w, photo.width), min(y + h, photo.height))
    resized = photo.resize((width, height), Image.Resampling.BILINEAR, box=region, reducing_gap=3.0)
    return np.asarray(resized, dtype=np.uint8)
