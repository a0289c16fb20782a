"""Example readings, right and wrong: which ones, and their pictures."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from PIL import Image, ImageDraw, ImageFont

from lpr.evaluation.results import Row
from lpr.plate.box import Box

WIDTH, HEIGHT = 240, 120
TRUE_COLOUR, FOUND_COLOUR = (46, 204, 113), (255, 159, 28)
_MARGIN = 0.5
_COLUMNS = 4
_CAPTION = 22


@dataclass(frozen=True)
class Example:
    """A plate's row with its picture: the neighbourhood, 240x120, the true box green and the found one orange."""

    row: Row
    picture: Image.Image


def choose(rows: Iterable[Row], most: int) -> tuple[list[Row], list[Row]]:
    """Return rows that went wrong and rows that went right, at most `most` in all, errors first served with half.

    Of the errors: the most confident misreadings and the widest missed plates in turn, for these teach most. Of the
    right ones: evenly from the least to the most confident.
    """
    labelled = sorted((row for row in rows if row.verdict != "unlabelled"), key=lambda row: (row.image, row.plate))
    misread = sorted((row for row in labelled if row.verdict == "wrong"), key=lambda row: -_confidence(row))
    missed = sorted((row for row in labelled if row.verdict == "missed"), key=lambda row: -row.box[2])
    right = sorted((row for row in labelled if row.verdict == "right"), key=_confidence)
    errors = [row for row in chain.from_iterable(zip_longest(misread, missed)) if row is not None]
    errors = errors[: max(most // 2, most - len(right))]
    places = min(most - len(errors), len(right))
    spread = [right[index * (len(right) - 1) // max(places - 1, 1)] for index in range(places)]
    return errors, spread


def draw(rows: Sequence[Row], open_named: Callable[[str], Image.Image]) -> list[Example]:
    """Return the rows' pictures, each cut out of the photo that `open_named` gives for its name."""
    return [Example(row, _cut_out(open_named(row.image), row)) for row in rows]


def contact_sheet(examples: Sequence[Example]) -> Image.Image:
    """Return all pictures on one sheet, four in a row; below each what is true, what was read, and how surely."""
    rows = max(math.ceil(len(examples) / _COLUMNS), 1)
    sheet = Image.new("RGB", (_COLUMNS * WIDTH, rows * (HEIGHT + _CAPTION)), (24, 24, 27))
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    if not examples:
        pen.text((12, 12), "no errors", (240, 240, 240), font)
    for index, example in enumerate(examples):
        x, y = index % _COLUMNS * WIDTH, index // _COLUMNS * (HEIGHT + _CAPTION)
        sheet.paste(example.picture, (x, y))
        pen.text((x + 6, y + HEIGHT + 3), caption(example.row), (240, 240, 240), font)
    return sheet


def caption(row: Row) -> str:
    """Return `truth > read confidence`; `?` for a text that nobody could read, `missed` where no plate was found."""
    if row.confidence is None:
        return f"{row.truth or '?'} > missed"
    return f"{row.truth or '?'} > {row.read or 'nothing'} {row.confidence:.2f}"


def _confidence(row: Row) -> float:
    return row.confidence if row.confidence is not None and math.isfinite(row.confidence) else 0.0


def _cut_out(image: Image.Image, row: Row) -> Image.Image:
    shown = row.box if all(map(math.isfinite, row.box)) else (0.0, 0.0, float(image.width), float(image.height))
    x, y, w, h = _around(shown, *((0.0, 0.0) if row.kind == "crop" else (_MARGIN, _MARGIN)))
    scale = min(WIDTH / w, HEIGHT / h)
    # The window gets the picture's proportions, so that plates are not distorted.
    left, top = x - (WIDTH / scale - w) / 2, y - (HEIGHT / scale - h) / 2
    window = (left, top, left + WIDTH / scale, top + HEIGHT / scale)
    picture = image.transform(
        (WIDTH, HEIGHT), Image.Transform.EXTENT, window, Image.Resampling.BICUBIC, fillcolor=(60, 60, 66)
    )
    if row.kind == "photo":
        pen = ImageDraw.Draw(picture)
        for box, colour in ((row.box, TRUE_COLOUR), (row.found, FOUND_COLOUR)):
            if box is not None and all(map(math.isfinite, box)):
                corners = ((box[0] - left) * scale, (box[1] - top) * scale)
                pen.rectangle(
                    (*corners, corners[0] + box[2] * scale, corners[1] + box[3] * scale), outline=colour, width=2
                )
    return picture


def _around(box: Box, across: float, down: float) -> Box:
    x, y, w, h = box
    return x - w * across, y - h * down, max(w * (1 + 2 * across), 1.0), max(h * (1 + 2 * down), 1.0)
