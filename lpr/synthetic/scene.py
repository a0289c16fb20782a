"""Whole photographs: scenery, look-alikes, cars, and 0 to 3 plates."""

from __future__ import annotations

import cv2
import numpy as np

from lpr.plate.box import Box, iou
from lpr.synthetic import backgrounds, distractors, texture, vehicle
from lpr.synthetic.arrays import Pixels, Points
from lpr.synthetic.camera import Placed, place, pose
from lpr.synthetic.fonts import Fonts
from lpr.synthetic.plate import FlatPlate, Style, draw_plate

_SIZES = ((480, 360), (512, 384), (560, 420), (600, 400), (640, 426), (640, 480), (640, 480), (480, 480))
_COUNTS = (0.1, 0.63, 0.18, 0.09)
"""Probabilities of 0, 1, 2 and 3 plates."""
_WIDTHS: dict[Style, tuple[float, float]] = {"legible": (0.15, 0.5), "harsh": (0.04, 0.5)}
"""Width of a plate over the scene's; where there are several, the upper end is divided among them."""
_LEAST_WIDTH: dict[Style, float] = {"legible": 0.07, "harsh": 0.03}
_LEAST_LETTERS: dict[Style, float] = {"legible": 13.0, "harsh": 4.0}
_DETAIL = 80.0
_ATTEMPTS = 12
_SHORT = 2.4
_EDGE = 2.0


def draw_scene(rng: np.random.Generator, style: Style, fonts: Fonts | None = None) -> tuple[Pixels, list[Placed]]:
    """Return a photograph, before the camera's own faults, and its plates."""
    width, height = _SIZES[rng.integers(len(_SIZES))]
    image = backgrounds.scenery(rng, height, width)
    distractors.paint_objects(rng, image, int(rng.integers(0, 6)))
    placed = _arrange(rng, width, height, int(rng.choice(4, p=_COUNTS)), style, fonts)
    on_car = [rng.random() < 0.85 for _ in placed]
    cars: list[Points] = [quad for (_, quad), has_car in zip(placed, on_car, strict=True) if has_car]
    if rng.random() < (0.7 if not placed else 0.12):
        cars.append(_empty_place(rng, width, height))
    for quad in sorted(cars, key=lambda quad: float(np.ptp(quad[:, 0]))):
        vehicle.paint_car(rng, image, quad)
        if rng.random() < 0.3:
            size = float(np.ptp(quad[:, 0]))
            x, y = quad.mean(0)
            x, y = x + rng.choice((-1, 1)) * size * rng.uniform(0.8, 1.3), y + size * rng.uniform(-0.6, 0.25)
            distractors.paint_sticker(rng, image, x, y, size * rng.uniform(0.3, 0.8))
    if cars:
        texture.add(rng, image, rng.uniform(0, 25))
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.2))
    plates = []
    for flat, quad in placed:
        vehicle.cast_shadow(rng, image, quad)
        plates.append(place(image, flat, quad, rng.uniform(0.75, 1.1)))
    if rng.random() < 0.25:
        distractors.paint_overlay(rng, image, np.array([_box(quad) for _, quad in placed]).reshape(-1, 4))
    return image, plates


def _arrange(
    rng: np.random.Generator, width: int, height: int, count: int, style: Style, fonts: Fonts | None
) -> list[tuple[FlatPlate, Points]]:
    """Draw plates and their corners: inside the image, apart, and if possible none where a nearer car is."""
    placed: list[tuple[FlatPlate, Points]] = []
    for _ in range(count):
        flat = draw_plate(rng, style, _DETAIL, fonts)
        others = [_box(quad) for _, quad in placed]
        candidates: list[tuple[int, Points]] = []
        for _ in range(_ATTEMPTS):
            quad = _draw_place(rng, flat, width, height, count, style)
            if quad is None or _touches(_framed(_box(quad)), [_framed(box) for box in others]):
                continue
            candidates.append((_hidden(_box(quad), others), quad))
            if candidates[-1][0] == 0:
                break
        if candidates:
            placed.append((flat, min(candidates, key=lambda candidate: candidate[0])[1]))
    return placed


def _draw_place(
    rng: np.random.Generator, flat: FlatPlate, width: int, height: int, count: int, style: Style
) -> Points | None:
    """Draw size, pose and position of a plate; None where it would not fit."""
    low, high = _WIDTHS[style]
    wide = width * float(np.exp(rng.uniform(np.log(low), np.log(max(high / count, low * 1.3)))))
    if flat.aspect < _SHORT:
        wide *= 0.7
    tall = max(wide / flat.aspect, _LEAST_LETTERS[style] / flat.letters)
    quad = pose(rng, flat.aspect, tall, style)
    quad = quad * max(1.0, 1.01 * _LEAST_WIDTH[style] * width / np.ptp(quad[:, 0]))
    room = np.array([width, height]) - np.ptp(quad, axis=0) - 2 * _EDGE
    if (room <= 0).any():
        return None
    return quad - quad.min(0) + _EDGE + rng.uniform((0, 0.12), 1, 2) * room


def _framed(box: Box) -> Box:
    """Return a plate's box with room for its frame and shadow."""
    x, y, w, h = box
    return x - 0.15 * w, y - 0.3 * h, 1.3 * w, 1.6 * h


def _car(box: Box) -> Box:
    """Return about the part of the image that a car takes whose plate is `box`."""
    x, y, w, h = box
    unit = w if w > 3 * h else 1.5 * w
    return x + w / 2 - 1.9 * unit, y + h / 2 - 2.3 * unit, 3.8 * unit, 3.1 * unit


def _touches(box: Box, others: list[Box]) -> bool:
    return bool((iou(np.array([box]), np.array(others).reshape(-1, 4)) > 0).any())


def _hidden(box: Box, others: list[Box]) -> int:
    """Count plates, of the new one and the others, that lie where the other one's car is painted later."""
    pairs = ((min(box, other, key=lambda b: b[2]), max(box, other, key=lambda b: b[2])) for other in others)
    return sum(_touches(far, [_car(near)]) for far, near in pairs)


def _empty_place(rng: np.random.Generator, width: int, height: int) -> Points:
    """Return corners where a car's plate would be, for a car that shows none."""
    wide = width * rng.uniform(0.1, 0.3)
    middle = rng.uniform(0.1, 0.9, 2) * (width, height)
    return middle + np.array([[-1, -0.2], [1, -0.2], [1, 0.2], [-1, 0.2]]) * wide / 2


def _box(quad: Points) -> Box:
    low, high = quad.min(0), quad.max(0)
    return float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1])
