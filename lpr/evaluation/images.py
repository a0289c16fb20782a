"""The images of a data set, and the plates on them."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from lpr.base.errors import LprError
from lpr.data.annotations import Entry, Plate
from lpr.plate.box import Box


def open_image(path: Path) -> Image.Image:
    """Return the image of a data set, decoded, as RGB. Raises LprError when it is missing or unreadable."""
    try:
        with Image.open(path) as image:
            return image.convert("RGB")
    except (OSError, ValueError) as error:
        raise LprError(f"{path}: not readable as an image ({error}); run `dvc repro fetch_data` again") from error


def whole(image: Image.Image) -> Box:
    """Return the box that is the whole image."""
    return 0.0, 0.0, float(image.width), float(image.height)


def plates_of(entry: Entry, image: Image.Image) -> tuple[Plate, ...]:
    """Return the plates on an image; on a crop one, which is the whole image."""
    return (Plate(whole(image), entry.text, entry.lines),) if entry.is_crop else entry.plates
