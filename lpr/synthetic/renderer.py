"""The public face of rendering: crops and scenes by number."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lpr.plate.box import Box
from lpr.synthetic import backgrounds
from lpr.synthetic.camera import Points, expose, place, pose
from lpr.synthetic.plate import FlatPlate, Style, draw_plate

# Rendering runs in many processes at once; OpenCV's own threads would only fight for the same cores.
cv2.setNumThreads(0)

Pixels = NDArray[np.uint8]
Point = tuple[float, float]

_KINDS = {"crop": 1, "scene": 2}
_CROP_HEIGHTS: dict[Style, tuple[float, float]] = {"legible": (18, 64), "harsh": (11, 64)}
_TWO_LINE_TALLER = 1.6
_LEAST_LETTERS: dict[Style, float] = {"legible": 10.0, "harsh": 5.0}
_READABLE_LETTERS = 6.0
_DETAIL = 1.4


@dataclass(frozen=True)
class RenderedPlate:
    """A plate in an image.

    Attributes:
        text: its characters `0-9A-Z` in reading order, 2 to 10 of them.
        lines: 1 or 2.
        quad: its corners in pixels, clockwise from the upright plate's top left, without the frame.
        box: the corners' bounding box `(x, y, width, height)` in pixels.
        centres: the middle of each character in pixels.
        readable: whether a person could read it.
    """

    text: str
    lines: int
    quad: tuple[Point, Point, Point, Point]
    box: Box
    centres: tuple[Point, ...]
    readable: bool


@dataclass(frozen=True)
class Rendered:
    """An image, `(H, W, 3)` uint8 RGB, and the plates in it."""

    image: Pixels
    plates: tuple[RenderedPlate, ...]


@dataclass(frozen=True)
class Renderer:
    """Renders plates and scenes; the same `(style, seed, index)` gives the same bytes in any process and any order.

    Attributes:
        style: "legible", in which a person reads every plate, or "harsh", which is as hard as the world.
        seed: of everything.
    """

    style: Style
    seed: int

    def crop(self, index: int) -> Rendered:
        """Return one plate with a wide margin around it, as a generous detector would cut it."""
        rng = self._rng("crop", index)
        low, high = _CROP_HEIGHTS[self.style]
        height = float(np.exp(rng.uniform(np.log(low), np.log(high))))
        flat = draw_plate(rng, self.style, height * _DETAIL)
        height = max(height * (_TWO_LINE_TALLER if flat.lines > 1 else 1), _LEAST_LETTERS[self.style] / flat.letters)
        quad = pose(rng, _aspect(flat), height, self.style)
        size = quad.max(0) - quad.min(0)
        before, after = rng.uniform(0.2, 0.4, 2) * size, rng.uniform(0.2, 0.4, 2) * size
        shape = np.ceil(size + before + after).astype(int)
        quad = quad - quad.min(0) + before
        image = backgrounds.body(rng, int(shape[1]), int(shape[0]), quad)
        backgrounds.cast_shadow(rng, image, quad)
        centres = place(image, flat, quad, rng.uniform(0.75, 1.1))
        letters = height * flat.letters
        image = expose(rng, image, self.style, letters)
        return Rendered(image, (_plate(flat, quad, centres, image, letters),))

    def scene(self, index: int) -> Rendered:
        """Return a photograph with 0 to 3 plates."""
        rng = self._rng("scene", index)
        width, height = (640, 480) if rng.random() < 0.5 else (480, 360)
        image = backgrounds.painted(rng, height, width, backgrounds.draw_paint(rng))
        flat = draw_plate(rng, self.style, 80)
        share = rng.uniform(0.12, 0.4) * width
        quad = pose(rng, _aspect(flat), max(16.0, share / _aspect(flat)), self.style)
        size = quad.max(0) - quad.min(0)
        quad = quad - quad.min(0) + rng.uniform(0.02, 0.98, 2) * np.maximum((width, height) - size, 0)
        backgrounds.cast_shadow(rng, image, quad)
        centres = place(image, flat, quad, rng.uniform(0.75, 1.1))
        letters = float(size[1]) * flat.letters
        image = expose(rng, image, self.style, letters)
        return Rendered(image, (_plate(flat, quad, centres, image, letters),))

    def _rng(self, kind: str, index: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, _KINDS[kind], index])


def _aspect(flat: FlatPlate) -> float:
    left, top, right, bottom = flat.area
    return (right - left) / (bottom - top)


def _plate(flat: FlatPlate, quad: Points, centres: Points, image: Pixels, letters: float) -> RenderedPlate:
    low, high = quad.min(0), quad.max(0)
    corners = tuple((float(x), float(y)) for x, y in quad)
    return RenderedPlate(
        text=flat.text,
        lines=flat.lines,
        quad=(corners[0], corners[1], corners[2], corners[3]),
        box=(float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1])),
        centres=tuple((float(x), float(y)) for x, y in centres),
        readable=letters >= _READABLE_LETTERS,
    )
