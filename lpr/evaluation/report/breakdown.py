"""Results by the width of the plate, by source and by lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from lpr.evaluation.results import Row
from lpr.metrics.counts import Count

WIDTHS = {0: "below 32 px", 32: "32 to 64 px", 64: "64 to 128 px", 128: "128 to 256 px", 256: "256 px and more"}
"""Classes of widths by their lower ends, in pixels of the image: twice as wide each, and below 128, the OCR's input, a
plate is enlarged before it is read."""
WIDTH_NAMES = tuple(WIDTHS.values())
UNKNOWN = "not known"


@dataclass
class Group:
    """Plates of one kind.

    Attributes:
        name: of the kind.
        found: boxed plates of photos, and those of them that were found.
        read: plates of photos that have a text, and those of them that were found and read exactly right.
        read_in_box: plates with a text, crops too, and those of them whose true box was read exactly right.
    """

    name: str
    found: Count = field(default_factory=Count)
    read: Count = field(default_factory=Count)
    read_in_box: Count = field(default_factory=Count)

    def update(self, row: Row) -> None:
        """Add a plate to what was found and read in photos."""
        if row.kind == "photo":
            self.found.update(row.iou is not None)
            if row.read_in_box is not None:
                self.read.update(row.verdict == "right")

    def update_in_box(self, row: Row) -> None:
        """Add a plate to what was read in true boxes."""
        if row.read_in_box is not None:
            self.read_in_box.update(row.read_in_box == row.truth)


def width_name(row: Row) -> str:
    """Return a plate's class of `WIDTHS`."""
    # The box of a false reading may not be finite.
    return WIDTHS[max((least for least in WIDTHS if row.box[2] >= least), default=0)]


def source_name(row: Row) -> str:
    """Return a plate's source as people read it."""
    return row.source or UNKNOWN


def lines_name(row: Row) -> str:
    """Return a plate's number of lines as people read it."""
    return {1: "one line", 2: "two lines"}.get(row.lines or 0, UNKNOWN)


def break_down(rows: Sequence[Row], in_boxes: Sequence[Row] | None = None) -> dict[str, list[Group]]:
    """Return the results by each property of the plates, `Width`, `Source` and `Lines`; groups without plates are left
    out.

    Args:
        rows: all plates.
        in_boxes: those of whom the reading of true boxes counts; None: all.
    """
    properties: dict[str, tuple[Callable[[Row], str], Callable[[str], Any]]] = {
        "Width": (width_name, WIDTH_NAMES.index),
        "Source": (source_name, str),
        "Lines": (lines_name, str),
    }
    return {title: _groups(rows, in_boxes, *how) for title, how in properties.items()}


def _groups(
    rows: Sequence[Row], in_boxes: Sequence[Row] | None, name: Callable[[Row], str], place: Callable[[str], Any]
) -> list[Group]:
    groups: dict[str, Group] = {}
    for row in rows:
        groups.setdefault(name(row), Group(name(row))).update(row)
    for row in rows if in_boxes is None else in_boxes:
        groups.setdefault(name(row), Group(name(row))).update_in_box(row)
    return [groups[key] for key in sorted(groups, key=place)]
