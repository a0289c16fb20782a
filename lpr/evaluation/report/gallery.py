"""All that went wrong, with pictures that are cut out one at a time, and by what they can be filtered."""

from __future__ import annotations

import base64
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Any, Literal

from PIL import Image

from lpr.evaluation.report.breakdown import lines_name, source_name, width_class, width_names
from lpr.evaluation.report.examples import Example, draw
from lpr.evaluation.results import FalseReading, Row
from lpr.metrics.recognition import NONE, align

LARGEST = 2000
"""Errors that a page shows. Each takes about 6.5 KB of it, so that it stays near 13 MB, which a phone opens too."""
QUALITY = 72
"""Of the JPEG pictures: at 240x120 pixels a higher one shows nothing more."""

Kind = Literal["misread", "false reading", "not found"]
KINDS: tuple[Kind, ...] = ("misread", "false reading", "not found")


@dataclass(frozen=True)
class ErrorCase:
    """An error of the whole system, or of the OCR where the image is a crop.

    Attributes:
        kind: `misread`, `false reading` (something was read where no labelled plate is), or `not found`.
        row: the plate; of a false reading the found box, without a true text.
    """

    kind: Kind
    row: Row


@dataclass(frozen=True)
class Filter:
    """A property by which errors can be chosen: its title, and the number of errors by each of its values."""

    name: str
    title: str
    values: dict[str, int]


@dataclass(frozen=True)
class Gallery:
    """The errors that a page shows.

    Attributes:
        cases: those shown, by kind, then the surest readings and the widest plates first.
        left_out: the number of those that are not, for `LARGEST`.
        open_image: gives an image by its name.
    """

    cases: list[ErrorCase]
    left_out: int
    open_image: Callable[[str], Image.Image]

    @property
    def filters(self) -> list[Filter]:
        """The properties that differ among the errors shown; the kind always."""
        found = [
            Filter(name, title, _counted(values[name] for values in map(properties, self.cases)))
            for name, title in (
                ("kind", "Kind"), ("source", "Source"), ("lines", "Lines"), ("width", "Width"), ("image", "Image"),
            )
        ]  # fmt: skip
        return [each for each in found if each.name == "kind" or len(each.values) > 1]

    def figures(self) -> Iterator[dict[str, Any]]:
        """Yield what the page shows of each error; its picture is made when it is asked for, and not kept."""
        for case in self.cases:
            (example,) = draw([case.row], self.open_image)
            yield {**show_reading(example), "kind": case.kind, "properties": properties(case)}


def collect(
    rows: Iterable[Row],
    false_readings: Iterable[FalseReading],
    open_image: Callable[[str], Image.Image],
    most: int = LARGEST,
) -> Gallery:
    """Return all errors, at most `most`, of each kind in turn the surest readings and the widest plates.

    Plates without a known text, and those of photos for detection alone, can be `not found`, but not `misread`.
    """
    rows = list(rows)
    false = [_as_row(reading) for reading in false_readings]
    kinds: dict[Kind, list[Row]] = {
        "misread": sorted((row for row in rows if _misread(row)), key=_surest),
        "false reading": sorted(false, key=_surest),
        "not found": sorted((row for row in rows if row.confidence is None), key=_widest),
    }
    every = [[ErrorCase(kind, row) for row in kinds[kind]] for kind in KINDS]
    in_turn = [case for case in chain.from_iterable(zip_longest(*every)) if case is not None]
    kept = sorted(in_turn[:most], key=lambda case: KINDS.index(case.kind))
    return Gallery(kept, len(in_turn) - len(kept), open_image)


def show_reading(example: Example) -> dict[str, Any]:
    """Return a reading for the page: `row`, `picture` as an address, and `marks`, its characters and whether each is
    right."""
    row = example.row
    pairs = align(row.truth, row.read) if row.confidence is not None and row.truth is not None else []
    marks = [("·" if predicted == NONE else predicted, actual == predicted) for actual, predicted in pairs]
    return {"row": row, "marks": marks, "picture": data_uri(example.picture)}


def properties(case: ErrorCase) -> dict[str, str]:
    """Return the values by which an error can be chosen."""
    row = case.row
    return {
        "kind": case.kind,
        "source": source_name(row),
        "lines": lines_name(row),
        "width": width_names()[width_class(row)],
        "image": "crops" if row.kind == "crop" else "photos",
    }


def data_uri(picture: Image.Image) -> str:
    """Return a picture as the address of a JPEG that holds it."""
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(stream.getvalue()).decode()


def _counted(values: Iterable[str]) -> dict[str, int]:
    order = {name: place for place, name in enumerate((*KINDS, *width_names()))}
    return dict(sorted(Counter(values).items(), key=lambda item: (order.get(item[0], 0), item[0])))


def _misread(row: Row) -> bool:
    # Without a reading of its true box a plate does not count for reading.
    return row.verdict == "wrong" and row.read_in_box is not None


def _as_row(reading: FalseReading) -> Row:
    return Row(
        reading.image, 0, reading.source, "photo", None, reading.box, None, reading.text, reading.confidence, None,
        reading.box,
    )  # fmt: skip


def _surest(row: Row) -> tuple[float, str, int]:
    confidence = row.confidence or 0.0
    return (-confidence if confidence == confidence else 0.0, row.image, row.plate)


def _widest(row: Row) -> tuple[float, str, int]:
    return (-row.box[2], row.image, row.plate)
