"""CSV of plate crops: `image_path,plate_text`, and where known `x,y,width,height`, `lines`, `split` and more.

With box columns the box is the plate inside the image, in pixels; without them the image is the plate. Several rows
of one image with boxes are several plates. The split comes from the `split` column, or from a folder of the path.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lpr.base.errors import LprError
from lpr.fetching.formats.paths import walk
from lpr.fetching.formats.raw import Raw, RawEntry, RawPlate, RawRejection
from lpr.fetching.formats.spool import Spool
from lpr.fetching.formats.values import lines_of, number
from lpr.fetching.formats.words import split_in, split_of_folder

_BOX = ("x", "y", "width", "height")


def read(folder: Path) -> Iterator[Raw]:
    """Yield the entries of every such table below a folder. Raises LprError where one cannot be read as CSV."""
    for file in walk(folder, {".csv"}):
        if _is_table(folder / file):
            yield from _read_table(folder, file)


def _read_table(folder: Path, file: str) -> Iterator[Raw]:
    base = Path(file).parent
    with Spool(folder / file) as spool:
        for line, row in _rows(folder / file):
            image = (row.get("image_path") or "").strip().replace("\\", "/")
            if not image:
                yield RawRejection(file, f"line {line}", "image_path is empty")
                continue
            try:
                bbox = _box(row)
            except ValueError as error:
                yield RawRejection(file, f"line {line}: {image}", str(error))
                continue
            text = row.get("plate_text")
            split = split_in((row.get("split") or "").strip())
            spool.add(image, (bbox, text, lines_of(row.get("lines")), split, line))
        for image, rows in spool.groups():
            lines = ", ".join(str(row[4]) for row in rows)
            origin = f"{file}, line {lines}"
            if len(rows) > 1 and any(row[0] is None for row in rows):
                yield RawRejection(file, image, f"{len(rows)} rows for one image need boxes (lines {lines})")
                continue
            plates = tuple(RawPlate(tuple(bbox) if bbox else None, text, n) for bbox, text, n, _, _ in rows)
            path = image if image.startswith("/") else (base / image).as_posix()
            yield RawEntry(path, plates, rows[0][3] or split_of_folder(image), origin)


def _box(row: dict[str, Any]) -> tuple[float, ...] | None:
    values = [(row.get(column) or "").strip() for column in _BOX]
    if not any(values):
        return None
    if not all(values):
        raise ValueError("box columns are only partly filled")
    return tuple(number(value) for value in values)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            header = stream.readline()
            delimiter = max(",;\t", key=header.count)
            columns = [name.strip().lower() for name in next(csv.reader([header], delimiter=delimiter), [])]
            for row in (reader := csv.reader(stream, delimiter=delimiter)):
                if row:
                    yield reader.line_num + 1, dict(zip(columns, row, strict=False))
    except (csv.Error, UnicodeDecodeError) as error:
        raise LprError(f"{path}: not readable as CSV in UTF-8: {error}") from error


def _is_table(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            header = stream.readline(4096).lower()
    except UnicodeDecodeError:
        return False
    return "image_path" in header and "plate_text" in header


def matches(folder: Path) -> bool:
    """Return whether a folder is in this format."""
    return any(_is_table(folder / file) for file in walk(folder, {".csv"}))
