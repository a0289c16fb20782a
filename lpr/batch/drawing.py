"""Photos with their readings drawn in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

from lpr.base.files import atomic_path

if TYPE_CHECKING:
    from lpr.inference.plates import PlateReading

_COLOUR, _INK = (255, 214, 10), (20, 20, 20)
_QUALITY = 92


def draw(photo: Image.Image, plates: Sequence[PlateReading]) -> Image.Image:
    """Return a copy of an RGB photo with a frame around each plate and its text and confidence above it."""
    copy = photo.copy()
    canvas = ImageDraw.Draw(copy)
    unit = max(max(photo.size) / 640, 1.0)
    font = ImageFont.load_default(round(14 * unit))
    for plate in plates:
        x, y, w, h = (round(number) for number in plate.box)
        canvas.rectangle((x, y, x + w, y + h), outline=_COLOUR, width=round(2 * unit))
        label = f"{plate.text} {plate.confidence:.0%}"
        left, top, right, bottom = canvas.textbbox((0, 0), label, font=font)
        wide, tall = right - left + 8 * unit, bottom - top + 6 * unit
        # Above the plate where there is room, else below it; never beyond the right edge.
        corner = (max(min(x, photo.width - wide), 0), y - tall if y >= tall else y + h)
        canvas.rectangle((*corner, corner[0] + wide, corner[1] + tall), fill=_COLOUR)
        canvas.text((corner[0] + 4 * unit - left, corner[1] + 3 * unit - top), label, fill=_INK, font=font)
    return copy


class Album:
    """A folder of drawn copies, in which no photo that is read is overwritten and no copy by another.

    Args:
        folder: made when the first copy is written.
        photos: the files that are read.
    """

    def __init__(self, folder: Path, photos: Sequence[Path]) -> None:
        self._folder = folder
        self._taken = {photo.resolve() for photo in photos}

    def add(self, photo: Path, image: Image.Image, plates: Sequence[PlateReading]) -> Path:
        """Write a copy as JPEG, named after its photo, with a number where that name is taken; return its path."""
        target, number = self._folder / f"{photo.stem}.jpg", 1
        while target.resolve() in self._taken:
            number += 1
            target = self._folder / f"{photo.stem}-{number}.jpg"
        self._taken.add(target.resolve())
        with atomic_path(target) as temporary:
            draw(image, plates).save(temporary, "JPEG", quality=_QUALITY, subsampling=0)
        return target
