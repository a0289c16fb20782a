"""Small photos with a plate each, for data sets of any size: drawn once, and shared by all sizes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from lpr.base.files import write_text
from lpr.plate.text import ALPHABET
from lpr.synthetic.renderer import Renderer

SIZE = (200, 150)
PLATES = 100
"""Plates that are rendered; each photo shows one of them somewhere before a scenery of its own."""
_INDEX = "index.jsonl"

Placed = tuple[Image.Image, tuple[float, ...]]


def write_source(folder: Path, pool: Path, count: int) -> None:
    """Write a source of the pool's first `count` photos, in the project's own format; the photos are not copied."""
    entries = grow(pool, count)[:count]
    (folder / "annotations").mkdir(parents=True)
    images = folder / "images" / "train"
    images.mkdir(parents=True)
    for number in range(count):  # not the folder: of an earlier run the pool may hold more
        os.link(pool / "images" / f"{number:06}.jpg", images / f"{number:06}.jpg")
    annotations = {f"{number:06}.jpg": {"plates": [plate]} for number, plate in enumerate(entries)}
    write_text(folder / "annotations" / "train.json", json.dumps(annotations))


def grow(pool: Path, count: int) -> list[dict[str, Any]]:
    """Draw what the pool lacks of `count` photos, and return each one's plate.

    A photo depends on its number alone, so that a pool may grow, and go on where drawing was stopped.
    """
    (pool / "images").mkdir(parents=True, exist_ok=True)
    index = pool / _INDEX
    known = index.read_text(encoding="utf-8").splitlines() if index.is_file() else []
    entries = [json.loads(line) for line in known]
    if len(entries) < count:
        plates = list(_plates())
        for number in range(len(entries), count):
            image, plate = draw(number, plates)
            image.save(pool / "images" / f"{number:06}.jpg", quality=90)
            entries.append(plate)
        write_text(index, "".join(f"{json.dumps(entry)}\n" for entry in entries))
    return entries


def draw(number: int, plates: list[Placed]) -> tuple[Image.Image, dict[str, Any]]:
    """Return a photo and its plate: the box, and a text of its own that no other photo is likely to have."""
    rng = np.random.default_rng(number)
    plate, (x, y, w, h) = plates[number % len(plates)]
    # A coarse random pattern, so that no two photos are near-duplicates.
    scenery = rng.integers(0, 256, (8, 10, 3), np.uint8)
    image = Image.fromarray(scenery).resize(SIZE, Image.Resampling.BICUBIC)
    left, top = int(rng.integers(SIZE[0] - plate.width)), int(rng.integers(SIZE[1] - plate.height))
    image.paste(plate, (left, top))
    text = "".join(ALPHABET[letter] for letter in rng.integers(0, len(ALPHABET), 8))
    return image, {"bbox": [left + x, top + y, w, h], "text": text}


def _plates() -> Iterator[Placed]:
    renderer = Renderer("legible", 1)
    for number in range(PLATES):
        rendered = renderer.crop(number)
        image = Image.fromarray(rendered.image)
        scale = min(100 / image.width, 60 / image.height)
        small = image.resize((round(image.width * scale), round(image.height * scale)))
        yield small, tuple(value * scale for value in rendered.plates[0].box)
