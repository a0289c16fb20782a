"""What `lpr data prelabel` writes down of a folder of photos: `prelabels.json`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PlainSerializer

from lpr.plate.box import Box
from lpr.records.record import Record, load_record

PRELABELS = "prelabels.json"

Certainty = Annotated[float, Field(ge=0, le=1)]


class PrelabelledPlate(Record):
    """A plate as the models see it.

    Attributes:
        bbox: `(x, y, width, height)` in pixels of the upright photo, inside of it; written to a tenth.
        text: `0-9A-Z`, None where no character was seen.
        certainty: of the text, in [0, 1]: that of its most doubtful character; 0 without a text.
        sure: whether the text is right at the stated precision.
    """

    bbox: Annotated[Box, PlainSerializer(lambda box: [round(number, 1) for number in box])]
    text: str | None
    certainty: Certainty
    sure: bool


class PrelabelledPhoto(Record):
    """A photo as the models see it.

    Attributes:
        image: path relative to the folder of photos, with slashes.
        size: width and height of the upright photo.
        group: its number among the near-duplicates, from 1.
        certainty: in [0, 1], to order photos by; see `lpr.labelling.seen.SeenPhoto`.
        faint: number of places that are just not taken for a plate.
        sure: whether all plates that it may have are sure.
        plates: best first.
    """

    image: str
    size: tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]]
    group: Annotated[int, Field(ge=1)]
    certainty: Annotated[Certainty, PlainSerializer(lambda certainty: round(certainty, 4))]
    faint: Annotated[int, Field(ge=0)]
    sure: bool
    plates: tuple[PrelabelledPlate, ...]


class UnreadPhoto(Record):
    """A photo that could not be read, and why."""

    image: str
    reason: str


class Prelabels(Record):
    """All pre-labels of a folder of photos.

    Attributes:
        format: of this record.
        models: their version.
        precision: the share of sure plates whose text is right.
        measured: whether that is measured on labelled photos, or taken at the word of the models.
        threshold: the certainty from which a plate is sure, None where nothing is.
        rejected: the photos that could not be read.
        photos: in the order in which people should look at them.
    """

    format: Literal[1] = 1
    models: str
    precision: float
    measured: bool
    threshold: float | None
    rejected: tuple[UnreadPhoto, ...]
    photos: tuple[PrelabelledPhoto, ...]


def load_prelabels(folder: Path) -> Prelabels:
    """Read the record of a folder that `lpr data prelabel` wrote. Raises LprError, as `load_record` does."""
    return load_record(folder / PRELABELS, Prelabels, "name a folder that `lpr data prelabel` wrote")
