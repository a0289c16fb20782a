"""The photos of a split with their plates, squared to one size."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lpr.data.annotations import Split, read_entries
from lpr.data.prepared import opened
from lpr.plate.crop import cut


@dataclass(frozen=True)
class BoxedPhoto:
    """A photo that teaches or measures detection.

    Attributes:
        image: its path.
        aspect: width over height.
        boxes: `(left, top, right, bottom)` of its plates in fractions of the photo.
        quads: the four corners `(x, y)` of each, clockwise from the top left of the plate as it is read, in the same
            fractions; None where they are not known.
    """

    image: Path
    aspect: float
    boxes: tuple[tuple[float, float, float, float], ...]
    quads: tuple[tuple[tuple[float, float], ...] | None, ...]


def read_photos(data: Path, split: Split) -> list[BoxedPhoto]:
    """Return the photos of a split that are for detection, in the annotations' order."""
    photos: list[BoxedPhoto] = []
    for entry in read_entries(data / "annotations" / f"{split}.json"):
        if entry.for_detection:
            path = data / "images" / split / entry.name
            with opened(path) as photo:
                width, height = photo.size
            boxes = tuple(
                (x / width, y / height, (x + w) / width, (y + h) / height)
                for x, y, w, h in (p.bbox for p in entry.plates)
            )
            quads = tuple(p.quad and tuple((x / width, y / height) for x, y in p.quad) for p in entry.plates)
            photos.append(BoxedPhoto(path, width / height, boxes, quads))
    return photos


class Square:
    """Draws a photo squared to a side; picklable, for worker processes."""

    def __init__(self, side: int) -> None:
        self.side = side

    def __call__(self, photo: BoxedPhoto) -> NDArray[np.uint8]:
        """Return `(side, side, 3)` uint8 RGB."""
        with opened(photo.image) as image:
            return cut(image.convert("RGB"), (0.0, 0.0, float(image.width), float(image.height)), self.side, self.side)
