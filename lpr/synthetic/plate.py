"""A plate seen straight from the front, before any camera."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from lpr.plate.text import INDEX
from lpr.synthetic import metal, ornaments, paint
from lpr.synthetic.arrays import Area, Mask, Pixels, Points
from lpr.synthetic.fonts import Fonts
from lpr.synthetic.layouts import Layout, Scheme, draw_text
from lpr.synthetic.letters import Face, Line, draw_face, draw_line
from lpr.synthetic.world import LAYOUTS

Style = Literal["legible", "harsh"]

_LEAST_DETAIL = 40
_LONG = 3.0
_TALLER = {1: 1.35, 2: 1.6}
_TWO_LINE_SHARE: dict[Style, float] = {"legible": 1.3, "harsh": 3.2}


@dataclass(frozen=True)
class FlatPlate:
    """A plate from the front, with its frame.

    Attributes:
        image: `(H, W, 3)` uint8 RGB.
        alpha: `(H, W)` uint8, 0 outside of the plate and its frame.
        area: the plate itself inside the image, `(left, top, right, bottom)` in pixels.
        text: its characters in reading order.
        lines: 1 or 2.
        centres: `(N, 2)` middles of the characters in pixels from the image's top left corner.
        letters: height of its smallest line's letters over the plate's own height.
    """

    image: Pixels
    alpha: Mask
    area: Area
    text: str
    lines: int
    centres: Points
    letters: float

    @property
    def aspect(self) -> float:
        """Width over height of the plate itself."""
        left, top, right, bottom = self.area
        return (right - left) / (bottom - top)


def draw_plate(rng: np.random.Generator, style: Style, detail: float, fonts: Fonts | None = None) -> FlatPlate:
    """Draw a plate of any kind of the world.

    Args:
        rng: the source of randomness.
        style: how hard to read.
        detail: wanted pixels over the height of a line of text, taller plates getting more.
        fonts: whose letters stand on some plates; None: none but ours.
    """
    layout = _draw_layout(rng, style)
    distinct = style == "legible"
    text = draw_text(rng, str(rng.choice(layout.patterns)), distinct)
    rows = text.split("|")
    aspect = rng.uniform(*layout.aspect)
    height = round(max(detail, _LEAST_DETAIL) * relative_height(aspect, len(rows)))
    width = round(height * aspect)
    scheme = layout.schemes[rng.integers(len(layout.schemes))]
    scheme = Scheme(_vary(rng, scheme.ground), _vary(rng, scheme.ink), scheme.border and _vary(rng, scheme.border))

    plate = paint.plain(height, width, scheme.ground)
    room = metal.paint_border(rng, plate, scheme)
    if rng.random() < layout.graphics:
        ornaments.paint_graphics(rng, plate, scheme)
    if rng.random() < layout.extras:
        room = _paint_sides(rng, plate, room, layout, scheme)
        room = _paint_words(rng, plate, room, layout, scheme)
    given = () if fonts is None else fonts.distinct if distinct else fonts.every
    face = draw_face(rng, layout.families, layout.fonts, distinct, given)
    ink, centres, emblems, smallest = _set_text(rng, rows, face, room, layout, (height, width))
    if rng.random() < layout.relief:
        metal.emboss(rng, plate, ink)
    paint.blend(plate, ink, scheme.ink)
    for x, y, size in emblems:
        ornaments.paint_emblem(rng, plate, x, y, size, scheme)
    metal.paint_hardware(rng, plate, ink)
    metal.wear(rng, plate, 0.35 if distinct else 1.0)

    image, alpha, left, top = metal.mount(rng, plate)
    letters = "".join(character for character in text if character in INDEX)
    area = (left, top, left + width, top + height)
    return FlatPlate(image, alpha, area, letters, len(rows), centres + np.array([left, top]), smallest / height)


def relative_height(aspect: float, lines: int) -> float:
    """Return how much taller a plate of this shape is than a long one, seen from the same distance."""
    return _TALLER[lines] if aspect < _LONG else 1.0


def _draw_layout(rng: np.random.Generator, style: Style) -> Layout:
    return LAYOUTS[int(np.searchsorted(_SHARES[style], rng.random(), side="right"))]


def _cumulative(boost: float) -> Points:
    """Return the summed-up probabilities of the layouts, two-line ones drawn `boost` times as often."""
    weights = np.array([layout.weight * (boost if "|" in layout.patterns[0] else 1.0) for layout in LAYOUTS])
    return np.cumsum(weights)[:-1] / weights.sum()


_SHARES: dict[Style, Points] = {style: _cumulative(boost) for style, boost in _TWO_LINE_SHARE.items()}


def _vary(rng: np.random.Generator, colour: tuple[int, int, int]) -> tuple[int, int, int]:
    moved = np.clip(np.array(colour) + rng.normal(0, 7) + rng.normal(0, 4, 3), 0, 255)
    return int(moved[0]), int(moved[1]), int(moved[2])


def _paint_sides(rng: np.random.Generator, plate: Pixels, room: Area, layout: Layout, scheme: Scheme) -> Area:
    """Paint what stands beside the text, and return the room that is left for it."""
    colour = layout.colours[rng.integers(len(layout.colours))]
    code = str(rng.choice(layout.codes)) if layout.codes else ""
    for kinds, at_left in ((layout.left, True), (layout.right, False)):
        kind = str(rng.choice(kinds)) if kinds else ""
        if kind:
            room = ornaments.paint_side(rng, plate, room, kind, at_left, code, colour, scheme)
    return room


def _paint_words(rng: np.random.Generator, plate: Pixels, room: Area, layout: Layout, scheme: Scheme) -> Area:
    """Paint header and footer, and return the room that is left for the text."""
    for words, at_top in ((layout.top, True), (layout.bottom, False)):
        chosen = str(rng.choice(words)) if words else ""
        if chosen.startswith("band:"):
            room = ornaments.paint_top_band(rng, plate, room, chosen.removeprefix("band:"), layout.colours[0])
        elif chosen:
            room = ornaments.paint_slogan(rng, plate, room, chosen, at_top, scheme)
    return room


def _set_text(
    rng: np.random.Generator, rows: list[str], face: Face, room: Area, layout: Layout, shape: tuple[int, int]
) -> tuple[Mask, Points, list[tuple[float, float, float]], int]:
    """Set the lines of text into the room: their ink, the characters' centres, `(x, y, size)` of
    emblems, and the smallest line's height."""
    left, top, right, bottom = room
    line_room = (bottom - top) / len(rows)
    cap = rng.uniform(*layout.cap)
    spacing, gap = rng.uniform(0.07, 0.17), rng.uniform(0.22, 0.45)
    share = rng.uniform(0.86, 0.97)
    ink = np.zeros(shape, np.uint8)
    centres: list[tuple[float, float]] = []
    emblems: list[tuple[float, float, float]] = []
    smallest = shape[0]
    for number, row in enumerate(rows):
        height = max(8, round(line_room * cap))
        line = _fit(draw_line(row, face, spacing, gap), height, (right - left) * share)
        drawn_height, drawn_width = line.mask.shape
        smallest = min(smallest, drawn_height)
        loose = rng.uniform(-0.4, 0.4) * (1 - share) * (right - left)
        x = round((left + right - drawn_width) / 2 + loose)
        x = min(max(x, left), max(right - drawn_width, left))
        y = round(top + line_room * (number + 0.5) - drawn_height / 2)
        np.maximum(
            ink[y : y + drawn_height, x : x + drawn_width],
            line.mask,
            out=ink[y : y + drawn_height, x : x + drawn_width],
        )
        centres += [(x + centre, y + drawn_height / 2) for centre in line.centres]
        emblems += [(x + middle, y + drawn_height / 2, drawn_height * 0.5) for middle in line.emblems]
    return ink, np.array(centres), emblems, smallest


_NARROWEST = 0.72


def _fit(line: Line, height: int, room: float) -> Line:
    """Scale a line to `height`, and squeeze it into the room: narrower first, then smaller."""
    scale = height / line.mask.shape[0]
    width = line.mask.shape[1] * scale
    squeeze = min(1.0, max(room / width, _NARROWEST))
    smaller = min(1.0, room / (width * squeeze))
    return line.resized(max(1, int(width * squeeze * smaller)), max(6, round(height * smaller)))
