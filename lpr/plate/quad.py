"""Plates that stand askew: their four corners, and the cut that makes them straight.

A quad is `(4, 2)`: the corners `[x, y]` of a plate as it is read, clockwise from its top left.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

Quad = NDArray[np.float64]
Matrix = NDArray[np.float64]

LEAST_SIDE = 2.0
"""Pixels; a quad with a shorter side, or one that is not convex, is no plate's."""
_MOST_SAMPLES = 4
_GREY = (114, 114, 114)
_UNIT = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float64)


def homography(source: ArrayLike, target: ArrayLike) -> Matrix:
    """Return the `(3, 3)` matrix that maps four points of a plane to four others.

    Args:
        source: `(4, 2)` points, no three of them on a line.
        target: `(4, 2)` where they go.

    Raises:
        numpy.linalg.LinAlgError: three of the points lie on a line.
    """
    rows, values = [], []
    for (x, y), (u, v) in zip(np.asarray(source, np.float64), np.asarray(target, np.float64), strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return np.append(np.linalg.solve(np.array(rows), np.array(values)), 1.0).reshape(3, 3)


def transform(matrix: Matrix, points: ArrayLike) -> NDArray[np.float64]:
    """Return `(..., 2)` points moved by a homography."""
    points = np.asarray(points, np.float64)
    moved = points @ matrix[:, :2].T + matrix[:, 2]
    return np.asarray(moved[..., :2] / moved[..., 2:])


def corners_of(boxes: ArrayLike) -> NDArray[np.float64]:
    """Return the corners `(..., 4, 2)` of boxes `(..., 4)` `[x, y, w, h]`, as quads."""
    boxes = np.asarray(boxes, np.float64)
    return np.asarray(boxes[..., None, :2] + boxes[..., None, 2:4] * _UNIT)


def lean(quad: ArrayLike) -> tuple[float, float]:
    """Return by how many degrees a plate's lines are turned, and by how many its sides lean, clockwise and to the left.

    Both are 0 where the corners make no plate: one that is not finite, not convex or thinner than `LEAST_SIDE`.
    """
    quad = np.asarray(quad, np.float64)
    edges = np.roll(quad, -1, axis=0) - quad
    following = np.roll(edges, -1, axis=0)
    turns = edges[:, 0] * following[:, 1] - edges[:, 1] * following[:, 0]
    if not np.isfinite(quad).all() or (turns <= 0).any() or np.hypot(*edges.T).min() < LEAST_SIDE:
        return 0.0, 0.0
    across, down = edges[0] - edges[2], edges[1] - edges[3]
    return math.degrees(math.atan2(across[1], across[0])), math.degrees(math.atan2(-down[0], down[1]))


def straightened(photo: Image.Image, quad: ArrayLike, margin: float, width: int, height: int) -> NDArray[np.uint8]:
    """Return a plate as if seen straight on: `(height, width, 3)` uint8 RGB; grey beyond the photo's edge.

    Each of its pixels is the mean of as many samples as it covers, so that nothing is lost between them.

    Args:
        photo: an RGB photo.
        quad: the plate's corners in its pixels, no three of them on a line.
        margin: share of the plate's width and height that is added on each side.
        width, height: of what is returned, in pixels.
    """
    inner = _UNIT * (1 / (1 + 2 * margin)) + margin / (1 + 2 * margin)
    outer = transform(homography(inner, quad), _UNIT)
    edges = np.hypot(*(np.roll(outer, -1, axis=0) - outer).T)
    across, down = max(edges[0], edges[2]) / width, max(edges[1], edges[3]) / height
    # Whole pixels are averaged where more than a few fall on one of the result; a turned plate is seen anew below.
    factor = max(1, int(min(across, down) / 2))
    left, top = (max(0, math.floor(low) - 2 * factor) for low in outer.min(axis=0))
    right = min(photo.width, math.ceil(outer[:, 0].max()) + 2 * factor)
    bottom = min(photo.height, math.ceil(outer[:, 1].max()) + 2 * factor)
    if right <= left or bottom <= top:
        return np.full((height, width, 3), _GREY, np.uint8)
    part = photo.crop((left, top, right, bottom))
    if factor > 1:
        part = part.reduce(factor)
    samples = [min(_MOST_SAMPLES, max(1, math.ceil(ratio / factor))) for ratio in (across, down)]
    size = (width * samples[0], height * samples[1])
    back = homography(_UNIT * size, (outer - (left, top)) / factor)
    warped = part.transform(
        size, Image.Transform.PERSPECTIVE, back.ravel()[:8].tolist(), Image.Resampling.BILINEAR, fillcolor=_GREY
    )
    if size != (width, height):
        warped = warped.reduce((samples[0], samples[1]))
    return np.asarray(warped, np.uint8)
