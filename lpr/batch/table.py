"""Readings as CSV: a row a plate, and one without a text for a photo without a plate."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lpr.inference.plates import PlateReading

COLUMNS = ("image", "text", "confidence", "detection", "x", "y", "width", "height")


def rows(image: str, plates: Sequence[PlateReading]) -> Iterator[str]:
    """Yield the rows of a photo, without line ends, best plate first; boxes are in pixels."""
    for plate in plates:
        box = [round(number, 1) for number in plate.box]
        yield row((image, plate.text, round(plate.confidence, 4), round(plate.detection, 4), *box))
    if not plates:
        yield row((image, *[""] * (len(COLUMNS) - 1)))


def row(values: Sequence[object]) -> str:
    """Return one row as CSV, quoted where need be, without its line end."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="").writerow(values)
    return stream.getvalue()
