"""A parametric plate typeface: glyphs are strokes, and a plate's letters are a draw from ranges of shape.

Strokes are polylines in a unit box (x to the right, y down) through the middle of the ink. A vertex marked round
becomes an elliptic fillet whose size is the typeface's own, so one table of glyphs gives square and
round letters.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from lpr.synthetic.arrays import Mask, Point, Range
from lpr.synthetic.glyphs import ALTERNATIVES, GAPS, GLYPHS, RELATIVE_WIDTHS, Glyph, Stroke

GLYPH_HEIGHT = 64
"""Height in pixels at which every character is drawn; lines of text are then scaled to their place."""

_SHIFT = 4
_ONE = 1 << _SHIFT
_CROWDED = "MW"
_LEANS_OUT = frozenset("AVWXYKMNZ7412QR")
_DOT_ROWS = 10
_STEM = 0.35
"""Largest |dx/dy| of a stroke that still counts as a stem, which may carry a serif."""


@dataclass(frozen=True)
class Family:
    """Ranges that typefaces of one kind are drawn from; lengths in shares of the capital height.

    Attributes:
        width: of an ordinary letter.
        weight: thickness of a stroke.
        roundness: size of fillets; 1 rounds bowls completely.
        elongation: how far fillets reach along the vertical; 1 gives circular corners, larger ones ellipses.
        slant: horizontal shear.
        evenness: 0 for proportional widths, 1 for one width for all.
        square: probability of cut terminals instead of round ones.
        serif: probability of slab serifs.
        gaps: probability of the cuts of forgery-hindering letters.
        dots: probability of letters made of dots.
        zeros: forms of the zero to choose from: plain, narrow, slashed, dotted.
        alternatives: probability of each glyph's alternative shape.
    """

    width: Range = (0.48, 0.62)
    weight: Range = (0.11, 0.16)
    roundness: Range = (0.6, 1.0)
    elongation: Range = (1.0, 1.3)
    slant: Range = (0.0, 0.0)
    evenness: Range = (0.2, 0.9)
    square: float = 0.8
    serif: float = 0.0
    gaps: float = 0.0
    dots: float = 0.0
    zeros: tuple[str, ...] = ("narrow", "narrow", "plain")
    alternatives: float = 0.25


FAMILIES = {
    "din": Family(width=(0.46, 0.58), weight=(0.12, 0.16), roundness=(0.85, 1.0), evenness=(0.4, 0.9)),
    "fe": Family(
        width=(0.52, 0.62), weight=(0.11, 0.15), roundness=(0.6, 1.0), evenness=(0.75, 1.0), square=1.0, gaps=0.85
    ),
    "uk": Family(
        width=(0.58, 0.66),
        weight=(0.15, 0.19),
        roundness=(0.55, 0.85),
        evenness=(0.85, 1.0),
        square=1.0,
        zeros=("plain",),
    ),
    "us": Family(
        width=(0.42, 0.56),
        weight=(0.10, 0.15),
        roundness=(0.6, 1.0),
        elongation=(1.0, 1.4),
        evenness=(0.4, 1.0),
        square=0.3,
    ),
    "thin": Family(width=(0.45, 0.6), weight=(0.07, 0.10), roundness=(0.5, 1.0), square=0.5),
    "heavy": Family(width=(0.6, 0.75), weight=(0.18, 0.23), roundness=(0.7, 1.0), elongation=(1.0, 1.5), square=0.9),
    "condensed": Family(width=(0.36, 0.44), weight=(0.10, 0.13), roundness=(0.8, 1.0), elongation=(1.3, 2.0)),
    "wide": Family(width=(0.66, 0.85), weight=(0.11, 0.16), roundness=(0.4, 1.0), elongation=(1.0, 1.5)),
    "boxy": Family(width=(0.5, 0.65), weight=(0.11, 0.15), roundness=(0.35, 0.6), evenness=(0.6, 1.0), square=1.0),
    "oval": Family(
        width=(0.58, 0.75), weight=(0.11, 0.16), roundness=(0.95, 1.0), elongation=(1.6, 2.2), evenness=(0.0, 0.4)
    ),
    "italic": Family(width=(0.5, 0.65), weight=(0.11, 0.17), slant=(0.08, 0.2)),
    "slab": Family(
        width=(0.6, 0.74), weight=(0.10, 0.14), roundness=(0.8, 1.0), elongation=(1.2, 1.9), serif=1.0, square=1.0
    ),
    "dots": Family(width=(0.6, 0.72), weight=(0.11, 0.13), roundness=(0.5, 0.9), dots=1.0, evenness=(0.8, 1.0)),
}


@dataclass(frozen=True)
class Typeface:
    """One plate's letters. Build with `Typeface.draw`."""

    width: float
    weight: float
    roundness: float
    elongation: float
    slant: float
    evenness: float
    square: bool
    serif: bool
    gaps: bool
    dots: bool
    zero: str
    alternatives: frozenset[str]

    @classmethod
    def draw(cls, rng: np.random.Generator, family: str, distinct: bool) -> Typeface:
        """Draw a typeface of a family.

        Args:
            rng: the source of randomness.
            family: a key of `FAMILIES`.
            distinct: whether 0 and O, 1 and I must differ in shape.
        """
        ranges = FAMILIES[family]
        face = cls(
            width=rng.uniform(*ranges.width),
            weight=rng.uniform(*ranges.weight),
            roundness=rng.uniform(*ranges.roundness),
            elongation=rng.uniform(*ranges.elongation),
            slant=rng.uniform(*ranges.slant),
            evenness=rng.uniform(*ranges.evenness),
            square=rng.random() < ranges.square,
            serif=rng.random() < ranges.serif,
            gaps=rng.random() < ranges.gaps,
            dots=rng.random() < ranges.dots,
            zero=("slashed", "dotted")[rng.integers(2)] if rng.random() < 0.06 else str(rng.choice(ranges.zeros)),
            alternatives=frozenset(key for key in ALTERNATIVES if rng.random() < ranges.alternatives),
        )
        if distinct:
            zero = "narrow" if face.zero == "plain" else face.zero
            face = replace(face, zero=zero, alternatives=face.alternatives - {"1"})
        return face

    def mask(self, character: str) -> Mask:
        """Return a character's ink: `(GLYPH_HEIGHT, W)` uint8, 255 where the ink covers a pixel."""
        height = GLYPH_HEIGHT
        weight = self.weight * (0.88 if character in _CROWDED else 1.0)
        thickness = max(2, round(weight * height))
        drawn = max(self._width(character) * height, thickness)
        margin = thickness if self.serif or character in _LEANS_OUT else 0
        lean = self.slant * height
        canvas = np.zeros((height, round(drawn + lean) + 2 * margin), np.uint8)
        inner_width, inner_height = max(drawn - thickness, 0.0), float(height - thickness)
        reach_x = self.roundness * inner_width / 2
        origin = thickness / 2 - 0.5
        glyph = _ALTERNATIVES[character] if character in self.alternatives else _GLYPHS[character]
        for part in glyph:
            scaled = [(x * inner_width, y * inner_height, mark) for x, y, mark in part]
            points = [
                (x + lean * (1 - y / inner_height) + margin + origin, y + origin)
                for x, y in _fillet(scaled, reach_x, reach_x * self.elongation)
            ]
            self._ink(canvas, points, thickness)
        if character == "0":
            self._mark_zero(canvas, thickness)
        if self.gaps and character in GAPS:
            ends = [(x * drawn + margin, y * height) for x, y in GAPS[character]]
            _polyline(canvas, ends, max(1, round(thickness * 0.35)), 0)
        if margin:
            columns = np.flatnonzero(canvas.max(0) > 40)
            canvas = canvas[:, columns[0] : columns[-1] + 1]
        return _dotted(canvas) if self.dots else canvas

    def _width(self, character: str) -> float:
        relative = RELATIVE_WIDTHS.get(character, 1.0)
        if character == "0" and self.zero == "narrow":
            return self.width * (0.8 if self.evenness < 0.7 else 0.86)
        even = relative if character in "I1" else 1.0
        if character in _CROWDED:
            even = 1.12
        return self.width * (relative * (1 - self.evenness) + even * self.evenness)

    def _ink(self, canvas: Mask, points: list[Point], thickness: int) -> None:
        _polyline(canvas, points, thickness, 255)
        if not (self.square or self.serif) or (len(points) > 2 and math.dist(points[0], points[-1]) < 1e-6):
            return
        last = canvas.shape[0] - 1
        for (x, y), (from_x, from_y) in ((points[0], points[1]), (points[-1], points[-2])):
            length = max(math.hypot(x - from_x, y - from_y), 1e-6)
            u, v = (x - from_x) / length, (y - from_y) / length
            at_edge = min(y, last - y) < thickness * 0.75
            straight = min(abs(u), abs(v)) < 0.12
            if self.square and (straight or at_edge):
                # A slanting stroke is drawn beyond the canvas, whose edge cuts it level.
                reach = (thickness / 2 if straight else thickness) - 0.5
                half = (thickness - 1) / 2
                side_x, side_y, tip_x, tip_y = -v * half, u * half, x + u * reach, y + v * reach
                _fill(canvas, [(x + side_x, y + side_y), (tip_x + side_x, tip_y + side_y),
                               (tip_x - side_x, tip_y - side_y), (x - side_x, y - side_y)])  # fmt: skip
            if self.serif and at_edge and abs(u) < _STEM:
                middle = y + math.copysign(thickness * 0.25, v)
                wide, tall = thickness * 1.05, thickness * 0.22
                _fill(
                    canvas,
                    [
                        (x - wide, middle - tall),
                        (x + wide, middle - tall),
                        (x + wide, middle + tall),
                        (x - wide, middle + tall),
                    ],
                )

    def _mark_zero(self, canvas: Mask, thickness: int) -> None:
        height, width = canvas.shape
        if self.zero == "slashed":
            ends = [(width - thickness, height * 0.25), (thickness, height * 0.75)]
            _polyline(canvas, ends, max(1, round(thickness * 0.7)), 255)
        elif self.zero == "dotted":
            ends = [(width / 2, height * 0.46), (width / 2, height * 0.54)]
            _polyline(canvas, ends, max(2, round(thickness * 0.9)), 255)


