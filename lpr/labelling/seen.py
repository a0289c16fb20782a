"""What the models see in unlabelled photos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from lpr.inference.finder import FAINT
from lpr.inference.recognizer import LicensePlateRecognizer
from lpr.plate.box import Box


@dataclass(frozen=True)
class SeenPlate:
    """A plate as the models see it.

    Attributes:
        bbox: `(x, y, width, height)` in pixels of the upright photo, inside of it.
        text: `0-9A-Z`, None where no character was seen.
        certainty: of the text, in [0, 1]: that of its most doubtful character; 0 without a text.
    """

    bbox: Box
    text: str | None
    certainty: float


@dataclass(frozen=True)
class SeenPhoto:
    """A photo as the models see it.

    Attributes:
        image: path relative to the folder of photos, with slashes.
        size: width and height of the upright photo.
        plates: best first.
        certainty: in [0, 1], to order photos by: of the most doubtful thing in it, a plate (that it is one, times its
            text's certainty) or a place that is just not taken for one.
        faint: number of places that are just not taken for a plate.
    """

    image: str
    size: tuple[int, int]
    plates: tuple[SeenPlate, ...]
    certainty: float
    faint: int


def see(recognizer: LicensePlateRecognizer, images: Sequence[str], photos: Sequence[Image.Image]) -> list[SeenPhoto]:
    """Return what `recognizer` sees in photos.

    Args:
        recognizer: the models.
        images: the photos' names.
        photos: upright RGB images, as of `lpr.inference.photos.load_photo`.
    """
    # Places that a second look did not confirm are no plates, but tell how sure "nothing more here" is.
    seen = recognizer.find(photos, threshold=FAINT * recognizer.threshold)
    found = [[place for place in places if place.detection >= recognizer.threshold] for places in seen]
    crops = [(photo, place.box) for photo, places in zip(photos, found, strict=True) for place in places]
    texts = iter(recognizer.read_boxes(crops, [place.corners for places in found for place in places]))
    results = []
    for image, photo, places, plausible in zip(images, photos, found, seen, strict=True):
        plates, doubts = [], [1.0]
        for place in places:
            reading = next(texts)
            certainty = reading.confidence if reading.text else 0.0
            doubts.append(place.detection * certainty)
            plates.append(SeenPlate(place.box, reading.text or None, certainty))
        faint = [1 - place.detection for place in plausible if place.detection < recognizer.threshold]
        plates.sort(key=lambda plate: -plate.certainty)
        results.append(SeenPhoto(image, photo.size, tuple(plates), min(doubts + faint), len(faint)))
    return results
