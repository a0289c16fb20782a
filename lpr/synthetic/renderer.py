"""The public face of rendering: crops and scenes by number."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from lpr.plate.box import Box
from lpr.synthetic import vehicle
from lpr.synthetic.arrays import Pixels, Point
from lpr.synthetic.camera import Placed, compress, expose, place, pose
from lpr.synthetic.fonts import Fonts
from lpr.synthetic.plate import Style, draw_plate, relative_height
from lpr.synthetic.scene import draw_scene

# Rendering runs in many processes at once; OpenCV's own threads would only fight for the same cores.
cv2.setNumThreads(0)


_KINDS = {"crop": 1, "scene": 2}
_CROP_HEIGHTS: dict[Style, tuple[float, float]] = {"legible": (24, 64), "harsh": (11, 64)}
_LEAST_LETTERS: dict[Style, float] = {"legible": 13.0, "harsh": 5.0}
_READABLE_LETTERS = 6.5
_READABLE_CONTRAST: dict[Style, float] = {"legible": 26.0, "harsh": 8.0}
_READABLE_AGREEMENT: dict[Style, float] = {"legible": 0.9, "harsh": 0.7}
_USUAL_LETTERS = 20.0
_ATTEMPTS = 4
_FINE_QUALITY = 92
_DETAIL = 1.25


@dataclass(frozen=True)
class RenderedPlate:
    """A plate in an image.

    Attributes:
        text: its characters `0-9A-Z` in reading order, 2 to 11 of them.
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
    """Renders plates and scenes; equal renderers give the same bytes for an index, in any process and order.

    Attributes:
        style: "legible", in which a person reads every plate, or "harsh", which is as hard as the world.
        seed: of everything.
        fonts: of a folder, whose letters stand on some plates beside our own; None: no further ones.
    """

    style: Style
    seed: int
    fonts: Fonts | None = None

    def crop(self, index: int) -> Rendered:
        """Return one plate with a wide margin around it, as a generous detector would cut it."""
        rng = self._rng("crop", index)
        low, high = _CROP_HEIGHTS[self.style]
        height = float(np.exp(rng.uniform(np.log(low), np.log(high))))
        flat = draw_plate(rng, self.style, height * _DETAIL, self.fonts)
        height = max(height * relative_height(flat.aspect, flat.lines), _LEAST_LETTERS[self.style] / flat.letters)
        quad = pose(rng, flat.aspect, height, self.style)
        size = quad.max(0) - quad.min(0)
        before, after = rng.uniform(0.2, 0.4, 2) * size, rng.uniform(0.2, 0.4, 2) * size
        width, height = (int(side) for side in np.ceil(size + before + after))
        quad = quad - quad.min(0) + before
        image = vehicle.body(rng, height, width, quad)
        vehicle.cast_shadow(rng, image, quad)
        return self._photograph(rng, image, [place(image, flat, quad, rng.uniform(0.75, 1.1))])

    def scene(self, index: int) -> Rendered:
        """Return a photograph with 0 to 3 plates."""
        rng = self._rng("scene", index)
        image, placed = draw_scene(rng, self.style, self.fonts)
        return self._photograph(rng, image, placed)

    def _photograph(self, rng: np.random.Generator, image: Pixels, placed: list[Placed]) -> Rendered:
        letters = min((plate.letters for plate in placed), default=_USUAL_LETTERS)
        for _ in range(_ATTEMPTS):
            photo = expose(rng, image, self.style, letters)
            readable = [_readable(photo, image, plate, self.style) for plate in placed]
            if all(readable) or self.style == "harsh":
                break
        else:
            # No exposure left every plate legible: take the picture as it is.
            photo = compress(image, _FINE_QUALITY)
            readable = [True] * len(placed)
        return Rendered(photo, tuple(_plate(plate, fine) for plate, fine in zip(placed, readable, strict=True)))

    def _rng(self, kind: str, index: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, _KINDS[kind], index])


def _plate(plate: Placed, readable: bool) -> RenderedPlate:
    low, high = plate.quad.min(0), plate.quad.max(0)
    corners = tuple((float(x), float(y)) for x, y in plate.quad)
    return RenderedPlate(
        text=plate.flat.text,
        lines=plate.flat.lines,
        quad=(corners[0], corners[1], corners[2], corners[3]),
        box=(float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1])),
        centres=tuple((float(x), float(y)) for x, y in plate.centres),
        readable=readable,
    )


def _readable(photo: Pixels, clean: Pixels, plate: Placed, style: Style) -> bool:
    """Whether letters are large enough, and enough of them survives what the camera did.

    That is judged where the text stands, by the photo's contrast and by its correlation with the picture before.
    """
    letters = plate.letters
    if letters < _READABLE_LETTERS:
        return False
    low = np.maximum(np.floor(plate.centres.min(0) - letters / 2).astype(int), 0)
    high = np.ceil(plate.centres.max(0) + letters / 2).astype(int)
    before, after = (
        cv2.cvtColor(image[low[1] : high[1], low[0] : high[0]], cv2.COLOR_RGB2GRAY).astype(np.float32).ravel()
        for image in (clean, photo)
    )
    before -= before.mean()
    after -= after.mean()
    spread_before, spread_after = (float(np.sqrt(np.mean(values**2))) for values in (before, after))
    if spread_before < 1 or spread_after < 1:
        return False
    agreement = float(np.mean(before * after)) / (spread_before * spread_after)
    return agreement >= _READABLE_AGREEMENT[style] and agreement * spread_after >= _READABLE_CONTRAST[style]
