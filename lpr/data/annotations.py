"""The project's own annotation files: `data/annotations/{train,val,test}.json`.

One JSON object that maps an image's name to its entry, one entry a line, sorted by name, so that files compare by
line and are read in a stream.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from lpr.base.errors import LprError
from lpr.base.files import atomic_path
from lpr.base.parsing import parse_json
from lpr.plate.box import Box

Use = Literal["detection", "reading", "both"]
Split = Literal["train", "val", "test"]
SPLITS: tuple[Split, ...] = ("train", "val", "test")


@dataclass(frozen=True)
class Plate:
    """A plate of a photo.

    Attributes:
        bbox: `[x, y, width, height]` in pixels of the image as displayed.
        text: what it says, `0-9A-Z`, top line first; None where nobody could read it.
        lines: 1 or 2, None where unknown.
        quad: corners `((x, y) x 4)` in pixels, clockwise from the top left of the upright plate, where known.
        centres: the middle `(x, y)` of each character of `text` in pixels, where known (rendered plates).
    """

    bbox: Box
    text: str | None = None
    lines: int | None = None
    quad: tuple[tuple[float, float], ...] | None = None
    centres: tuple[tuple[float, float], ...] | None = None


@dataclass(frozen=True)
class Entry:
    """What is in one image.

    Attributes:
        name: the image's file name inside its split's folder.
        plates: the plates of a photo, `()` for a photo without one.
        text: for an entry whose whole image is the plate, its text; None for photos.
        lines: of such a crop.
        centres: of such a crop, like `Plate.centres`.
        source: the name of the source that it came from.
        use: whether it teaches and measures detection, reading, or both.
    """

    name: str
    plates: tuple[Plate, ...] = ()
    text: str | None = None
    lines: int | None = None
    centres: tuple[tuple[float, float], ...] | None = None
    source: str = ""
    use: Use = "both"

    @property
    def is_crop(self) -> bool:
        """Whether the image itself is the plate."""
        return self.text is not None

    @property
    def for_detection(self) -> bool:
        """Whether the detector learns from, and is measured on, this image."""
        return self.use != "reading" and not self.is_crop

    @property
    def for_reading(self) -> bool:
        """Whether the OCR learns from, and is measured on, this image's plates with text."""
        return self.use != "detection"


def to_json(entry: Entry) -> dict[str, Any]:
    """Return the entry as its JSON object, without the fields that are not set."""
    value: dict[str, Any] = {}
    if entry.is_crop:
        value["text"] = entry.text
        if entry.lines is not None:
            value["lines"] = entry.lines
        if entry.centres is not None:
            value["centres"] = _points(entry.centres)
    else:
        value["plates"] = [_plate_to_json(plate) for plate in entry.plates]
    if entry.source:
        value["source"] = entry.source
    if entry.use != "both":
        value["use"] = entry.use
    return value


def from_json(name: str, value: dict[str, Any]) -> Entry:
    """Return the entry that `to_json` wrote. Files of other hands go through `lpr.fetching.formats`, which check."""
    if "text" in value:
        centres = value.get("centres")
        return Entry(
            name,
            text=value["text"],
            lines=value.get("lines"),
            centres=None if centres is None else tuple((float(x), float(y)) for x, y in centres),
            source=value.get("source", ""),
            use=cast(Use, value.get("use", "both")),
        )
    plates = tuple(_plate_from_json(plate) for plate in value["plates"])
    return Entry(name, plates, source=value.get("source", ""), use=cast(Use, value.get("use", "both")))


def write_entries(path: Path | str, entries: Iterable[Entry]) -> int:
    """Write entries, which must come sorted by name, whole or not at all, and return their number."""
    count = 0
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8") as stream:
        stream.write("{")
        for entry in entries:
            line = json.dumps(to_json(entry), ensure_ascii=False, allow_nan=False)
            stream.write(f"{',' if count else ''}\n{json.dumps(entry.name)}: {line}")
            count += 1
        stream.write("\n}\n")
    return count


def read_entries(path: Path | str) -> Iterator[Entry]:
    """Yield the entries of a file that `write_entries` made, in a stream.

    Raises:
        LprError: the file is missing or is not such a file.
    """
    path = Path(path)
    if not path.is_file():
        raise LprError(f"{path}: no such annotation file; run `dvc repro fetch_data` to make it")
    with path.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            line = line.strip().rstrip(b",")
            if line in (b"{", b"}", b"{}", b""):
                continue
            try:
                ((name, value),) = parse_json(b"{" + line + b"}").items()
                entry = from_json(name, value)
            except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
                raise LprError(f"{path}, line {number}: not an entry written by fetch_data ({error})") from error
            yield entry


def _points(points: Iterable[tuple[float, float]]) -> list[list[float]]:
    return [[round(x, 1), round(y, 1)] for x, y in points]


def _plate_to_json(plate: Plate) -> dict[str, Any]:
    value: dict[str, Any] = {"bbox": [round(number, 2) for number in plate.bbox], "text": plate.text}
    if plate.lines is not None:
        value["lines"] = plate.lines
    if plate.quad is not None:
        value["quad"] = _points(plate.quad)
    if plate.centres is not None:
        value["centres"] = _points(plate.centres)
    return value


def _plate_from_json(value: dict[str, Any]) -> Plate:
    x, y, w, h = (float(number) for number in value["bbox"])
    quad, centres = value.get("quad"), value.get("centres")
    return Plate(
        (x, y, w, h),
        value.get("text"),
        value.get("lines"),
        None if quad is None else tuple((float(a), float(b)) for a, b in quad),
        None if centres is None else tuple((float(a), float(b)) for a, b in centres),
    )
