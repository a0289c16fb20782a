"""How a training looks at photos: whole, closer to a plate, or four at once."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Boxes = NDArray[np.float64]

GREY = 114
"""What lies beyond a photo's edge."""
VISIBLE = 0.5
"""A plate stays annotated while at least this share of its area is inside the view."""
SMALLEST = 3.0
"""Pixels of the view; narrower plates are not asked for: nothing of them can be seen."""

View = tuple[float, float, float, float]
"""Corners `(left, top, right, bottom)` of what is looked at, in fractions of a photo; may reach over its edge."""


def whole(rng: np.random.Generator) -> View:
    """Return nearly the whole photo, a little wider or closer, shifted."""
    width, height = rng.uniform(0.75, 1.15, 2)
    left, top = (1 - width) * rng.uniform(), (1 - height) * rng.uniform()
    return left, top, left + width, top + height


def closer(box: View, aspect: float, rng: np.random.Generator) -> View:
    """Return a neighbourhood of a plate, in which the plate takes 12% to 75% of the width.

    Args:
        box: the plate's corners in fractions of the photo.
        aspect: the photo's width over its height.
        rng: source of the draws.
    """
    left, top, right, bottom = box
    share = np.exp(rng.uniform(np.log(0.12), np.log(0.75)))
    width = (right - left) / share
    # A second look's window is square in the photo's pixels; a whole photo is not.
    height = max(width * aspect * np.exp(rng.uniform(-0.4, 0.4)), (bottom - top) * 1.1)
    x = _place(left, right, width, rng)
    y = _place(top, bottom, height, rng)
    return x, y, x + width, y + height


def _place(low: float, high: float, length: float, rng: np.random.Generator) -> float:
    """Return where a view of some length starts that holds [low, high]: inside the photo where it can be."""
    first, last = max(high - length, 0.0), min(low, 1.0 - length)
    if first > last:
        first, last = high - length, low
        if length >= 1:
            first, last = max(first, 1 - length), min(last, 0.0)
    return float(rng.uniform(min(first, last), max(first, last)))


def look(stored: Pixels, boxes: Boxes, view: View, size: int) -> tuple[Pixels, Boxes]:
    """Return what is seen in a view.

    Args:
        stored: `(S, S, 3)` uint8, the photo squared.
        boxes: `(N, 4)` corners in fractions of the photo.
        view: what to look at.
        size: side of the picture, in pixels.

    Returns:
        image: `(size, size, 3)` uint8.
        boxes: `(M, 4)` corners in its pixels, clipped to it; plates that are cut off or too small are left out.
    """
    side = stored.shape[0]
    left, top = round(view[0] * side), round(view[1] * side)
    right, bottom = max(round(view[2] * side), left + 4), max(round(view[3] * side), top + 4)
    inside = stored[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
    pads = (max(-top, 0), max(bottom - side, 0), max(-left, 0), max(right - side, 0))
    if any(pads):
        inside = cv2.copyMakeBorder(inside, *pads, cv2.BORDER_CONSTANT, value=(GREY, GREY, GREY))  # type: ignore[assignment]
    shrinks = inside.shape[0] >= size or inside.shape[1] >= size
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    image = cv2.resize(inside, (size, size), interpolation=method)
    scale = np.array([size / (right - left), size / (bottom - top)] * 2)
    moved = (boxes * side - np.array([left, top, left, top])) * scale
    clipped = moved.clip(0, size)
    area = (moved[:, 2:] - moved[:, :2]).prod(axis=1)
    seen = (clipped[:, 2:] - clipped[:, :2]).clip(0).prod(axis=1)
    kept = (seen >= VISIBLE * area) & (clipped[:, 2] - clipped[:, 0] >= SMALLEST)
    return np.asarray(image, np.uint8), clipped[kept]


def flip(image: Pixels, boxes: Boxes) -> tuple[Pixels, Boxes]:
    """Return the mirror picture and its boxes in pixels."""
    width = image.shape[1]
    mirrored = boxes.copy()
    mirrored[:, [0, 2]] = width - boxes[:, [2, 0]]
    return np.ascontiguousarray(image[:, ::-1]), mirrored
