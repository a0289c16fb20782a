"""CVAT's "for images 1.1" XML: every photo in one file; boxes with an attribute `text`, polygons by their outline.

A photo's split is its `subset`, or a folder of its name.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from lpr.fetching.formats.paths import find_photo, walk
from lpr.fetching.formats.raw import Raw, RawEntry, RawPlate, RawRejection
from lpr.fetching.formats.rectangles import Point, bounding_box, corners, turned
from lpr.fetching.formats.values import TEXT_NAMES, number, size_of
from lpr.fetching.formats.words import is_plate_class, split_in, split_of_folder
from lpr.fetching.formats.xml_parser import feed, parser_into

_BLOCK = 1 << 16
_MOST_ELEMENTS = 100_000  # of one photo, with its boxes and their attributes
_SHAPES = ("polygon", "polyline", "points", "ellipse", "mask", "cuboid", "skeleton", "tag")


def read(folder: Path) -> Iterator[Raw]:
    """Yield the entries of every such file below a folder; one that breaks off is rejected from there on."""
    for file in walk(folder, {".xml"}):
        if not _is_export(folder / file):
            continue
        try:
            for image, line in _images(folder / file):
                try:
                    yield _entry(folder, file, image, line)
                except ValueError as error:
                    yield RawRejection(file, f"line {line}: {image.get('name', '')}", str(error))
        except ValueError as error:
            yield RawRejection(file, "", str(error))


def _entry(folder: Path, file: str, image: ET.Element, line: int) -> RawEntry:
    name = (image.get("name") or "").strip()
    if not name:
        raise ValueError("an image has no name")
    plates, others = [], 0
    for shape in image:
        if shape.tag not in ("box", "polygon") or not is_plate_class(shape.get("label") or ""):
            others += shape.tag in ("box", *_SHAPES)
            continue
        points = _box(shape) if shape.tag == "box" else _polygon(shape)
        plates.append(RawPlate(bounding_box(points), _text(shape)))
    path = find_photo(folder, file, name)
    split = split_in(image.get("subset") or "") or split_of_folder(name) or split_of_folder(file)
    size = size_of(image.get("width"), image.get("height"))
    return RawEntry(path, tuple(plates), split, f"{file}, line {line}", claimed_size=size, other_objects=others)


def _box(shape: ET.Element) -> list[Point]:
    left, top, right, bottom = (number(shape.get(edge) or "") for edge in ("xtl", "ytl", "xbr", "ybr"))
    points = corners(left, top, right - left, bottom - top)
    degrees = number(shape.get("rotation") or 0)
    return turned(points, ((left + right) / 2, (top + bottom) / 2), degrees) if degrees else points


def _polygon(shape: ET.Element) -> list[Point]:
    pairs = [pair.split(",") for pair in (shape.get("points") or "").split(";")]
    if len(pairs) < 3 or any(len(pair) != 2 for pair in pairs):
        raise ValueError("a polygon's points are not three or more pairs 'x,y;x,y;...'")
    return [(number(x), number(y)) for x, y in pairs]


def _text(shape: ET.Element) -> str | None:
    for name in TEXT_NAMES:
        for attribute in shape.iter("attribute"):
            if (attribute.get("name") or "").strip().lower() == name:
                return (attribute.text or "").strip() or None
    return None


class _Images:
    """Gathers each `<image>` of what its parser is fed, with its line, and lets the rest go."""

    def __init__(self) -> None:
        self.parser = parser_into(self)
        self.root: str | None = None
        self.done: list[tuple[ET.Element, int]] = []
        self._builder: ET.TreeBuilder | None = None
        self._line = self._elements = 0

    def start(self, tag: str, attributes: dict[str, Any]) -> None:
        self.root = self.root or tag
        if self._builder is None and tag == "image":
            self._builder, self._line, self._elements = ET.TreeBuilder(), self.parser.CurrentLineNumber, 0
        if self._builder is not None:
            self._elements += 1
            if self._elements > _MOST_ELEMENTS:
                raise ValueError(f"the image of line {self._line} has more than {_MOST_ELEMENTS:,} elements")
            self._builder.start(tag, attributes)

    def end(self, tag: str) -> None:
        if self._builder is not None:
            self._builder.end(tag)
            if tag == "image":
                self.done.append((self._builder.close(), self._line))
                self._builder = None

    def data(self, data: str) -> None:
        if self._builder is not None:
            self._builder.data(data)


def _images(path: Path) -> Iterator[tuple[ET.Element, int]]:
    images = _Images()
    with path.open("rb") as stream:
        block = b"more"
        while block:
            block = stream.read(_BLOCK)
            try:
                feed(images.parser, block, last=not block)
            except ValueError:
                yield from images.done
                raise
            yield from images.done
            images.done.clear()


def _is_export(path: Path) -> bool:
    images = _Images()
    with path.open("rb") as stream, suppress(ValueError):  # broken further on: that is for `read` to say
        feed(images.parser, stream.read(_BLOCK), last=False)
    return images.root == "annotations"


def matches(folder: Path) -> bool:
    """Return whether a folder is in this format."""
    return any(_is_export(folder / file) for file in walk(folder, {".xml"}))
