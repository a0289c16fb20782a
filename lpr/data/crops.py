"""The plates with text of a split, cut out of their photos with room around them."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lpr.data.annotations import Split, read_entries
from lpr.data.prepared import opened
from lpr.plate.box import Box
from lpr.plate.crop import cut

ROOM = (0.24, 0.38)
"""Shares of the box's width and height kept on each side, in which the training moves the crop's edges."""
STORED = (62, 208)
"""Height and width at which cut plates are kept, room included: a little more than the model's own resolution."""
_USUAL = 4.0
"""Width over height of a plate whose box is not known."""


@dataclass(frozen=True)
class Crop:
    """A plate with text.

    Attributes:
        image: path of its photo.
        box: the plate in the photo's pixels; None where the whole image is the plate.
        text: what it says.
        lines: 1 or 2, None where unknown.
        centres: `(x, y)` of each character in fractions of the box, where known.
    """

    image: Path
    box: Box | None
    text: str
    lines: int | None
    centres: tuple[tuple[float, float], ...] | None

    @property
    def aspect(self) -> float:
        """The box's width over its height."""
        return self.box[2] / self.box[3] if self.box else _USUAL


def read_crops(data: Path, split: Split, least_width: float = 0.0) -> list[Crop]:
    """Return the plates with text of a split that are for reading, in the annotations' order.

    Args:
        data: the data folder.
        split: which.
        least_width: pixels; plates of photos that are narrower are left out.
    """
    crops: list[Crop] = []
    folder = data / "images" / split
    for entry in read_entries(data / "annotations" / f"{split}.json"):
        if not entry.for_reading:
            continue
        path = folder / entry.name
        if entry.text:
            # The fractions of a whole image need its size, which only the image knows.
            with opened(path) if entry.centres else nullcontext() as image:
                size = image.size if image else (1, 1)
            box = (0.0, 0.0, float(size[0]), float(size[1]))
            crops.append(Crop(path, None, entry.text, entry.lines, _fractions(entry.centres, box)))
        for plate in entry.plates:
            if plate.text and plate.bbox[2] >= least_width:
                centres = _fractions(plate.centres, plate.bbox)
                crops.append(Crop(path, plate.bbox, plate.text, plate.lines, centres))
    return crops


def draw(crop: Crop) -> NDArray[np.uint8]:
    """Return the plate with `ROOM` around it, `STORED` x 3 uint8 RGB; grey where that reaches over the photo's edge."""
    with opened(crop.image) as photo:
        box = crop.box or (0.0, 0.0, float(photo.width), float(photo.height))
        x, y, width, height = box
        room = (x - ROOM[0] * width, y - ROOM[1] * height, (1 + 2 * ROOM[0]) * width, (1 + 2 * ROOM[1]) * height)
        return cut(photo.convert("RGB"), room, STORED[1], STORED[0])


def _fractions(centres: tuple[tuple[float, float], ...] | None, box: Box) -> tuple[tuple[float, float], ...] | None:
    if centres is None:
        return None
    x, y, w, h = box
    return tuple(((cx - x) / w, (cy - y) / h) for cx, cy in centres)
