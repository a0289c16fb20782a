"""Photographs that the tests draw."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image


def draw(seed: int, size: tuple[int, int] = (160, 120)) -> Image.Image:
    """Return an RGB picture of smooth blobs; two seeds give pictures that no hash takes for each other."""
    blobs = np.random.default_rng(seed).integers(0, 256, (7, 9, 3), dtype=np.uint8)
    return Image.fromarray(blobs).resize(size, Image.Resampling.BICUBIC)


def save(path: Path, seed: int, size: tuple[int, int] = (160, 120), **options: Any) -> Path:
    """Draw a picture into a file, with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draw(seed, size).save(path, **options)
    return path
