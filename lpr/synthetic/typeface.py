"""A parametric plate typeface: glyphs are strokes, and a plate's letters are a draw from ranges of shape.

Strokes are polylines in a unit box (x to the right, y down) through the middle of the ink. A vertex marked round
becomes an elliptic fillet whose size is the typeface's own, so one table of glyphs gives square and
round letters.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from lpr.synthetic.arrays import Mask, Point
from lpr.synthetic.families import FAMILIES
from lpr.synthetic.glyphs import ALTERNATIVES, GAPS, GLYPHS, RELATIVE_WIDTHS, Glyph, Stroke
from lpr.synthetic.strokes import dotted, fill, fillet, polyline

GLYPH_HEIGHT = 64
"""Height in pixels at which every character is drawn; lines of text are then scaled to their place."""


_CROWDED = "MW"
_LEANS_OUT = frozenset("AVWXYKMNZ7412QR")

_STEM = 0.35
"""Largest |dx/dy| of a stroke that still counts as a stem, which may carry a serif."""


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
            distinct: whether 0, O and Q, 1 and I must differ in shape.
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
            face = replace(face, zero=zero, alternatives=face.alternatives - {"1", "Q"})
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
                for x, y in fillet(scaled, reach_x, reach_x * self.elongation)
            ]
            self._ink(canvas, points, thickness)
        if character == "0":
            self._mark_zero(canvas, thickness)
        if self.gaps and character in GAPS:
            ends = [(x * drawn + margin, y * height) for x, y in GAPS[character]]
            polyline(canvas, ends, max(1, round(thickness * 0.35)), 0)
        if margin:
            columns = np.flatnonzero(canvas.max(0) > 40)
            canvas = canvas[:, columns[0] : columns[-1] + 1]
        return dotted(canvas) if self.dots else canvas

    def _width(self, character: str) -> float:
        relative = RELATIVE_WIDTHS.get(character, 1.0)
        if character == "0" and self.zero == "narrow":
            return self.width * (0.8 if self.evenness < 0.7 else 0.86)
        even = relative if character in "I1" else 1.0
        if character in _CROWDED:
            even = 1.12
        return self.width * (relative * (1 - self.evenness) + even * self.evenness)

    def _ink(self, canvas: Mask, points: list[Point], thickness: int) -> None:
        polyline(canvas, points, thickness, 255)
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
                fill(canvas, [(x + side_x, y + side_y), (tip_x + side_x, tip_y + side_y),
                               (tip_x - side_x, tip_y - side_y), (x - side_x, y - side_y)])  # fmt: skip
            if self.serif and at_edge and abs(u) < _STEM:
                middle = y + math.copysign(thickness * 0.25, v)
                wide, tall = thickness * 1.05, thickness * 0.22
                fill(
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
            polyline(canvas, ends, max(1, round(thickness * 0.7)), 255)
        elif self.zero == "dotted":
            ends = [(width / 2, height * 0.46), (width / 2, height * 0.54)]
            polyline(canvas, ends, max(2, round(thickness * 0.9)), 255)


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
