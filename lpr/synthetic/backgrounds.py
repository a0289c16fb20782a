"""What is behind plates: walls, roads, leaves, and the body of a car."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lpr.synthetic import texture

Pixels = NDArray[np.uint8]
Points = NDArray[np.float64]

PAINTS = (
    (225, 226, 228), (20, 20, 24), (170, 174, 178), (90, 94, 100), (24, 44, 96), (140, 20, 26), (60, 64, 66), (196, 186, 160),
    (30, 80, 60), (40, 100, 170), (210, 90, 30), (120, 100, 84), (240, 240, 240), (48, 50, 58),
)  # fmt: skip
"""Colours of cars."""


def painted(rng: np.random.Generator, height: int, width: int, colour: tuple[int, int, int]) -> Pixels:
    """Return a surface of one paint, lighter and darker along one direction."""
    start, end = rng.uniform(0.6, 1.25, 2)
    along_y = rng.random() < 0.75
    ramp = np.linspace(start, end, height if along_y else width, dtype=np.float32)
    shade = np.clip(ramp[:, None] * np.array(colour, np.float32) + rng.uniform(-12, 25), 0, 255).astype(np.uint8)
    lines = shade[:, None] if along_y else shade[None]
    return np.ascontiguousarray(np.broadcast_to(lines, (height, width, 3)))


def draw_paint(rng: np.random.Generator) -> tuple[int, int, int]:
    """Draw a car's colour."""
    if rng.random() < 0.2:
        red, green, blue = rng.integers(10, 245, 3)
        return int(red), int(green), int(blue)
    return PAINTS[rng.integers(len(PAINTS))]


def body(rng: np.random.Generator, height: int, width: int, quad: Points) -> Pixels:
    """Return the neighbourhood of a plate on a car: paint, edges, a recess, a grille, and the plate's shadow."""
    image = painted(rng, height, width, draw_paint(rng))
    middle = quad.mean(0)
    across, down = (quad[1] - quad[0] + quad[2] - quad[3]) / 2, (quad[3] - quad[0] + quad[2] - quad[1]) / 2

    def point(u: float, v: float) -> tuple[int, int]:
        spot = middle + across * u + down * v
        return int(round(spot[0])), int(round(spot[1]))

    dark = tuple(int(level * rng.uniform(0.1, 0.6)) for level in image[0, 0])
    if rng.random() < 0.45:
        _area(image, point, rng.uniform(-1.2, -0.56), -rng.uniform(0.6, 1.4), rng.uniform(0.56, 1.2), rng.uniform(0.6, 1.4), dark)
    if rng.random() < 0.35:
        _grille(rng, image, point, dark)
    for _ in range(int(rng.integers(0, 4))):
        v = rng.choice((-1, 1)) * rng.uniform(0.62, 1.3)
        tone = dark if rng.random() < 0.6 else (225, 228, 230)
        cv2.line(image, point(-3, v), point(3, v + rng.normal(0, 0.1)), tone, int(rng.integers(1, max(2, height // 14))), cv2.LINE_AA)
    if rng.random() < 0.25:
        cv2.ellipse(image, point(rng.normal(0, 0.2), -rng.uniform(0.8, 1.1)), (max(2, height // 8), max(2, height // 14)), 0, 0, 360,
                    (200, 204, 208), max(1, height // 40), cv2.LINE_AA)  # fmt: skip
    if rng.random() < 0.5:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.5, max(0.6, height / 50)))
    if rng.random() < 0.6:
        texture.add(rng, image, rng.uniform(4, 40))
    return image


def _area(image, point, u0, v0, u1, v1, colour) -> None:  # type: ignore[no-untyped-def]
    cv2.fillConvexPoly(image, np.array([point(u0, v0), point(u1, v0), point(u1, v1), point(u0, v1)], np.int32), colour, cv2.LINE_AA)


def _grille(rng, image, point, dark) -> None:  # type: ignore[no-untyped-def]
    side = rng.choice((-1, 1))
    near, far = 0.6 * side, 2.2 * side
    _area(image, point, -1.6, near, 1.6, far, (18, 18, 20))
    for v in np.linspace(near, far, int(rng.integers(4, 9))):
        cv2.line(image, point(-1.6, v), point(1.6, v), (90, 92, 96), 1, cv2.LINE_AA)


def cast_shadow(rng: np.random.Generator, image: Pixels, quad: Points) -> None:
    """Darken the surface around a plate, a little below it."""
    height = float(np.hypot(*(quad[3] - quad[0])))
    mask = np.zeros(image.shape[:2], np.uint8)
    middle = quad.mean(0)
    wide = middle + (quad - middle) * rng.uniform(1.02, 1.12) + (rng.normal(0, 0.03) * height, rng.uniform(0, 0.1) * height)
    cv2.fillConvexPoly(mask, wide.astype(np.int32), 255)
    reach = max(1.0, height * rng.uniform(0.03, 0.12))
    mask = cv2.GaussianBlur(mask, (0, 0), reach)
    kept = 255 - cv2.convertScaleAbs(mask, alpha=rng.uniform(0.2, 0.7))
    cv2.multiply(image, cv2.merge([kept] * 3), dst=image, scale=1 / 255)
