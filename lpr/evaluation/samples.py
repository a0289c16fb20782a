"""Inputs for what is measured on a batch: the first photos and plates of the test split, cut for the models."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from PIL import Image

from lpr.data.annotations import Entry
from lpr.evaluation.evaluator import open_image
from lpr.evaluation.latency import BATCH
from lpr.plate.crop import Pixels, as_batch, detector_input, ocr_input


@dataclass(frozen=True)
class Samples:
    """`images` `(10, 3, 224, 224)` and `crops` `(10, 3, 32, 128)` in [0, 1], and up to 10 whole `photos`."""

    images: NDArray[Any]
    crops: NDArray[Any]
    photos: list[Image.Image]


def take_samples(folder: Path, entries: Iterable[Entry], margin: float) -> Samples:
    """Return the first images and plates of the split, repeated where there are fewer than 10.

    An image serves as a crop where no photo has a plate, and a crop as a photo where there is none: a split of
    one kind will do.
    """
    images: list[Pixels] = []
    crops: list[Pixels] = []
    photos: list[Image.Image] = []
    spare: list[Image.Image] = []
    for entry in entries:
        if len(photos) >= BATCH and len(crops) >= BATCH:
            break
        if len(photos) >= BATCH and not entry.is_crop and not entry.plates:
            continue
        image = open_image(folder / entry.name)
        spare = spare or [image]
        whole = (0.0, 0.0, float(image.width), float(image.height))
        if entry.is_crop:
            crops.append(ocr_input(image, whole, margin))
            continue
        photos.append(image)
        images.append(detector_input(image))
        crops += [ocr_input(image, plate.bbox, margin) for plate in entry.plates]
    images = images or [detector_input(image) for image in spare]
    crops = crops or [ocr_input(image, (0.0, 0.0, float(image.width), float(image.height)), margin) for image in spare]
    return Samples(_batch(images), _batch(crops), photos[:BATCH])


def _batch(pixels: list[Pixels]) -> NDArray[Any]:
    return as_batch(list(islice(cycle(pixels), BATCH)))
