"""Plates of the data set as the OCR's input, for what an export measures and sets by them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lpr.data.annotations import Split
from lpr.data.crops import Crop, read_crops
from lpr.data.prepared import opened
from lpr.plate.crop import ocr_input


def spread_crops(data: Path, split: Split, most: int) -> list[Crop]:
    """Return the plates with text of a split, at most `most`, evenly spread over it; none where it has none."""
    crops = read_crops(data, split)
    places = np.linspace(0, len(crops) - 1, min(most, len(crops))).round().astype(int)
    return [crops[place] for place in places]


def crop_input(crop: Crop, margin: float) -> NDArray[np.uint8]:
    """Return a plate as the OCR's input, cut with a margin; see `lpr.plate.crop.ocr_input`."""
    with opened(crop.image) as photo:
        image = photo.convert("RGB")
    return ocr_input(image, crop.box or (0.0, 0.0, float(image.width), float(image.height)), margin)
