"""What the recogniser says of a photo: the places of plates, and their texts."""

from __future__ import annotations

from dataclasses import dataclass

from lpr.plate.box import Box


@dataclass(frozen=True)
class Found:
    """A plate's place.

    Attributes:
        box: `(x, y, width, height)` in pixels of the upright photo, inside of it.
        detection: confidence in [0, 1] that it is a plate.
        corners: `(x, y)` of its four corners in those pixels, clockwise from the top left of the plate as it is read;
            they may lie outside the photo.
    """

    box: Box
    detection: float
    corners: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class PlateReading:
    """A plate that was found and read.

    Attributes:
        text: at least one character of `0-9A-Z`, top line first.
        confidence: the lowest of `chars`.
        chars: a probability in [0, 1] for each character.
        box: `(x, y, width, height)` in pixels of the upright photo.
        detection: confidence in [0, 1] that it is a plate.
        region: the likeliest countries by the format of `text` alone, best first: ISO 3166-1 alpha-2 codes with
            probabilities in (0, 1]. At most three; none where no format fits.
    """

    text: str
    confidence: float
    chars: tuple[float, ...]
    box: Box
    detection: float
    region: tuple[tuple[str, float], ...] = ()
