"""Label Studio's JSON export: a list of tasks, rectangles in percent of the photo, a text that belongs to each.

Rectangles with labels (`RectangleLabels`) or with labels beside them (`Rectangle` and `Labels`), and a `TextArea` with
`perRegion`, in whatever names the project gave them. Of several annotations of one task the last changed counts,
a cancelled one never. JSON_MIN, which does not say which text belongs to which rectangle, is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from lpr.base.errors import LprError
from lpr.fetching.formats.json_stream import iter_elements
from lpr.fetching.formats.paths import IMAGE_SUFFIXES, find_photo, walk
from lpr.fetching.formats.raw import Raw, RawEntry, RawPlate, RawRejection
from lpr.fetching.formats.rectangles import bounding_box, corners, turned
from lpr.fetching.formats.values import number
from lpr.fetching.formats.words import is_plate_class, split_of_folder

_UPLOAD_PREFIX = re.compile(r"^[0-9a-f]{8}-")  # Label Studio puts it before the name of each uploaded file


def read(folder: Path) -> Iterator[Raw]:
    """Yield the entries of every export below a folder. Raises LprError where one is no JSON list."""
    for file in walk(folder, {".json"}):
        if _is_export(folder / file):
            for task, line in iter_elements(folder / file):
                try:
                    yield _entry(folder, file, task, line)
                except ValueError as error:
                    yield RawRejection(file, f"line {line}{_name_of(task)}", str(error))


def _name_of(task: Any) -> str:
    return f": task {str(task['id'])[:40]}" if isinstance(task, dict) and "id" in task else ""


def _entry(folder: Path, file: str, task: Any, line: int) -> RawEntry:
    if not isinstance(task, dict):
        raise ValueError("a task is not an object")
    stored = _stored_name(task.get("data"))
    name = PurePosixPath(stored)
    image = find_photo(folder, file, stored, (name.parent / _UPLOAD_PREFIX.sub("", name.name)).as_posix())
    regions: dict[str, list[dict[str, Any]]] = {}
    for part in _result(task.get("annotations")):
        if not isinstance(part, dict) or not isinstance(part.get("value"), dict):
            raise ValueError("a part of a result is not an object with a value")
        regions.setdefault(str(part.get("id")), []).append(part)
    plates, others, size = [], 0, None
    for parts in regions.values():
        shapes = [part for part in parts if {"x", "y", "width", "height"} <= part["value"].keys()]
        if not shapes:
            continue  # a choice or a text about the photo as a whole
        if not _is_plate(parts):
            others += 1
            continue
        size = _size(shapes[0]) or size
        plates.append(RawPlate(_fractions(shapes[0]["value"], _size(shapes[0])), _text(parts)))
    split = split_of_folder(image) or split_of_folder(file)
    origin = f"{file}, line {line}"
    return RawEntry(image, tuple(plates), split, origin, fractions=True, claimed_size=size, other_objects=others)


def _stored_name(data: Any) -> str:
    values = [value for value in data.values() if isinstance(value, str)] if isinstance(data, dict) else []
    for value in values:
        try:
            url = urlsplit(value)
        except ValueError:
            continue
        # Photos of a local storage are "/data/local-files/?d=folder/a.jpg".
        name = parse_qs(url.query).get("d", [""])[0] or unquote(url.path)
        if PurePosixPath(name).suffix.lower() in IMAGE_SUFFIXES:
            return name
    raise ValueError("the task's data names no photo")


def _result(annotations: Any) -> list[Any]:
    if not isinstance(annotations, list) or not all(isinstance(one, dict) for one in annotations):
        raise ValueError("annotations is not a list of objects")
    done = [one for one in annotations if not one.get("was_cancelled")]
    if not done:
        raise ValueError("the task has no annotation: it was skipped, or nobody has come to it yet")
    result = max(done, key=lambda one: str(one.get("updated_at") or one.get("created_at") or "")).get("result")
    if not isinstance(result, list):
        raise ValueError("an annotation's result is not a list")
    return result


def _is_plate(parts: list[dict[str, Any]]) -> bool:
    labels = [part["value"].get(kind) for part in parts for kind in ("rectanglelabels", "labels")]
    names = [name for label in labels if isinstance(label, list) for name in label if isinstance(name, str)]
    return not names or any(map(is_plate_class, names))


def _text(parts: list[dict[str, Any]]) -> str | None:
    for part in parts:
        text = part["value"].get("text")
        if text is None:
            continue
        lines = text if isinstance(text, list) else [text]
        if not all(isinstance(line, str) for line in lines):
            raise ValueError("text is neither a string nor a list of strings")
        return " ".join(lines).strip() or None
    return None


def _size(part: dict[str, Any]) -> tuple[int, int] | None:
    width, height = part.get("original_width"), part.get("original_height")
    if isinstance(width, int) and isinstance(height, int) and width > 0 and height > 0:
        return width, height
    return None


def _fractions(value: dict[str, Any], size: tuple[int, int] | None) -> tuple[float, float, float, float]:
    x, y, w, h = (number(value[key]) / 100 for key in ("x", "y", "width", "height"))
    degrees = number(value.get("rotation") or 0)
    if not degrees:
        return x, y, w, h
    if size is None:
        raise ValueError("a rectangle is turned, and original_width or original_height is missing")
    # A rectangle is turned about its own top left corner, in pixels: percents of the two sides differ.
    width, height = size
    points = turned(corners(x * width, y * height, w * width, h * height), (x * width, y * height), degrees)
    left, top, across, down = bounding_box(points)
    return left / width, top / height, across / width, down / height


def _is_export(path: Path) -> bool:
    try:
        task, _ = next(iter_elements(path), (None, 0))
    except LprError:
        return False
    return isinstance(task, dict) and {"data", "annotations"} <= task.keys()


def matches(folder: Path) -> bool:
    """Return whether a folder is in this format."""
    return any(_is_export(folder / file) for file in walk(folder, {".json"}))
