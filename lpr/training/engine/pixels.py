"""From stored pixels to a model's input: smaller pictures of a photo, and the batch on the training's device."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray
from torch import Tensor

Pixels = NDArray[np.uint8]

# Images are prepared by several processes at once: threads of its own would only be in their way.
cv2.setNumThreads(0)


def halvings(scale: float) -> int:
    """Return how often an image is halved before it is sampled at every `scale`-th of its pixels: to 0.7 to 1.4."""
    return max(0, round(math.log2(max(scale, 1.0))))


def halved(image: Pixels, across: int, down: int) -> Pixels:
    """Return the means of blocks of `2 ** across` by `2 ** down` pixels: a level of an image pyramid (Williams 1983).

    Args:
        image: `(H, W, 3)` uint8. Where its sides are no multiples of the blocks', it is stretched to whole ones.
        across: how often the width is halved.
        down: how often the height is halved.
    """
    # Bilinear sampling at every second pixel is the mean of two, and seven times faster than INTER_AREA.
    while across or down:
        height, width = image.shape[:2]
        size = (max(width >> min(across, 1), 1), max(height >> min(down, 1), 1))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_LINEAR), np.uint8)
        across, down = max(across - 1, 0), max(down - 1, 0)
    return image


def resized(image: Pixels, width: int, height: int) -> Pixels:
    """Return an image in another size, `(height, width, 3)` uint8: halved, then sampled bilinearly."""
    image = halved(image, halvings(image.shape[1] / width), halvings(image.shape[0] / height))
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def to_input(images: Tensor) -> Tensor:
    """Return `(B, H, W, 3)` uint8 as `(B, 3, H, W)` float32 in [0, 1], channels last in memory."""
    return images.permute(0, 3, 1, 2).float().div_(255)
