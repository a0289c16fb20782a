"""A photo shrunk for the detector by several threads: the slowest step of reading one photo after its decoding."""

from __future__ import annotations

from functools import partial

import numpy as np
from PIL import Image

from lpr.inference.overlap import overlapped
from lpr.plate.crop import DETECTOR_SIZE, Pixels, cut, detector_input

MOST = 4
"""Strips a photo is cut into at most; each costs a thread's start, and so does waiting for the slowest."""
WORTHWHILE = 2 * DETECTOR_SIZE
"""Width and height in pixels from which threads pay for themselves."""
REDUCED = 6 * DETECTOR_SIZE
"""Height from which `cut` first averages whole rows, counted from the window's edge: strips would differ."""


def shrink(photo: Image.Image, threads: int) -> Pixels:
    """Return `detector_input(photo)`, byte for byte, with the work shared among `threads` threads where that helps."""
    width, height = photo.size
    strips = next((count for count in (MOST, 2) if count <= threads), 1)
    if strips == 1 or min(width, height) < WORTHWHILE or height >= REDUCED:
        return detector_input(photo)
    tall = height / strips
    windows = [(0.0, number * tall, float(width), tall) for number in range(strips)]
    strip = partial(cut, width=DETECTOR_SIZE, height=DETECTOR_SIZE // strips)
    return np.concatenate(list(overlapped(lambda window: strip(photo, window), windows, strips)))
