"""What becomes of the sheet metal: border, screws, embossing, wear, and the frame it is mounted in."""

from __future__ import annotations

import cv2
import numpy as np

from lpr.synthetic import texture
from lpr.synthetic.arrays import Area, Colour, Mask, Pixels
from lpr.synthetic.layouts import Scheme
from lpr.synthetic.letters import WORD_FONTS, word
from lpr.synthetic.paint import blend, pixel, plain, random_colour, random_grey, rounded, stamp

_DEALERS = (
    "AUTOHAUS",
    "MOTORS",
    "Ford",
    "CAR CENTER",
    "TOYOTA",
    "www.auto.example",
    "GARAGE",
    "HONDA",
    "PREMIUM CARS",
    "BMW",
    "Renault",
)


def paint_border(rng: np.random.Generator, plate: Pixels, scheme: Scheme) -> Area:
    """Paint the border, and return the room inside."""
    height, width = plate.shape[:2]
    inset = round(height * rng.uniform(0.02, 0.05))
    if scheme.border is None:
        return inset, inset, width - inset, height - inset
    thick = max(1, round(height * rng.uniform(0.012, 0.035)))
    place = round(height * rng.uniform(0.0, 0.04)) + thick // 2
    radius = round(height * rng.uniform(0.03, 0.12))
    mask = np.zeros((height, width), np.uint8)
    rounded(mask, (place, place, width - 1 - place, height - 1 - place), radius, thick)
    blend(plate, mask, scheme.border)
    inner = place + thick + inset // 2
    return inner, inner, width - inner, height - inner


def paint_hardware(rng: np.random.Generator, plate: Pixels, ink: Mask) -> None:
    """Paint screws and small stickers where they do not cover letters."""
    height, width = plate.shape[:2]
    spots: list[tuple[float, float]] = []
    if rng.random() < 0.5:
        y = 0.5 if width > 3 * height else rng.choice([0.08, 0.92])
        inset = rng.uniform(0.03, 0.3)
        spots += [(inset, y), (1 - inset, y)]
        if width < 3 * height and rng.random() < 0.5:
            spots += [(inset, 1 - y), (1 - inset, 1 - y)]
    for x, y in spots:
        radius = max(1, round(height * rng.uniform(0.02, 0.035)))
        _if_free(plate, ink, (x * width, y * height), radius, random_grey(rng), 2)
    if width < 3 * height and rng.random() < 0.35:
        for corner in rng.choice(4, rng.integers(1, 3), replace=False):
            spot = ((0.06, 0.94)[corner % 2] * width, (0.1, 0.9)[corner // 2] * height)
            _if_free(plate, ink, spot, round(height * 0.06), random_colour(rng), 1)


def _if_free(plate: Pixels, ink: Mask, spot: tuple[float, float], radius: int, colour: Colour, edge: int) -> None:
    x, y = round(spot[0]), round(spot[1])
    around = ink[max(0, y - radius - edge) : y + radius + edge, max(0, x - radius - edge) : x + radius + edge]
    if around.size and not around.any():
        cv2.circle(plate, (x, y), radius, colour, -1, cv2.LINE_AA)


def emboss(rng: np.random.Generator, plate: Pixels, ink: Mask) -> None:
    """Light one edge of the letters and darken the other, as on pressed sheet metal."""
    depth = int(rng.integers(1, 4))
    strength = rng.uniform(0.12, 0.55)
    size = (ink.shape[1], ink.shape[0])
    wide = cv2.GaussianBlur(ink, (0, 0), 0.8 + depth * 0.4)
    sign = 1 if rng.random() < 0.7 else -1
    for offset, colour in ((depth, (10, 10, 12)), (-depth, (255, 255, 255))):
        shift = np.array([[1, 0, offset], [0, 1, offset * sign]], np.float32)
        blend(plate, cv2.warpAffine(wide, shift, size), colour, strength)


def wear(rng: np.random.Generator, plate: Pixels, amount: float) -> None:
    """Add uneven ground, dirt, scratches and splashes."""
    height, width = plate.shape[:2]
    if rng.random() < 0.6:
        strength = rng.uniform(2, 14) * (0.6 + 0.4 * amount)
        texture.add(rng, plate, strength)
    if rng.random() < 0.5 * amount:
        cloud = texture.cloud(rng, height, width)
        mask = np.clip((cloud - rng.uniform(0.45, 0.65)) * 3, 0, 1)
        brown = (int(rng.uniform(60, 130)), int(rng.uniform(50, 110)), int(rng.uniform(35, 90)))
        blend(plate, (mask * 255).astype(np.uint8), brown, rng.uniform(0.2, 0.4 + 0.45 * amount))
    for _ in range(rng.poisson(1.5 * amount)):
        start = rng.uniform(0, 1, 2) * (width, height)
        end = start + rng.normal(0, 0.3, 2) * height
        cv2.line(plate, pixel(start), pixel(end), random_grey(rng), 1, cv2.LINE_AA)
    for _ in range(rng.poisson(3 * amount)):
        spot = rng.uniform(0, 1, 2) * (width, height)
        cv2.circle(plate, pixel(spot), int(rng.integers(1, 4)), (90, 76, 60), -1, cv2.LINE_AA)


def mount(rng: np.random.Generator, plate: Pixels) -> tuple[Pixels, Mask, int, int]:
    """Put the plate into a frame or leave it bare: its image, its alpha, and the plate's left and top in it."""
    height, width = plate.shape[:2]
    kind = rng.choice(("bare", "thin", "dealer", "chrome"), p=(0.45, 0.25, 0.2, 0.1))
    side, top, bottom = 2, 2, 2
    if kind != "bare":
        side = top = bottom = round(height * rng.uniform(0.03, 0.08))
    if kind == "dealer":
        if rng.random() < 0.75:
            bottom = round(height * rng.uniform(0.12, 0.2))
        else:
            top = round(height * rng.uniform(0.12, 0.2))
    colour = (26, 26, 28) if kind in ("thin", "dealer") and rng.random() < 0.85 else random_grey(rng, 120, 230)
    image = plain(height + top + bottom, width + 2 * side, colour)
    alpha = np.zeros(image.shape[:2], np.uint8)
    radius = round(height * rng.uniform(0.02, 0.1))
    if kind == "bare":
        rounded(alpha, (side, top, side + width - 1, top + height - 1), radius, -1)
    else:
        rounded(alpha, (0, 0, image.shape[1] - 1, image.shape[0] - 1), radius, -1)
    image[top : top + height, side : side + width] = plate
    if kind == "dealer":
        strip = max(bottom, top)
        mask = word(str(rng.choice(_DEALERS)), str(rng.choice(WORD_FONTS)), max(6, round(strip * 0.5)))
        y = top + height + bottom / 2 if bottom > top else top / 2
        ink = random_grey(rng, 170, 250) if sum(colour) < 300 else (20, 20, 24)
        stamp(image, mask, image.shape[1] / 2, y, ink)
    return image, alpha, side, top
