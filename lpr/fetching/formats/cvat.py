"""CVAT's "for images 1.1" XML: every photo in one file; boxes with an attribute `text`, polygons by their outline.

A photo's split is its `subset`, or a folder of its name.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

from lpr.fetching.formats.raw import (
    Raw,
    RawEntry,
    RawPlate,
    RawRejection,
    is_plate_class,
    number,
    split_of,
    split_of_folder,
    walk,
)
from lpr.fetching.formats.rectangles import Point, bounding_box, corners, find_photo, turned

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
    split = split_of((image.get("subset") or "") + "/_") or split_of_folder(name) or split_of_folder(file)
    return RawEntry(path, tuple(plates), split, f"{file}, line {line}", False, _size(image), others)


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
    for name in ("text", "plate_text", "plate"):
        for attribute in shape.iter("attribute"):
            if (attribute.get("name") or "").strip().lower() == name:
                return (attribute.text or "").strip() or None
    return None


def _size(image: ET.Element) -> tuple[int, int] | None:
    try:
        return int(number(image.get("width") or "")), int(number(image.get("height") or ""))
    except (ValueError, OverflowError):
        return None


class _Images:
    """Takes a parser's events; gathers each `<image>`, with its line, and lets the rest go."""

    def __init__(self, parser: expat.XMLParserType) -> None:
        self.root: str | None = None
        self.done: list[tuple[ET.Element, int]] = []
        self._parser = parser
        self._builder: ET.TreeBuilder | None = None
        self._line = self._elements = 0
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text

    def _refuse(self, *_: object) -> None:
        raise ValueError("XML declares a document type, which annotation files have no need of")

    def _start(self, tag: str, attributes: dict[str, Any]) -> None:
        self.root = self.root or tag
        if self._builder is None and tag == "image":
            self._builder, self._line, self._elements = ET.TreeBuilder(), self._parser.CurrentLineNumber, 0
        if self._builder is not None:
            self._elements += 1
            if self._elements > _MOST_ELEMENTS:
                raise ValueError(f"the image of line {self._line} has more than {_MOST_ELEMENTS:,} elements")
            self._builder.start(tag, attributes)

    def _end(self, tag: str) -> None:
        if self._builder is not None:
            self._builder.end(tag)
            if tag == "image":
                self.done.append((self._builder.close(), self._line))
                self._builder = None

    def _text(self, data: str) -> None:
        if self._builder is not None:
            self._builder.data(data)


def _images(path: Path) -> Iterator[tuple[ET.Element, int]]:
    parser = expat.ParserCreate()
    images = _Images(parser)
    with path.open("rb") as stream:
        while True:
            block = stream.read(_BLOCK)
            try:
                parser.Parse(block, not block)
            except (expat.ExpatError, LookupError) as error:
                yield from images.done
                raise ValueError(f"not readable as XML: {error}") from error
            yield from images.done
            images.done.clear()
            if not block:
                return


def _is_export(path: Path) -> bool:
    parser = expat.ParserCreate()
    images = _Images(parser)
    try:
        with path.open("rb") as stream:
            parser.Parse(stream.read(_BLOCK), False)
    except (expat.ExpatError, LookupError, ValueError):
        pass  # broken further on: that is for `read` to say
    return images.root == "annotations"


def matches(folder: Path) -> str | None:
    """Return what shows that the folder is in this format, None where nothing does."""
    return next((file for file in walk(folder, {".xml"}) if _is_export(folder / file)), None)
