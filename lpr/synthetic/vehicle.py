"""Cars, as far as a plate's neighbourhood needs them: paint, bumper, lights, grille, windows, wheels and shadows."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lpr.synthetic import texture
from lpr.synthetic.arrays import Colour, Pixels, Points
from lpr.synthetic.backgrounds import gradient
from lpr.synthetic.letters import WORD_FONTS, word
from lpr.synthetic.paint import stamp

_PAINTS: tuple[Colour, ...] = (
    (225, 226, 228), (20, 20, 24), (170, 174, 178), (90, 94, 100), (24, 44, 96), (140, 20, 26), (60, 64, 66),
    (196, 186, 160), (30, 80, 60), (40, 100, 170), (210, 90, 30), (120, 100, 84), (240, 240, 240), (48, 50, 58),
    (205, 208, 212), (12, 12, 14),
)  # fmt: skip
_MODELS = ("COROLLA", "Civic", "TURBO", "4x4", "GTI", "HYBRID", "Focus", "Octavia", "XLT", "SPORT", "LX", "DIESEL")


@dataclass(frozen=True)
class Frame:
    """A plane of the image that a plate lies in: `u` runs along the plate's width and `v` down, from its middle."""

    middle: NDArray[np.float64]
    across: NDArray[np.float64]
    down: NDArray[np.float64]

    @classmethod
    def of_plate(cls, quad: Points) -> Frame:
        """Return the frame whose units are the plate's own width and height."""
        across, down = (quad[1] - quad[0] + quad[2] - quad[3]) / 2, (quad[3] - quad[0] + quad[2] - quad[1]) / 2
        return cls(quad.mean(0), across, down)

    def even(self, unit: float) -> Frame:
        """Return the frame with both units `unit` pixels long."""
        return Frame(
            self.middle, self.across * (unit / np.hypot(*self.across)), self.down * (unit / np.hypot(*self.down))
        )

    def at(self, u: float, v: float) -> tuple[int, int]:
        """Return a point in whole pixels."""
        x, y = self.middle + self.across * u + self.down * v
        return round(float(x)), round(float(y))

    def fill(self, image: Pixels, corners: tuple[tuple[float, float], ...], colour: Colour) -> None:
        """Fill a polygon."""
        cv2.fillPoly(image, [np.array([self.at(u, v) for u, v in corners], np.int32)], colour, cv2.LINE_AA)

    def bar(self, image: Pixels, u0: float, v0: float, u1: float, v1: float, colour: Colour) -> None:
        """Fill a rectangle of the frame."""
        self.fill(image, ((u0, v0), (u1, v0), (u1, v1), (u0, v1)), colour)


def draw_paint(rng: np.random.Generator) -> Colour:
    """Draw a car's colour."""
    colour = np.array(_PAINTS[rng.integers(len(_PAINTS))], float)
    if rng.random() < 0.12:
        colour = rng.uniform(20, 220, 3)
    red, green, blue = np.clip(colour + rng.normal(0, 8, 3), 0, 255)
    return int(red), int(green), int(blue)


