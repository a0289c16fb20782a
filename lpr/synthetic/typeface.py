"""A parametric plate typeface: every glyph is a few strokes, and a plate's letters are a draw from ranges of their shape.

Strokes are polylines in a unit box (x to the right, y down) through the middle of the ink. A vertex marked round becomes
an elliptic fillet whose size is the typeface's own, so one table of glyphs gives square, DIN-like and round letters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from lpr.synthetic.glyphs import ALTERNATIVES, GAPS, GLYPHS, RELATIVE_WIDTHS, Glyph, Stroke

Mask = NDArray[np.uint8]
Points = NDArray[np.float64]
Range = tuple[float, float]

_SHIFT = 4
_FILLET_STEPS = 6
_VERTICAL = 0.35
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
        width=(0.58, 0.66), weight=(0.15, 0.19), roundness=(0.55, 0.85), evenness=(0.85, 1.0), square=1.0, zeros=("plain",)
    ),
    "us": Family(
        width=(0.42, 0.56), weight=(0.10, 0.15), roundness=(0.6, 1.0), elongation=(1.0, 1.4), evenness=(0.4, 1.0), square=0.3
    ),
    "thin": Family(width=(0.45, 0.6), weight=(0.07, 0.10), roundness=(0.5, 1.0), square=0.5),
    "heavy": Family(width=(0.6, 0.75), weight=(0.18, 0.23), roundness=(0.7, 1.0), elongation=(1.0, 1.5), square=0.9),
    "condensed": Family(width=(0.34, 0.44), weight=(0.10, 0.13), roundness=(0.7, 1.0)),
    "wide": Family(width=(0.66, 0.85), weight=(0.11, 0.16), roundness=(0.4, 1.0), elongation=(1.0, 1.5)),
    "boxy": Family(width=(0.5, 0.65), weight=(0.12, 0.17), roundness=(0.12, 0.4), evenness=(0.6, 1.0)),
    "oval": Family(width=(0.58, 0.75), weight=(0.11, 0.16), roundness=(0.95, 1.0), elongation=(1.6, 2.2), evenness=(0.0, 0.4)),
    "italic": Family(width=(0.5, 0.65), weight=(0.11, 0.17), slant=(0.08, 0.2)),
    "slab": Family(width=(0.6, 0.74), weight=(0.10, 0.14), roundness=(0.8, 1.0), elongation=(1.2, 1.9), serif=1.0, square=1.0),
    "dots": Family(width=(0.55, 0.7), weight=(0.14, 0.17), roundness=(0.5, 0.9), dots=1.0, evenness=(0.8, 1.0)),
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

    def mask(self, character: str, height: int) -> Mask:
        """Return a character's ink: `(height, W)` uint8, 255 where the ink covers a pixel."""
        thickness = max(2, round(self.weight * height))
        drawn = max(self._width(character) * height, thickness)
        lean = abs(self.slant) * height
        margin = thickness if self._leans_out(character) else 0
        canvas = np.zeros((height, round(drawn + lean) + 2 * margin), np.uint8)
        for stroke in self._glyph(character):
            for part in _split(stroke):
                points = self._place(part, drawn, height, thickness, margin, lean)
                self._ink(canvas, points, thickness, height)
        if character == "0":
            self._mark_zero(canvas, thickness)
        if self.gaps and character in GAPS:
            (x0, y0), (x1, y1) = GAPS[character]
            ends = np.array([[x0 * drawn + margin, y0 * height], [x1 * drawn + margin, y1 * height]])
            _polyline(canvas, ends, max(1, round(thickness * 0.35)), 0)
        if margin:
            canvas = canvas[:, _inked(canvas)]
        return _dotted(canvas) if self.dots else canvas

    def _width(self, character: str) -> float:
        relative = RELATIVE_WIDTHS.get(character, 1.0)
        if character == "0" and self.zero == "narrow":
            relative = 0.8
        even = relative if character in "I1" or (character == "0" and self.zero == "narrow") else 1.0
        share = relative * (1 - self.evenness) + even * self.evenness
        if character in "MW":
            share = 1 + (share - 1) * 0.9
        return self.width * share

    def _glyph(self, character: str) -> Glyph:
        if character in self.alternatives:
            return ALTERNATIVES[character]
        return GLYPHS[character]

    def _leans_out(self, character: str) -> bool:
        return self.serif or character in "AVWXYKMNZ7412QR"

    def _place(self, part: Stroke, width: float, height: int, thickness: int, margin: int, lean: float) -> Points:
        """Return a stroke's points in pixels, fillets sampled."""
        inner_width, inner_height = max(width - thickness, 0.0), float(height - thickness)
        scaled = np.array([(x * inner_width, y * inner_height) for x, y, _ in part])
        reach_x = self.roundness * inner_width / 2
        points = _fillet(scaled, [bool(mark) for *_, mark in part], reach_x, reach_x * self.elongation)
        points[:, 0] += lean * (1 - points[:, 1] / max(inner_height, 1.0)) + margin
        return points + thickness / 2 - 0.5

    def _ink(self, canvas: Mask, points: Points, thickness: int, height: int) -> None:
        _polyline(canvas, points, thickness, 255)
        closed = len(points) > 2 and bool(np.allclose(points[0], points[-1]))
        if closed or not (self.square or self.serif):
            return
        for end, before in ((points[0], points[1]), (points[-1], points[-2])):
            direction = (end - before) / max(float(np.hypot(*(end - before))), 1e-6)
            at_edge = min(end[1], height - 1 - end[1]) < thickness * 0.75
            straight = min(abs(direction)) < 0.12
            if self.square and (straight or at_edge):
                reach = thickness / 2 if straight else thickness
                side = np.array([-direction[1], direction[0]]) * (thickness - 1) / 2
                tip = end + direction * (reach - 0.5)
                _fill(canvas, np.array([end + side, tip + side, tip - side, end - side]))
            if self.serif and at_edge and abs(direction[0]) < _VERTICAL:
                half = np.array([thickness * 1.05, 0.0])
                middle = np.array([end[0], end[1] + np.sign(direction[1]) * thickness * 0.25])
                tall = np.array([0.0, thickness * 0.22])
                _fill(canvas, np.array([middle - half - tall, middle + half - tall, middle + half + tall, middle - half + tall]))

    def _mark_zero(self, canvas: Mask, thickness: int) -> None:
        height, width = canvas.shape
        if self.zero == "slashed":
            ends = np.array([[width - thickness, height * 0.25], [thickness, height * 0.75]], np.float64)
            _polyline(canvas, ends, max(1, round(thickness * 0.7)), 255)
        elif self.zero == "dotted":
            middle = np.array([[width / 2, height * 0.46], [width / 2, height * 0.54]])
            _polyline(canvas, middle, max(2, round(thickness * 0.9)), 255)


