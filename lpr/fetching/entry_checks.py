"""Checks of one entry against its image: boxes and texts. Pure functions; every rejection has its reason."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from lpr.data.annotations import Plate, Use
from lpr.fetching.formats.raw import RawEntry
from lpr.plate.box import Box, clip
from lpr.plate.text import foreign, normalise

LONGEST_TEXT = 16
"""Characters; longer texts are no plate's."""

_SMALLEST_SIDE = 1.0  # pixels of the final image; real sets hold boxes of 1.4
_KEPT_AREA = 0.25  # share of a box that must lie inside the image


@dataclass
class Checked:
    """What the checks leave of an entry.

    Attributes:
        plates: usable plates in pixels of the final image.
        crop: text and lines of an image that is itself the plate, None for photos.
        rejections: `(place, reason)` of each plate or text that was given up.
        notes: what was mended and is only counted, by kind.
    """

    plates: list[Plate] = field(default_factory=list)
    crop: Plate | None = None
    rejections: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def check_entry(raw: RawEntry, size: tuple[int, int], scale: float) -> Checked:
    """Check an entry's plates.

    Args:
        raw: the entry as read.
        size: width and height of the upright original, in pixels.
        scale: final pixels for each pixel of the original.

    A text that cannot be used leaves its plate without text, if it has a box; a box that cannot be used takes its
    plate with it.
    """
    checked = Checked()
    if raw.claimed_size is not None and tuple(raw.claimed_size) != size:
        checked.notes.append("size ignored")
    checked.notes += ["other object"] * raw.other_objects
    for number, plate in enumerate(raw.plates, 1):
        place = f"plate {number}" if len(raw.plates) > 1 else "plate"
        text, problem = check_text(plate.text)
        if problem:
            checked.rejections.append((place, problem))
        if plate.bbox is None:
            checked.crop = Plate((0.0, 0.0, 0.0, 0.0), text, plate.lines, None, _scaled(plate.centres, scale))
            continue
        try:
            box, clipped = check_box(plate.bbox, size, scale, raw.fractions)
        except ValueError as error:
            checked.rejections.append((place, str(error)))
            continue
        if clipped:
            checked.notes.append("box clipped")
        centres = _scaled(plate.centres, scale) if text is not None else None
        checked.plates.append(Plate(box, text, plate.lines, _scaled(plate.quad, scale), centres))
    return checked


def check_text(raw: str | None) -> tuple[str | None, str]:
    """Return a plate's normalised text, or None and the reason why it cannot be used ('' for no text at all)."""
    if raw is None:
        return None, ""
    text = normalise(raw[: 4 * LONGEST_TEXT])
    if not text:
        return None, "text is empty after normalisation"
    if bad := foreign(text):
        return None, f"text has characters outside 0-9A-Z: {bad}"
    if len(text) > LONGEST_TEXT:
        return None, f"text is longer than {LONGEST_TEXT} characters"
    return text, ""


def check_box(box: Box, size: tuple[int, int], scale: float, fractions: bool) -> tuple[Box, bool]:
    """Return a box inside the final image, and whether it had to be clipped by more than a pixel.

    Raises:
        ValueError: the reason why the box cannot be used.
    """
    width, height = size
    x, y, w, h = (v * s for v, s in zip(box, (width, height, width, height), strict=True)) if fractions else box
    if not all(map(math.isfinite, (x, y, w, h))):
        raise ValueError("box has a value that is no finite number")
    if w <= 0 or h <= 0:
        raise ValueError("box is degenerate: its width or height is not above 0")
    inside = clip((x, y, w, h), width, height)
    if inside[2] <= 0 or inside[3] <= 0:
        raise ValueError("box lies outside the image")
    if inside[2] / w * (inside[3] / h) < _KEPT_AREA:
        raise ValueError("box lies mostly outside the image")
    # Rounded as annotation files hold it, and within the image as it is stored: what is read back is the same.
    left, top = round(inside[0] * scale, 2), round(inside[1] * scale, 2)
    wide = round(min(inside[2] * scale, max(round(width * scale), 1) - left), 2)
    high = round(min(inside[3] * scale, max(round(height * scale), 1) - top), 2)
    if wide < _SMALLEST_SIDE or high < _SMALLEST_SIDE:
        raise ValueError("box is degenerate: less than a pixel is left")
    clipped = abs(inside[2] - w) > 1 or abs(inside[3] - h) > 1
    return (left, top, wide, high), clipped


def use_of(raw: RawEntry, source: Use) -> Use | None:
    """Return what an image is for: what its source and its entry agree on, reading for a crop; None: for nothing."""
    if any(plate.bbox is None for plate in raw.plates):
        return "reading"
    if raw.use is None or source in ("both", raw.use):
        return raw.use or source
    return source if raw.use == "both" else None


def _scaled(points: tuple[tuple[float, float], ...] | None, scale: float) -> tuple[tuple[float, float], ...] | None:
    return None if points is None else tuple((x * scale, y * scale) for x, y in points)
