"""`lpr evaluate --stress`: the same photos turned, slanted, from near and far, blurred, dark, noisy, compressed.

Each labelled plate of a photo is one case. It is shown under every condition, and counts as found where something is
read at its place, as right where that is its text. A model that was tuned to its photographs shows it here.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

from lpr.data.annotations import Entry
from lpr.evaluation.evaluator import PHOTOS_AT_ONCE, batched
from lpr.inference.recognizer import LicensePlateRecognizer
from lpr.metrics.counts import Count
from lpr.plate.box import Box, clip, iou

PLACE_IOU = 0.3
"""IoU of a reading's box with the moved plate's from which it is a reading of that plate."""
_GREY = (114, 114, 114)
_NEAR_SHAPE = 0.75
"""Height of a view in its widths, where the photo has that much."""

View = tuple[Image.Image, Box]


@dataclass(frozen=True)
class Condition:
    """A way to make photos harder.

    Attributes:
        name: of the condition.
        unit: of its strengths.
        strengths: the mildest first.
        show: `(photo, box, strength)` to the changed photo and the plate's box there, or None where the photo does
            not hold enough around the plate.
    """

    name: str
    unit: str
    strengths: tuple[float, ...]
    show: Callable[[Image.Image, Box, float], View | None]


def _warped(photo: Image.Image, box: Box, forward: Sequence[Sequence[float]]) -> View:
    """Move pixels by the linear map `forward` about the plate's middle; the box is that of its moved corners."""
    x, y, w, h = box
    middle = np.array([x + w / 2, y + h / 2])
    matrix = np.asarray(forward, np.float64)
    back = np.linalg.inv(matrix)
    shift = middle - back @ middle
    data = (back[0, 0], back[0, 1], shift[0], back[1, 0], back[1, 1], shift[1])
    moved = photo.transform(photo.size, Image.Transform.AFFINE, data, Image.Resampling.BICUBIC, fillcolor=_GREY)
    corners = np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]])
    corners = (corners - middle) @ matrix.T + middle
    low, high = corners.min(axis=0), corners.max(axis=0)
    return moved, (float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1]))


def turned(photo: Image.Image, box: Box, degrees: float) -> View:
    """Turn the photo about the plate's middle."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return _warped(photo, box, [[c, -s], [s, c]])


def slanted(photo: Image.Image, box: Box, degrees: float) -> View:
    """Slant upright strokes by so many degrees."""
    return _warped(photo, box, [[1, math.tan(math.radians(degrees))], [0, 1]])


def at_width(photo: Image.Image, box: Box, share: float) -> View | None:
    """Show the part of the photo of which the plate takes `share` of the width; None where the photo is too small."""
    x, y, w, h = box
    width = w / share
    height = max(width * _NEAR_SHAPE, h * 1.05)
    if width > photo.width or h > photo.height:
        return None
    height = min(height, photo.height)
    left = min(max(x + w / 2 - width / 2, 0), photo.width - width)
    top = min(max(y + h / 2 - height / 2, 0), photo.height - height)
    part = photo.crop((round(left), round(top), round(left + width), round(top + height)))
    return part, clip((x - round(left), y - round(top), w, h), part.width, part.height)


def blurred(photo: Image.Image, box: Box, share: float) -> View:
    """Blur by a Gaussian whose radius is a share of the plate's height."""
    return photo.filter(ImageFilter.GaussianBlur(share * box[3])), box


def darkened(photo: Image.Image, box: Box, factor: float) -> View:
    """Leave a share of the light."""
    return photo.point([round(value * factor) for value in range(256)] * 3), box


def noisy(photo: Image.Image, box: Box, sigma: float) -> View:
    """Add normal noise to each channel, the same for the same size of photo."""
    noise = np.random.default_rng(photo.width * 7919 + photo.height).normal(0, sigma, (photo.height, photo.width, 3))
    return Image.fromarray(np.clip(np.asarray(photo) + noise, 0, 255).astype(np.uint8)), box


def compressed(photo: Image.Image, box: Box, quality: float) -> View:
    """Write and read the photo as a JPEG of that quality."""
    stream = io.BytesIO()
    photo.save(stream, "JPEG", quality=int(quality))
    return Image.open(stream).convert("RGB"), box


CONDITIONS = (
    Condition("turned", "degrees", (0, 10, 15, 20, 30), turned),
    Condition("slanted", "degrees", (10, 20, 30), slanted),
    Condition("plate's width", "share of the photo's", (0.12, 0.3, 0.55, 0.85, 0.95), at_width),
    Condition("blurred", "radius in plate heights", (0.03, 0.06, 0.1), blurred),
    Condition("darkened", "share of the light", (0.5, 0.25, 0.1), darkened),
    Condition("noisy", "standard deviation of 255", (10, 25, 50), noisy),
    Condition("compressed", "JPEG quality", (50, 20, 10), compressed),
)


def stress(
    recognizer: LicensePlateRecognizer,
    images: Iterable[tuple[Entry, Image.Image]],
    progress: Callable[[int], object] | None = None,
    conditions: Sequence[Condition] = CONDITIONS,
) -> list[dict[str, Any]]:
    """Read every labelled plate of the photos under every condition.

    Args:
        recognizer: the models.
        images: entries with their upright RGB photos; crops and plates without text are passed over.
        progress: is told how many more photos are done.
        conditions: what to do to them.

    Returns:
        A row for each condition and strength: `condition`, `unit`, `strength`, and the counts `found` and `right` as
        `Count.summary` gives them.
    """
    counts = {(c.name, s): {"found": Count(), "right": Count()} for c in conditions for s in c.strengths}
    for entry, photo in images:
        for plate in entry.plates if entry.for_detection and entry.for_reading else ():
            if plate.text is not None:
                _read_views(recognizer, _views(photo, plate.bbox, conditions), plate.text, counts)
        if progress:
            progress(1)
    return [
        {
            "condition": condition.name,
            "unit": condition.unit,
            "strength": strength,
            **{name: count.summary() for name, count in counts[condition.name, strength].items()},
        }
        for condition in conditions
        for strength in condition.strengths
    ]


def _views(photo: Image.Image, box: Box, conditions: Sequence[Condition]) -> Iterator[tuple[tuple[str, float], View]]:
    for condition in conditions:
        for strength in condition.strengths:
            view = condition.show(photo, box, strength)
            if view is not None:
                yield (condition.name, strength), view


def _read_views(
    recognizer: LicensePlateRecognizer,
    views: Iterable[tuple[tuple[str, float], View]],
    text: str,
    counts: dict[tuple[str, float], dict[str, Count]],
) -> None:
    for batch in batched(views, PHOTOS_AT_ONCE):
        for (key, (_, box)), readings in zip(batch, recognizer.read([view[0] for _, view in batch]), strict=True):
            here = [reading for reading in readings if iou(np.array(reading.box), np.array(box))[0, 0] >= PLACE_IOU]
            counts[key]["found"].update(bool(here))
            counts[key]["right"].update(any(reading.text == text for reading in here))
