"""What the exports of labelling tools share: turned rectangles, and photos found by a tool's name for them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from lpr.fetching.formats.raw import locate

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


def find_photo(folder: Path, file: str, *names: str) -> str:
    """Return where a photo lies, relative to `folder`, that an export names by a path of the tool's own storage.

    Tried are, for each name, its last parts from the longest to the file's name alone, beside the export, in the
    folder, and in `images/` of both. Where there is none, the first place looked at.
    """
    parent = PurePosixPath(file).parent
    bases = dict.fromkeys((PurePosixPath(), PurePosixPath("images"), parent, parent / "images"))
    return locate(folder, ((base / tail).as_posix() for name in names for tail in _tails(name) for base in bases))


def _tails(name: str) -> Iterator[PurePosixPath]:
    parts = [part for part in PurePosixPath(name.replace("\\", "/")).parts if part != "/"] or ["_"]
    for start in range(len(parts)):
        yield PurePosixPath(*parts[start:])
