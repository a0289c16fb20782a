"""What light and cameras do to a plate: shadows, glare, few pixels, motion, noise, compression."""

from __future__ import annotations

import cv2
import numpy as np

from lpr.plate.crop import OCR_HEIGHT, OCR_WIDTH
from lpr.training.engine.colour import noisy
from lpr.training.engine.pixels import Pixels

FEWEST, FEW = 28, 56
"""Widths in pixels to which plates are reduced; of narrower ones nobody reads seven characters."""
_X, _Y = np.meshgrid(np.linspace(-1, 1, OCR_WIDTH, dtype=np.float32), np.linspace(-1, 1, OCR_HEIGHT, dtype=np.float32))


def light(image: Pixels, strength: float, rng: np.random.Generator) -> Pixels:
    """Return a crop lit from one side or overexposed, in a share of the draws that grows with the strength.

    Args:
        image: `(32, 128, 3)` uint8 RGB.
        strength: 0 to 1; 1 changes half of the crops, a third of these to glare.
        rng: source of the draws.
    """
    share, x, y, gain = rng.random(4).tolist()
    if share >= 0.5 * strength:
        return image
    field = 1 + 0.5 * ((2 * x - 1) * _X + (2 * y - 1) * _Y)
    if share < 0.17 * strength:
        field += np.float32(0.2 + 0.6 * gain)
    return np.asarray(np.clip(image * field[..., None], 0, 255), np.uint8)


def photograph(image: Pixels, share: float, aspect: float, rng: np.random.Generator) -> Pixels:
    """Return a share of crops as a worse camera would show them, the others as they are.

    Motion, defocus or few pixels, then noise, then JPEG come each with a chance of its own.

    Args:
        image: `(32, 128, 3)` uint8 RGB.
        share: of the crops that are changed, in [0, 1].
        aspect: the plate's width over its height, which says how many rows few columns leave.
        rng: source of the draws.
    """
    changed, kind, grainy, packed, amount = rng.random(5).tolist()
    if changed >= share:
        return image
    if kind < 0.2:
        size = 3 + 2 * int(2.5 * amount)
        kernel = np.zeros((size, size), np.float32)
        dy = int(rng.integers(size // 2 + 1)) * (1 if rng.uniform() < 0.5 else -1)
        cv2.line(kernel, (0, size // 2 - dy), (size - 1, size // 2 + dy), 1.0)
        image = np.asarray(cv2.filter2D(image, -1, kernel / kernel.sum()), np.uint8)
    elif kind < 0.35:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), 0.5 + amount), np.uint8)
    elif kind < 0.8:
        width = round(FEWEST * (FEW / FEWEST) ** amount)
        height = int(np.clip(round(width / aspect), 6, OCR_HEIGHT))
        image = np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    if grainy < 0.3:
        image = noisy(image, float(rng.uniform(3, 15)), rng)
    if packed < 0.5:
        _, content = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(20, 80))])
        image = np.asarray(cv2.imdecode(content, cv2.IMREAD_COLOR), np.uint8)
    if image.shape[:2] == (OCR_HEIGHT, OCR_WIDTH):
        return image
    return np.asarray(cv2.resize(image, (OCR_WIDTH, OCR_HEIGHT), interpolation=cv2.INTER_LINEAR), np.uint8)
