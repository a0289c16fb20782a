"""All that went wrong, with pictures that are cut out one at a time, and by what they can be filtered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Any, Literal

from PIL import Image

from lpr.evaluation.report.breakdown import WIDTH_NAMES, lines_name, source_name, width_name
from lpr.evaluation.report.examples import surest_first, widest_first
from lpr.evaluation.report.pictures import data_uri, draw_plate
from lpr.evaluation.results import Row
from lpr.metrics.recognition import NONE, align

LARGEST = 2000
"""Errors that a page shows. Each takes about 6.5 KB of it, so that it stays near 13 MB, which a phone opens too."""

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
            yield {**show_reading(case.row, self.open_image), "kind": case.kind, "properties": properties(case)}


def collect(
    rows: Iterable[Row],
    false_readings: Iterable[Row],
    open_image: Callable[[str], Image.Image],
    most: int = LARGEST,
) -> Gallery:
    """Return all errors, at most `most`, of each kind in turn the surest readings and the widest plates.

    Plates without a known text, and those of photos for detection alone, can be `not found`, but not `misread`.
    """
    rows = list(rows)
    kinds: dict[Kind, list[Row]] = {
        # Without a reading of its true box a plate does not count for reading.
        "misread": surest_first(row for row in rows if row.verdict == "wrong" and row.read_in_box is not None),
        "false reading": surest_first(false_readings),
        "not found": widest_first(row for row in rows if row.confidence is None),
    }
    every = [[ErrorCase(kind, row) for row in kinds[kind]] for kind in KINDS]
    in_turn = [case for case in chain.from_iterable(zip_longest(*every)) if case is not None]
    kept = sorted(in_turn[:most], key=lambda case: KINDS.index(case.kind))
    return Gallery(kept, len(in_turn) - len(kept), open_image)


def show_reading(row: Row, open_image: Callable[[str], Image.Image]) -> dict[str, Any]:
    """Return a reading for the page: `row`, `picture` as an address, and `marks`, its characters and whether each is
    right."""
    pairs = align(row.truth, row.read) if row.confidence is not None and row.truth is not None else []
    marks = [("·" if predicted == NONE else predicted, actual == predicted) for actual, predicted in pairs]
    return {"row": row, "marks": marks, "picture": data_uri(draw_plate(open_image(row.image), row))}


def properties(case: ErrorCase) -> dict[str, str]:
    """Return the values by which an error can be chosen."""
    row = case.row
    return {
        "kind": case.kind,
        "source": source_name(row),
        "lines": lines_name(row),
        "width": width_name(row),
        "image": "crops" if row.kind == "crop" else "photos",
    }


def _counted(values: Iterable[str]) -> dict[str, int]:
    order = {name: place for place, name in enumerate((*KINDS, *WIDTH_NAMES))}
    return dict(sorted(Counter(values).items(), key=lambda item: (order.get(item[0], 0), item[0])))
