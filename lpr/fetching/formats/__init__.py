"""Annotation formats, one module each, and finding out which one a folder is in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Protocol

from lpr.base.errors import LprError
from lpr.fetching.formats import coco, csv_table, cvat, label_studio, openalpr, own, voc, yolo
from lpr.fetching.formats.raw import Raw


class Format(Protocol):
    """What the module of a format offers."""

    def matches(self, folder: Path) -> bool:
        """Return whether a folder is in this format."""

    def read(self, folder: Path) -> Iterator[Raw]:
        """Yield a folder's entries and what no entry could be made of, in a fixed order. Raises LprError."""


FORMATS: dict[str, Format] = {
    "own": own,
    "coco": coco,
    "label_studio": label_studio,
    "cvat": cvat,
    "voc": voc,
    "openalpr": openalpr,
    "yolo": yolo,
    "csv": csv_table,
}
"""By the names that params.yaml uses for them, in the order in which they are looked for."""


def detect_format(folder: Path) -> str:
    """Return the name of the format that a folder's annotation files are in.

    A folder may hold several (a set with boxes and, beside it, a table of crops): the first of `FORMATS` that fits is
    taken, and `format` in params.yaml chooses another.

    Raises:
        LprError: none fits; the message says what is there and what would be understood.
    """
    for name, module in FORMATS.items():
        if module.matches(folder):
            return name
    files = (path for path in folder.rglob("*") if path.is_file())
    suffixes = Counter(PurePosixPath(path.name).suffix.lower() or "no suffix" for path in islice(files, 10_000))
    found = ", ".join(f"{count} {suffix}" for suffix, count in suffixes.most_common(6)) or "no files"
    raise LprError(
        f"{folder}: no annotations found; there are {found}. Understood are: own (annotations/train.json), coco "
        "(images and annotations in one .json), label_studio (a .json list of tasks with annotations), cvat (.xml of "
        "<annotations>), voc (.xml of one <annotation>), openalpr (.txt with tabs), yolo (.txt with fractions), "
        "csv (image_path,plate_text). Name one as the source's `format` to be told what is wrong with it."
    )


def read_entries(folder: Path, format_name: str) -> Iterator[Raw]:
    """Yield a folder's entries and what no entry could be made of, in a fixed order. Raises LprError."""
    return FORMATS[format_name].read(folder)