def _pieces(glyph: Glyph) -> Glyph:
    """Return a glyph's strokes cut at their sharp vertices, so that each piece's ends get terminals."""
    pieces: list[Stroke] = []
    for stroke in glyph:
        start = 0
        for index in range(1, len(stroke)):
            if index == len(stroke) - 1 or not stroke[index][2]:
                pieces.append(stroke[start : index + 1])
                start = index
    return tuple(pieces)


_GLYPHS = {character: _pieces(glyph) for character, glyph in GLYPHS.items()}
_ALTERNATIVES = {character: _pieces(glyph) for character, glyph in ALTERNATIVES.items()}
_CURVE = [(1 - math.sin(angle), 1 - math.cos(angle)) for angle in (math.pi / 2 * step / 6 for step in range(7))]


def _fillet(stroke: list[tuple[float, float, int]], reach_x: float, reach_y: float) -> list[Point]:
    """Replace round vertices by quarter ellipses that touch both neighbouring sides; a closed path stays closed."""
    closed = bool(stroke[0][2]) and stroke[0] == stroke[-1]
    count = len(stroke) - 1 if closed else len(stroke)
    path: list[Point] = []
    for index in range(count):
        x, y, rounded = stroke[index]
        if not rounded or (not closed and index in (0, count - 1)):
            path.append((x, y))
            continue
        arms: list[Point] = []
        for step in (-1, 1):
            other = (index + step) % count
            side_x, side_y = stroke[other][0] - x, stroke[other][1] - y
            length = math.hypot(side_x, side_y) or 1e-6
            # A side between two fillets is shared by them; one that ends in a terminal is free.
            limit = length if not stroke[other][2] else length / 2
            level = abs(side_x) / length
            reach = min(limit, reach_x * level + reach_y * (1 - level)) / length
            arms.append((side_x * reach, side_y * reach))
        (a, b), (c, d) = arms
        path += [(x + a * s + c * t, y + b * s + d * t) for s, t in _CURVE]
    if closed:
        path.append(path[0])
    return path


