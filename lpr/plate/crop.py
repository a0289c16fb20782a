"""How photos and plates become the inputs of the two models: one way, for training, evaluation and use."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lpr.plate.box import Box, expand
from lpr.plate.quad import Quad, straightened

DETECTOR_SIZE = 224
"""Side of the detector's square input, in pixels."""
DETECTOR_BANDS = 4
"""Bands of rows, one below the other, in which that input is made: each can be made before the rows below are there."""
OCR_WIDTH, OCR_HEIGHT = 128, 32
"""Size of the OCR's input, in pixels."""
TALL = 1.3
"""Height over width of a box from which its plate lies on its side: its text runs up or down, not across."""
DETECTOR_GAP, FINE_GAP = 1.0, 3.0
"""How many times larger than its target an image stays when whole pixels are averaged before it is resampled.

Averaging alone is how the detector's training shrinks its photos too, and takes less than half the time of 3.0, which
cannot be told from resampling without it.
"""

Pixels = NDArray[np.uint8]


def detector_input(photo: Image.Image, window: Box | None = None) -> Pixels:
    """Return `photo`, or the `window` of it, stretched to the detector's input: `(224, 224, 3)` uint8 RGB.

    Stretching, not letterboxing: a little more detail is left for small plates.

    Args:
        photo: an RGB photo.
        window: in its pixels; where it reaches over the photo's edge it is filled with grey. None: the whole photo.
    """
    whole = (0.0, 0.0, float(photo.width), float(photo.height))
    return np.concatenate([detector_band(photo, window or whole, band) for band in range(DETECTOR_BANDS)])


def detector_band(photo: Image.Image, window: Box, band: int) -> Pixels:
    """Return one of the bands, counted from the top, that `detector_input` consists of: `(56, 224, 3)` uint8.

    It depends on no row of the photo that lies more than `band_reach` below its own part of the window.
    """
    x, y, w, h = window
    part = (x, y + band * h / DETECTOR_BANDS, w, h / DETECTOR_BANDS)
    return cut(photo, part, DETECTOR_SIZE, DETECTOR_SIZE // DETECTOR_BANDS, DETECTOR_GAP)


def band_reach(height: float) -> float:
    """Return how many rows below its own part of a window of this height a band may look at."""
    # The triangle of bilinear resampling is as wide as a row of the target on each side; and rounding.
    return height / DETECTOR_SIZE + 2


def ocr_input(photo: Image.Image, box: Box, margin: float, quad: Quad | None = None) -> Pixels:
    """Return a plate cut out with a margin, stretched to the OCR's input: `(32, 128, 3)` uint8 RGB.

    Args:
        photo: an RGB photo.
        box: the plate in its pixels.
        margin: share of the box's width and height that is added on each side.
        quad: corners of a plate that leans, which is then straightened instead of cut along its box.
    """
    if quad is not None:
        return straightened(photo, quad, margin, OCR_WIDTH, OCR_HEIGHT)
    return cut(photo, expand(box, margin), OCR_WIDTH, OCR_HEIGHT)


def as_batch(images: Sequence[Pixels]) -> NDArray[np.float32]:
    """Return `(H, W, 3)` uint8 images of one size as a model's input: `(B, 3, H, W)` float32 in [0, 1]."""
    height, width, channels = images[0].shape
    batch = np.empty((len(images), channels, height, width), np.float32)
    for image, target in zip(images, batch, strict=True):
        np.divide(image.transpose(2, 0, 1), np.float32(255), out=target)
    return batch


def cut(photo: Image.Image, window: Box, width: int, height: int, gap: float = FINE_GAP) -> Pixels:
    """Return the `window` (in pixels) of an RGB photo, resampled to `(height, width, 3)`; grey beyond the edge.

    `gap`, at least 1, is Pillow's `reducing_gap`: see `DETECTOR_GAP`.
    """
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
    resized = photo.resize((width, height), Image.Resampling.BILINEAR, box=region, reducing_gap=gap)
    return np.asarray(resized, dtype=np.uint8)
