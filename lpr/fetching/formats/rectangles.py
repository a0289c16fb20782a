"""Rectangles of labelling tools: their corners, turned, and the upright box around them."""

from __future__ import annotations

import math
from collections.abc import Iterable

Point = tuple[float, float]


def turned(points: Iterable[Point], about: Point, degrees: float) -> list[Point]:
    """Return points turned clockwise (y runs down) about a point. Raises ValueError for an angle that is not finite."""
    if not math.isfinite(degrees):
        raise ValueError("rotation is no finite number")
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return [
        (about[0] + (x - about[0]) * cos - (y - about[1]) * sin, about[1] + (x - about[0]) * sin + (y - about[1]) * cos)
        for x, y in points
    ]


def corners(x: float, y: float, width: float, height: float) -> list[Point]:
    """Return a rectangle's corners from its top left, clockwise."""
    return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]


def bounding_box(points: Iterable[Point]) -> tuple[float, float, float, float]:
    """Return `(x, y, width, height)` of the upright box around points."""
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)
