"""Boxes `[x, y, width, height]` from the top left corner, in pixels or in fractions of an image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]
Floats = NDArray[np.floating]


def iou(a: Floats, b: Floats) -> Floats:
    """Return the intersection over union of every pair of two sets of boxes.

    Args:
        a: `(N, 4)` boxes `[x, y, w, h]`.
        b: `(M, 4)` boxes in the same unit.

    Returns:
        `(N, M)` in [0, 1]; 0 where both boxes are empty.
    """
    a, b = np.asarray(a, np.float64).reshape(-1, 4), np.asarray(b, np.float64).reshape(-1, 4)
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, :2] + a[:, None, 2:], b[None, :, :2] + b[None, :, 2:])
    intersection = np.clip(high - low, 0, None).prod(-1)
    union = a[:, 2:].prod(-1)[:, None] + b[:, 2:].prod(-1)[None, :] - intersection
    return np.divide(intersection, union, out=np.zeros_like(intersection), where=union > 0)


def clip(box: Box, width: float, height: float) -> Box:
    """Return the part of `box` that lies inside a `width` x `height` image; its size is 0 when none does."""
    x, y, w, h = box
    left, top = min(max(x, 0.0), width), min(max(y, 0.0), height)
    right, bottom = min(max(x + w, 0.0), width), min(max(y + h, 0.0), height)
    return left, top, right - left, bottom - top


def expand(box: Box, share: float) -> Box:
    """Return `box` grown on each side by `share` of its own width and height."""
    x, y, w, h = box
    return x - w * share, y - h * share, w * (1 + 2 * share), h * (1 + 2 * share)


def nms(boxes: Floats, scores: Floats, threshold: float) -> NDArray[np.intp]:
    """Return the indices that greedy non-maximum suppression keeps, best first.

    A box is dropped when its IoU with a better kept one is above `threshold`.
    """
    boxes = np.asarray(boxes, np.float64).reshape(-1, 4)
    rest = np.argsort(-np.asarray(scores), kind="stable")
    kept: list[int] = []
    while len(rest):
        best, rest = rest[0], rest[1:]
        kept.append(int(best))
        # Against one box at a time: a photo has few plates, and many candidates for each.
        rest = rest[iou(boxes[best], boxes[rest])[0] <= threshold] if len(rest) else rest
    return np.asarray(kept, dtype=np.intp)
