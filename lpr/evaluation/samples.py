"""Inputs for what is measured on a batch: the first photos and plates of the test split, cut for the models."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lpr.data.annotations import Entry
from lpr.evaluation.images import open_image, plates_of, whole
from lpr.plate.crop import Pixels, as_batch, detector_input, ocr_input

BATCH = 10
"""Images in the batch whose time is gated."""


@dataclass(frozen=True)
class Samples:
    """`images` `(10, 3, 224, 224)` and `crops` `(10, 3, 32, 128)` in [0, 1], and up to 10 whole `photos`."""

    images: NDArray[np.float32]
    crops: NDArray[np.float32]
    photos: list[Image.Image]


def take_samples(folder: Path, entries: Iterable[Entry], margin: float) -> Samples:
    """Return the first images and plates of the split, repeated where there are fewer than 10.

    An image serves as a crop where no photo has a plate, and a crop as a photo where there is none: a split of
    one kind will do.
    """
    photos: list[Image.Image] = []
    crops: list[Pixels] = []
    first: Image.Image | None = None
    for entry in entries:
        if len(photos) >= BATCH and len(crops) >= BATCH:
            break
        if len(photos) >= BATCH and not entry.is_crop and not entry.plates:
            continue
        image = open_image(folder / entry.name)
        first = first or image
        crops += [ocr_input(image, plate.bbox, margin) for plate in plates_of(entry, image)]
        if not entry.is_crop:
            photos.append(image)
    spare = [first] if first else []
    images = [detector_input(image) for image in photos[:BATCH] or spare]
    crops = crops or [ocr_input(image, whole(image), margin) for image in spare]
    return Samples(_batch(images), _batch(crops), photos[:BATCH])


def _batch(pixels: list[Pixels]) -> NDArray[np.float32]:
    return as_batch(list(islice(cycle(pixels), BATCH)))
