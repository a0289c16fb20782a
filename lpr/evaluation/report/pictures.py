"""Pictures of plates with what was read there: one for each, sheets of many, and as addresses for a page."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Callable, Sequence

from PIL import Image, ImageDraw, ImageFont

from lpr.evaluation.images import whole
from lpr.evaluation.results import Row
from lpr.plate.box import expand

WIDTH, HEIGHT = 240, 120
TRUE_COLOUR, FOUND_COLOUR = (46, 204, 113), (255, 159, 28)
QUALITY = 72
"""Of the JPEG pictures in a page: at 240x120 pixels a higher one shows nothing more."""
_MARGIN = 0.5
_COLUMNS = 4
_CAPTION = 22


def draw_plate(image: Image.Image, row: Row) -> Image.Image:
    """Return a plate's neighbourhood in its image, 240x120, the true box green and the found one orange."""
    box = row.box if all(map(math.isfinite, row.box)) else whole(image)
    x, y, w, h = expand(box, 0.0 if row.kind == "crop" else _MARGIN)
    w, h = max(w, 1.0), max(h, 1.0)
    scale = min(WIDTH / w, HEIGHT / h)
    # The window gets the picture's proportions, so that plates are not distorted.
    left, top = x - (WIDTH / scale - w) / 2, y - (HEIGHT / scale - h) / 2
    window = (left, top, left + WIDTH / scale, top + HEIGHT / scale)
    picture = image.transform(
        (WIDTH, HEIGHT), Image.Transform.EXTENT, window, Image.Resampling.BICUBIC, fillcolor=(60, 60, 66)
    )
    if row.kind == "photo":
        pen = ImageDraw.Draw(picture)
        for shown, colour in ((row.box, TRUE_COLOUR), (row.found, FOUND_COLOUR)):
            if shown is not None and all(map(math.isfinite, shown)):
                corner = ((shown[0] - left) * scale, (shown[1] - top) * scale)
                end = (corner[0] + shown[2] * scale, corner[1] + shown[3] * scale)
                pen.rectangle((*corner, *end), outline=colour, width=2)
    return picture


def contact_sheet(rows: Sequence[Row], open_image: Callable[[str], Image.Image]) -> Image.Image:
    """Return the pictures of all rows on one sheet, four in a row; below each what is true, what was read, how surely.

    Args:
        rows: the plates.
        open_image: gives an image by its name.
    """
    lines = max(math.ceil(len(rows) / _COLUMNS), 1)
    sheet = Image.new("RGB", (_COLUMNS * WIDTH, lines * (HEIGHT + _CAPTION)), (24, 24, 27))
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    if not rows:
        pen.text((12, 12), "no errors", (240, 240, 240), font)
    for index, row in enumerate(rows):
        x, y = index % _COLUMNS * WIDTH, index // _COLUMNS * (HEIGHT + _CAPTION)
        sheet.paste(draw_plate(open_image(row.image), row), (x, y))
        pen.text((x + 6, y + HEIGHT + 3), caption(row), (240, 240, 240), font)
    return sheet


def caption(row: Row) -> str:
    """Return `truth > read confidence`; `?` for a text that nobody could read, `missed` where no plate was found."""
    if row.confidence is None:
        return f"{row.truth or '?'} > missed"
    return f"{row.truth or '?'} > {row.read or 'nothing'} {row.confidence:.2f}"


def data_uri(picture: Image.Image) -> str:
    """Return a picture as the address of a JPEG that holds it."""
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(stream.getvalue()).decode()