def body(rng: np.random.Generator, height: int, width: int, quad: Points) -> Pixels:
    """Return the neighbourhood of a plate on a car, `(height, width, 3)`: paint, edges, a recess, a grille."""
    image = gradient(rng, height, width, draw_paint(rng), 0.35)
    frame = Frame.of_plate(quad)
    dark = _scaled(tuple(int(level) for level in image[0, 0]), rng.uniform(0.1, 0.6))
    if rng.random() < 0.45:
        u0, u1 = rng.uniform(0.56, 1.2, 2)
        v0, v1 = rng.uniform(0.6, 1.4, 2)
        frame.bar(image, -u0, -v0, u1, v1, dark)
    if rng.random() < 0.35:
        side = float(rng.choice((-1, 1)))
        frame.bar(image, -1.6, 0.6 * side, 1.6, 2.2 * side, (18, 18, 20))
        for v in np.linspace(0.6 * side, 2.2 * side, int(rng.integers(4, 9))):
            cv2.line(image, frame.at(-1.6, v), frame.at(1.6, v), (90, 92, 96), 1, cv2.LINE_AA)
    for _ in range(int(rng.integers(0, 4))):
        v = float(rng.choice((-1, 1)) * rng.uniform(0.62, 1.3))
        tone = dark if rng.random() < 0.6 else (225, 228, 230)
        thick = int(rng.integers(1, max(2, height // 14)))
        cv2.line(image, frame.at(-3, v), frame.at(3, v + rng.normal(0, 0.1)), tone, thick, cv2.LINE_AA)
    if rng.random() < 0.25:
        axes = (max(2, height // 8), max(2, height // 14))
        spot = frame.at(rng.normal(0, 0.2), -rng.uniform(0.8, 1.1))
        cv2.ellipse(image, spot, axes, 0, 0, 360, (200, 204, 208), max(1, height // 40), cv2.LINE_AA)
    if rng.random() < 0.5:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.5, max(0.6, height / 50)))
    if rng.random() < 0.6:
        texture.add(rng, image, rng.uniform(4, 40))
    return image


def paint_car(rng: np.random.Generator, image: Pixels, quad: Points) -> None:
    """Paint the front or rear of a car around a plate's place; its unit is the width of a long plate, 52 cm."""
    plate = Frame.of_plate(quad)
    wide, tall = float(np.hypot(*plate.across)), float(np.hypot(*plate.down))
    unit = wide * (1.0 if wide > 3 * tall else rng.uniform(1.35, 1.8)) * rng.uniform(0.9, 1.15)
    car = plate.even(unit)
    low = rng.uniform(0.35, 0.9)
    paint = draw_paint(rng)
    front = rng.random() < 0.5
    half, roof, belt = rng.uniform(1.55, 1.95), -rng.uniform(1.7, 2.6), -rng.uniform(0.75, 1.2)
    for side in (-1, 1):
        car.bar(image, side * half * 0.95, low - 0.35, side * half * 0.68, low + 0.3, (16, 16, 18))
    car.bar(image, -half, low - 0.02, half, low + 0.16, (22, 22, 24))
    left = ((-half, low), (-half * 0.98, belt * 0.6), (-half * 0.9, belt), (-half * 0.68, roof))
    car.fill(image, (*left, *((-u, v) for u, v in reversed(left))), paint)
    glass = _scaled((130, 150, 165), rng.uniform(0.15, 0.9))
    car.fill(
        image,
        ((-half * 0.82, belt), (-half * 0.62, roof + 0.12), (half * 0.62, roof + 0.12), (half * 0.82, belt)),
        glass,
    )
    lighter, darker = _scaled(paint, rng.uniform(1.05, 1.3)), _scaled(paint, rng.uniform(0.6, 0.9))
    car.bar(image, -half * 0.9, belt, half * 0.9, belt + rng.uniform(0.1, 0.3), lighter)
    bumper = darker if rng.random() < 0.6 else (40, 40, 42)
    car.bar(image, -half, low - rng.uniform(0.15, 0.35), half, low, bumper)
    v = -rng.uniform(0.15, 0.6)
    for side in (-1, 1):
        _lamp(rng, image, car, side * half * 0.78, v, half * 0.2, front)
    if front and rng.random() < 0.8:
        deep = rng.uniform(0.12, 0.3)
        _grille(rng, image, car, half * rng.uniform(0.35, 0.55), v - deep / 2, v + deep / 2)
    cv2.line(image, car.at(-half, v + 0.3), car.at(half, v + 0.3), darker, max(1, int(unit * 0.015)), cv2.LINE_AA)
    badge = max(2, round(unit * 0.07))
    cv2.ellipse(
        image, car.at(0, v), (badge, round(badge * 0.7)), 0, 0, 360, (190, 194, 198), max(1, badge // 4), cv2.LINE_AA
    )
    if not front and rng.random() < 0.5 and badge > 4:
        x, y = car.at(rng.choice((-0.5, 0.5)) * half, v - 0.05)
        stamp(image, word(str(rng.choice(_MODELS)), str(rng.choice(WORD_FONTS)), max(6, badge)), x, y, (200, 202, 205))
    if rng.random() < 0.6:
        plate.bar(
            image,
            -rng.uniform(0.54, 0.9),
            -rng.uniform(0.6, 1.1),
            rng.uniform(0.54, 0.9),
            rng.uniform(0.6, 1.0),
            darker,
        )


def cast_shadow(rng: np.random.Generator, image: Pixels, quad: Points) -> None:
    """Darken the surface around a plate, a little below it."""
    height = float(np.hypot(*(quad[3] - quad[0])))
    middle = quad.mean(0)
    wide = (
        middle
        + (quad - middle) * rng.uniform(1.02, 1.12)
        + (rng.normal(0, 0.03) * height, rng.uniform(0, 0.1) * height)
    )
    reach = max(1.0, height * rng.uniform(0.03, 0.12))
    strength = rng.uniform(0.2, 0.7)
    low = np.maximum(np.floor(wide.min(0) - 3 * reach).astype(int), 0)
    high = np.minimum(np.ceil(wide.max(0) + 3 * reach).astype(int), image.shape[1::-1])
    if (high <= low).any():
        return
    region = image[low[1] : high[1], low[0] : high[0]]
    mask = np.zeros(region.shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, np.round(wide - low).astype(np.int32), 255)
    kept = 255 - cv2.convertScaleAbs(cv2.GaussianBlur(mask, (0, 0), reach), alpha=strength)
    region[:] = cv2.multiply(region, cv2.merge([kept] * 3), scale=1 / 255)


def _lamp(rng: np.random.Generator, image: Pixels, car: Frame, u: float, v: float, half: float, front: bool) -> None:
    tall = half * rng.uniform(0.4, 1.2)
    tones: tuple[Colour, ...] = (
        ((225, 228, 232), (250, 244, 215), (150, 155, 160)) if front else ((170, 16, 20), (230, 40, 36), (110, 10, 14))
    )
    colour = tones[rng.integers(3)]
    if rng.random() < 0.5:
        car.bar(image, u - half, v - tall / 2, u + half, v + tall / 2, colour)
    else:
        axes = (max(1, int(np.hypot(*car.across) * half)), max(1, int(np.hypot(*car.down) * tall / 2)))
        cv2.ellipse(image, car.at(u, v), axes, 0, 0, 360, colour, -1, cv2.LINE_AA)
    if rng.random() < 0.6:
        inner = (255, 250, 235) if front else (255, 150, 120)
        radius = max(1, int(np.hypot(*car.down) * tall * 0.25))
        cv2.circle(image, car.at(u + rng.normal(0, half * 0.3), v), radius, inner, -1, cv2.LINE_AA)


def _grille(rng: np.random.Generator, image: Pixels, car: Frame, half: float, top: float, bottom: float) -> None:
    car.bar(image, -half, top, half, bottom, (16, 16, 18))
    tone = (150, 152, 156) if rng.random() < 0.5 else (70, 72, 76)
    if rng.random() < 0.6:
        for v in np.linspace(top, bottom, int(rng.integers(3, 7))):
            cv2.line(image, car.at(-half, v), car.at(half, v), tone, 1, cv2.LINE_AA)
    else:
        for u in np.linspace(-half, half, int(rng.integers(8, 24))):
            cv2.line(image, car.at(u, top), car.at(u, bottom), tone, 1, cv2.LINE_AA)


def _scaled(colour: tuple[int, ...], factor: float) -> Colour:
    red, green, blue = (min(255, int(level * factor)) for level in colour)
    return red, green, blue