def _polyline(canvas: Mask, points: list[Point], thickness: int, value: int) -> None:
    cv2.polylines(canvas, [_fixed(points)], False, value, thickness, cv2.LINE_AA, _SHIFT)


def _fill(canvas: Mask, corners: list[Point]) -> None:
    cv2.fillConvexPoly(canvas, _fixed(corners), 255, cv2.LINE_AA, _SHIFT)


def _fixed(points: list[Point]) -> NDArray[np.int32]:
    return np.array([(round(x * _ONE), round(y * _ONE)) for x, y in points], np.int32)


def _dotted(mask: Mask) -> Mask:
    """Return the mask as round dots on a grid of `_DOT_ROWS` rows."""
    height, width = mask.shape
    pitch = height / _DOT_ROWS
    columns = max(1, round(width / pitch))
    coarse = cv2.resize(mask, (columns, _DOT_ROWS), interpolation=cv2.INTER_AREA) > 128
    canvas = np.zeros_like(mask)
    radius = round(pitch * 0.46 * _ONE)
    for row, column in np.argwhere(coarse):
        x, y = (column + 0.5) * width / columns - 0.5, (row + 0.5) * pitch - 0.5
        cv2.circle(canvas, (round(x * _ONE), round(y * _ONE)), radius, 255, -1, cv2.LINE_AA, _SHIFT)
    return canvas