def _split(stroke: Stroke) -> Iterator[Stroke]:
    """Yield the pieces of a stroke between its sharp vertices; each piece's ends get the typeface's terminals."""
    start = 0
    for index in range(1, len(stroke)):
        if index == len(stroke) - 1 or not stroke[index][2]:
            yield stroke[start : index + 1]
            start = index


def _fillet(points: Points, rounded: list[bool], reach_x: float, reach_y: float) -> Points:
    """Replace round vertices by quarter ellipses that touch both neighbouring sides; a closed path stays closed."""
    closed = rounded[0] and bool(np.allclose(points[0], points[-1]))
    count = len(points) - 1 if closed else len(points)
    path: list[Points] = []
    for index in range(count):
        vertex = points[index]
        if not rounded[index] or (not closed and index in (0, count - 1)):
            path.append(vertex[None])
            continue
        arms = []
        for step in (-1, 1):
            other = (index + step) % count if closed else index + step
            side = points[other] - vertex
            length = max(float(np.hypot(*side)), 1e-6)
            free = not closed and other in (0, count - 1) and not rounded[other]
            limit = length if free else length / 2
            share = abs(side[0]) / length
            arms.append(side / length * min(limit, reach_x * share + reach_y * (1 - share)))
        angle = np.linspace(0, np.pi / 2, _FILLET_STEPS)[:, None]
        path.append(vertex + arms[0] * (1 - np.sin(angle)) + arms[1] * (1 - np.cos(angle)))
    joined = np.concatenate(path)
    return np.concatenate([joined, joined[:1]]) if closed else joined


def _polyline(canvas: Mask, points: Points, thickness: int, value: int) -> None:
    fixed = np.round(points * (1 << _SHIFT)).astype(np.int32)
    cv2.polylines(canvas, [fixed], False, value, thickness, cv2.LINE_AA, _SHIFT)


def _fill(canvas: Mask, corners: Points) -> None:
    fixed = np.round(corners * (1 << _SHIFT)).astype(np.int32)
    cv2.fillConvexPoly(canvas, fixed, 255, cv2.LINE_AA, _SHIFT)


def _inked(canvas: Mask) -> slice:
    columns = np.flatnonzero(canvas.max(0) > 40)
    return slice(int(columns[0]), int(columns[-1]) + 1)


def _dotted(mask: Mask) -> Mask:
    """Return the mask as round dots on a grid of about 9 rows."""
    height, width = mask.shape
    rows = 9
    pitch = height / rows
    columns = max(1, round(width / pitch))
    coarse = cv2.resize(mask, (columns, rows), interpolation=cv2.INTER_AREA) > 100
    canvas = np.zeros_like(mask)
    radius = round(pitch * 0.44 * (1 << _SHIFT))
    for row, column in np.argwhere(coarse):
        middle = ((column + 0.5) * width / columns - 0.5, (row + 0.5) * pitch - 0.5)
        centre = (round(middle[0] * (1 << _SHIFT)), round(middle[1] * (1 << _SHIFT)))
        cv2.circle(canvas, centre, radius, 255, -1, cv2.LINE_AA, _SHIFT)
    return canvas
