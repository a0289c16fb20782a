"""Photos whose plates the hand-made models (tests/tiny.py) read in a way that can be told in advance."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

SIDE = 224
READ = {"AB": (255, 255, 255), "A": (255, 0, 255), "": (255, 255, 0)}
"""Colours of a plate by what the OCR reads on it; the detector sees the red in each of them."""
BOX = [56, 90, 112, 30]

Photo = list[dict[str, Any]]


def photo(read: str | None, width: int = 112) -> Image.Image:
    """A black photo with a plate of which `read` is read; None: without one."""
    pixels = np.zeros((SIDE, SIDE, 3), np.uint8)
    if read is not None:
        pixels[90:120, 56 : 56 + width] = READ[read]
    return Image.fromarray(pixels)


@pytest.fixture
def own(tmp_path: Path) -> Callable[..., Path]:
    """Write a folder in the project's own format from `name -> (what is read, plates)` of one split."""

    def write(photos: dict[str, tuple[str | None, Photo]], split: str = "test") -> Path:
        folder = tmp_path / "set"
        (folder / "images" / split).mkdir(parents=True, exist_ok=True)
        (folder / "annotations").mkdir(exist_ok=True)
        for name, (read, _) in photos.items():
            photo(read).save(folder / "images" / split / name)
        entries = {name: {"plates": plates} for name, (_, plates) in photos.items()}
        (folder / "annotations" / f"{split}.json").write_text(json.dumps(entries))
        return folder

    return write


def plate(text: str | None, lines: int = 1) -> dict[str, Any]:
    return {"bbox": BOX, "text": text, "lines": lines}
