"""`lpr evaluate --stress`: the photos with their plates painted over, which show how often something else is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import cv2
import numpy as np
from PIL import Image

from lpr.data.annotations import Entry
from lpr.evaluation.evaluator import PHOTOS_AT_ONCE, batched
from lpr.inference.recognizer import LicensePlateRecognizer
from lpr.metrics.counts import Count
from lpr.plate.box import Box

AROUND = (0.15, 0.2)
"""What is painted beyond a plate's box on each side, in shares of its width and height: a frame tells of its plate."""
_RADIUS = 5


def painted_over(photo: Image.Image, boxes: Sequence[Box]) -> Image.Image:
    """Return an RGB photo in which what surrounds the boxes has grown over them.

    Source: A. Telea, An Image Inpainting Technique Based on the Fast Marching Method, 2004.
    """
    pixels = np.array(photo)
    mask = np.zeros(pixels.shape[:2], np.uint8)
    for x, y, w, h in boxes:
        left, top = max(int(x - AROUND[0] * w) - 1, 0), max(int(y - AROUND[1] * h) - 1, 0)
        mask[top : int(y + h + AROUND[1] * h) + 2, left : int(x + w + AROUND[0] * w) + 2] = 255
    return Image.fromarray(cv2.inpaint(pixels, mask, _RADIUS, cv2.INPAINT_TELEA))


def read_painted_over(
    recognizer: LicensePlateRecognizer,
    images: Iterable[tuple[Entry, Image.Image]],
    progress: Callable[[int], object] | None = None,
) -> Count:
    """Return of how many photos, whose plates are all painted over, something is read all the same.

    Plates that the annotations do not list are read rightly, so that this is an upper limit of the false readings.

    Args:
        recognizer: the models.
        images: entries with their upright RGB photos; crops and photos without a plate are passed over.
        progress: is told how many more photos are done.
    """
    count = Count()
    for batch in batched(images, PHOTOS_AT_ONCE):
        photos = [
            painted_over(photo, [plate.bbox for plate in entry.plates])
            for entry, photo in batch
            if entry.for_detection and entry.plates
        ]
        for plates in recognizer.read(photos):
            count.update(bool(plates))
        if progress:
            progress(len(batch))
    return count
