"""Strokes and their drawing: fillets, thick lines with sub-pixel ends, and dots."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from lpr.synthetic.arrays import Mask, Point

_SHIFT = 4
_ONE = 1 << _SHIFT
_DOT_ROWS = 10
_CURVE = [(1 - math.sin(angle), 1 - math.cos(angle)) for angle in (math.pi / 2 * step / 6 for step in range(7))]


def fillet(stroke: list[tuple[float, float, int]], reach_x: float, reach_y: float) -> list[Point]:
    """Replace round vertices by quarter ellipses that touch both neighbouring sides; a closed path stays closed."""
    closed = bool(stroke[0][2]) and stroke[0] == stroke[-1]
    count = len(stroke) - 1 if closed else len(stroke)
    path: list[Point] = []
    for index in range(count):
        x, y, rounded = stroke[index]
        if not rounded or (not closed and index in (0, count - 1)):
            path.append((x, y))
            continue
        arms: list[Point] = []
        for step in (-1, 1):
            other = (index + step) % count
            side_x, side_y = stroke[other][0] - x, stroke[other][1] - y
            length = math.hypot(side_x, side_y) or 1e-6
            # A side between two fillets is shared by them; one that ends in a terminal is free.
            limit = length if not stroke[other][2] else length / 2
            level = abs(side_x) / length
            reach = min(limit, reach_x * level + reach_y * (1 - level)) / length
            arms.append((side_x * reach, side_y * reach))
        (a, b), (c, d) = arms
        path += [(x + a * s + c * t, y + b * s + d * t) for s, t in _CURVE]
    if closed:
        path.append(path[0])
    return path


def polyline(canvas: Mask, points: list[Point], thickness: int, value: int) -> None:
    """Draw a path with round ends; `thickness` in whole pixels, points with fractions of one."""
    cv2.polylines(canvas, [_fixed(points)], False, value, thickness, cv2.LINE_AA, _SHIFT)


def fill(canvas: Mask, corners: list[Point]) -> None:
    """Fill a convex polygon."""
    cv2.fillConvexPoly(canvas, _fixed(corners), 255, cv2.LINE_AA, _SHIFT)


def dotted(mask: Mask) -> Mask:
    """Return the mask as round dots on a grid of `_DOT_ROWS` rows."""
    height, width = mask.shape
    pitch = height / _DOT_ROWS
    columns = max(1, round(width / pitch))
    coarse = cv2.resize(mask, (columns, _DOT_ROWS), interpolation=cv2.INTER_AREA) > 128
    canvas = np.zeros_like(mask)
    radius = round(pitch * 0.46 * _ONE)
    for row, column in np.argwhere(coarse):
        x, y = (column + 0.5) * width / columns - 0.5, (row + 0.5) * pitch - 0.5
        cv2.circle(canvas, (round(x * _ONE), round(y * _ONE)), radius, 255, -1, cv2.LINE_AA, _SHIFT)
    return canvas


def _fixed(points: list[Point]) -> NDArray[np.int32]:
    return np.array([(round(x * _ONE), round(y * _ONE)) for x, y in points], np.int32)
