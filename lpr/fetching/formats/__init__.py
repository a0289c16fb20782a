"""Annotation formats, one module each, and finding out which one a folder is in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path, PurePosixPath

from lpr.base.errors import LprError
from lpr.fetching.formats import coco, crops, cvat, label_studio, openalpr, own, voc, yolo
from lpr.fetching.formats.raw import Raw, Reader

READERS: dict[str, Reader] = {
    "own": own.read,
    "coco": coco.read,
    "label_studio": label_studio.read,
    "cvat": cvat.read,
    "voc": voc.read,
    "openalpr": openalpr.read,
    "yolo": yolo.read,
    "csv": crops.read,
}
"""Readers by the name that params.yaml uses for them."""

_DETECTION_ORDER = (
    ("own", own),
    ("coco", coco),
    ("label_studio", label_studio),
    ("cvat", cvat),
    ("voc", voc),
    ("openalpr", openalpr),
    ("yolo", yolo),
    ("csv", crops),
)


def detect_format(folder: Path) -> str:
    """Return the name of the format that a folder's annotation files are in.

    A folder may hold several (a set with boxes and, beside it, a table of crops): the first of own, coco, label_studio,
    cvat, voc, openalpr, yolo, csv that fits is taken, and `format` in params.yaml chooses another.

    Raises:
        LprError: none fits; the message says what is there and what would be understood.
    """
    for name, module in _DETECTION_ORDER:
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
    return READERS[format_name](folder)
