"""Pictures of plates beside their readings, cut out of the test split where that is here."""

from __future__ import annotations

import math
from pathlib import Path

from PIL import Image

from lpr.base.errors import LprError
from lpr.evaluation.images import open_image
from lpr.evaluation.report.pictures import data_uri, draw_plate
from lpr.evaluation.results import Row

IMAGES = Path("data/images/test")


def cut_out(row: dict[str, str]) -> str | None:
    """Return a picture of the plate of a line of readings.csv as a data address; None where its image is not here."""
    path = IMAGES / row["image"]
    try:
        x, y, w, h = map(float, (row.get("box") or "").split())
        # A name of unknown origin does not lead out of the data set.
        if not path.resolve().is_relative_to(IMAGES.resolve()) or not all(map(math.isfinite, (x, y, w, h))):
            return None
        plate = Row(row["image"], 0, "", row.get("kind") or "photo", None, (x, y, w, h), None)
        return data_uri(draw_plate(open_image(path), plate))
    except (LprError, ValueError, Image.DecompressionBombError):
        return None
