"""Photos to read: rendered scenes, enlarged to a camera's size with a sensor's noise: JPEGs as costly as real ones."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from lpr.synthetic.renderer import Renderer

SIZE = (1280, 720)
QUALITY = 90
NOISE = 4.0
"""Standard deviation of the noise in grey levels of 255."""
SEED = 720


def scenes(sizes: Sequence[tuple[int, int]] = (SIZE,)) -> Iterator[tuple[Image.Image, int]]:
    """Yield rendered photos without end, and how many plates are in each; they take the sizes in turn."""
    rng = np.random.default_rng(SEED)
    renderer = Renderer("legible", SEED)
    for index, size in enumerate(itertools.cycle(sizes)):
        scene = renderer.scene(index)
        large = np.asarray(Image.fromarray(scene.image).resize(size, Image.Resampling.BICUBIC), np.float32)
        grain = rng.normal(0, NOISE, (*large.shape[:2], 1)) + rng.normal(0, NOISE / 2, large.shape)
        yield Image.fromarray(np.clip(large + grain, 0, 255).astype(np.uint8)), len(scene.plates)


def write_photos(folder: Path, count: int, sizes: Sequence[tuple[int, int]] = (SIZE,)) -> list[Path]:
    """Write `count` JPEGs with one plate each into a folder, unless they are there; return their paths."""
    paths = [folder / f"{number:05d}.jpg" for number in range(count)]
    missing = [path for path in paths if not path.is_file()]
    if not missing:
        return paths
    folder.mkdir(parents=True, exist_ok=True)
    with_one = (photo for photo, plates in scenes(sizes) if plates == 1)
    for path in paths:
        photo = next(with_one)
        if path in missing:
            photo.save(path, "JPEG", quality=QUALITY)
    return paths
