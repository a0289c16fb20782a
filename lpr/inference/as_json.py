"""A photo's plates as plain values: what `lpr read --json` prints and the service answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lpr.inference.plates import PlateReading


def photo_record(image: str, plates: Sequence[PlateReading]) -> dict[str, Any]:
    """Return `{"image": ..., "plates": [...]}`: probabilities to four places, boxes to a tenth of a pixel."""
    return {"image": image, "plates": [_plate(plate) for plate in plates]}


def _plate(plate: PlateReading) -> dict[str, Any]:
    return {
        "text": plate.text,
        "confidence": round(plate.confidence, 4),
        "chars": [round(share, 4) for share in plate.chars],
        "box": [round(number, 1) for number in plate.box],
        "detection": round(plate.detection, 4),
        "region": [[code, round(share, 4)] for code, share in plate.region],
    }
