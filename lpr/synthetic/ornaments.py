"""What a plate carries beside its text: bands, words, pictures, emblems and other scripts."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lpr.synthetic.arrays import Area, Colour, Mask, Pixels, Points
from lpr.synthetic.layouts import EU_BLUE, WHITE, YELLOW, Scheme
from lpr.synthetic.letters import WORD_FONTS, word
from lpr.synthetic.paint import pixel, random_colour, stamp


def paint_side(
    rng: np.random.Generator,
    plate: Pixels,
    room: Area,
    kind: str,
    at_left: bool,
    code: str,
    colour: Colour,
    scheme: Scheme,
) -> Area:
    """Paint `eu` or `flag` (a band with a code), `band`, `chip` (a small mark) or `scribble`; return the room left."""
    left, top, right, bottom = room
    height = plate.shape[0]
    tall = bottom - top
    wide = round(tall * rng.uniform(0.4, 0.56))
    if plate.shape[1] < 3 * height:
        wide = round(wide * 0.75)
    if kind in ("eu", "band", "flag"):
        edge = 0 if rng.random() < 0.5 else min(left, height - bottom)
        x0, x1 = (edge, left + wide) if at_left else (right - wide, plate.shape[1] - edge)
        ground = EU_BLUE if kind == "eu" else colour
        cv2.rectangle(plate, (x0, edge), (x1 - 1, height - 1 - edge), ground, -1)
        middle = (x0 + x1) / 2
        if kind == "band" and rng.random() < 0.6:
            cv2.rectangle(
                plate, (x0, height // 2), (x1 - 1, height - 1 - edge), YELLOW if colour[2] > 150 else WHITE, -1
            )
        elif kind != "band" or rng.random() < 0.5:
            _stars(plate, middle, height * rng.uniform(0.26, 0.34), wide * 0.3, YELLOW)
        if code:
            size = round(wide * rng.uniform(0.32, 0.5) / max(1.0, len(code) * 0.55))
            mask = word(code, "DejaVuSans-Bold.ttf", max(6, size))
            ink = WHITE if kind != "band" else scheme.ground
            stamp(plate, mask, middle, height * 0.78, ink)
        room_left = left + wide if at_left else left
        return room_left, top, right if at_left else right - wide, bottom
    wide = round(wide * 0.8)
    middle = left + wide * 0.5 if at_left else right - wide * 0.5
    if kind == "chip":
        stamp(
            plate, word(code or "IND", "DejaVuSans-Bold.ttf", max(6, round(tall * 0.13))), middle, height * 0.7, colour
        )
        cv2.circle(plate, (round(middle), round(height * 0.4)), round(tall * 0.1), colour, -1, cv2.LINE_AA)
    else:
        wide = round(tall * rng.uniform(0.5, 0.8))
        middle = left + wide * 0.5 if at_left else right - wide * 0.5
        stamp(plate, scribble(rng, wide, round(tall * rng.uniform(0.3, 0.55))), middle, top + tall * 0.45, scheme.ink)
    return (left + wide, top, right, bottom) if at_left else (left, top, right - wide, bottom)


def paint_top_band(rng: np.random.Generator, plate: Pixels, room: Area, text: str, colour: Colour) -> Area:
    """Paint a Mercosur-like band with a country's name along the top; return the room left."""
    left, top, right, bottom = room
    tall = round(plate.shape[0] * rng.uniform(0.2, 0.26))
    cv2.rectangle(plate, (0, 0), (plate.shape[1] - 1, tall), colour, -1)
    mask = word(text, "DejaVuSans-Bold.ttf", max(6, round(tall * rng.uniform(0.35, 0.5))))
    stamp(plate, mask, plate.shape[1] / 2, tall / 2, WHITE)
    cv2.rectangle(
        plate,
        (round(plate.shape[1] * 0.9), round(tall * 0.25)),
        (round(plate.shape[1] * 0.96), round(tall * 0.75)),
        YELLOW,
        -1,
    )
    return left, max(top, tall + 1), right, bottom


def paint_slogan(rng: np.random.Generator, plate: Pixels, room: Area, text: str, at_top: bool, scheme: Scheme) -> Area:
    """Paint words above or below the text; return the room left."""
    left, top, right, bottom = room
    height = plate.shape[0]
    tall = max(6, round(height * rng.uniform(0.08, 0.15)))
    mask = word(text, str(rng.choice(WORD_FONTS)), tall)
    limit = round((right - left) * 0.86)
    if mask.shape[1] > limit:
        mask = cv2.resize(mask, (limit, tall), interpolation=cv2.INTER_AREA)
    colour = scheme.ink if rng.random() < 0.65 else random_colour(rng)
    if abs(sum(colour) - sum(scheme.ground)) < 150:
        colour = scheme.ink
    margin = round(height * rng.uniform(0.015, 0.04))
    y = top + margin + tall / 2 if at_top else bottom - margin - tall / 2
    stamp(plate, mask, (left + right) / 2, y, colour)
    taken = tall + margin + round(height * 0.03)
    return (left, top + taken, right, bottom) if at_top else (left, top, right, bottom - taken)


def paint_graphics(rng: np.random.Generator, plate: Pixels, scheme: Scheme) -> None:
    """Paint a pale picture behind the text: a gradient, hills, a sun, or waves."""
    height, width = plate.shape[:2]
    tint = np.array(random_colour(rng), np.float32)
    ground = np.array(scheme.ground, np.float32)
    strength = rng.uniform(0.1, 0.4)
    colour = tuple(int(v) for v in ground + (tint - ground) * strength * 0.7)
    kind = rng.integers(4)
    if kind == 0:
        ramp = np.linspace(0, strength, height, dtype=np.float32)[:, None, None]
        if rng.random() < 0.5:
            ramp = ramp[::-1]
        plate[:] = plate + (tint - plate) * ramp
    elif kind == 1:
        x = np.arange(width)
        ridge = height * (0.55 + 0.2 * np.sin(x / width * rng.uniform(4, 12) + rng.uniform(0, 6)))
        points = np.concatenate([np.stack([x, ridge], 1), [[width, height], [0, height]]]).astype(np.int32)
        cv2.fillPoly(plate, [points], colour, cv2.LINE_AA)
    elif kind == 2:
        middle = (int(rng.uniform(0.2, 0.8) * width), int(rng.uniform(0.3, 0.9) * height))
        cv2.circle(plate, middle, int(height * rng.uniform(0.2, 0.5)), colour, -1, cv2.LINE_AA)
    else:
        for edge in (0, height):
            cv2.line(plate, (0, edge), (width, edge), colour, int(height * rng.uniform(0.2, 0.45)))


def paint_emblem(rng: np.random.Generator, plate: Pixels, x: float, y: float, size: float, scheme: Scheme) -> None:
    """Paint stickers or a coat of arms between two groups."""
    centre, radius = (round(x), round(y)), max(2, round(size * rng.uniform(0.3, 0.46)))
    kind = rng.integers(4)
    if kind == 0:
        for offset in (-1, 1):
            spot = (centre[0], round(y + offset * size * 0.48))
            cv2.circle(plate, spot, round(radius * 0.9), random_colour(rng), -1, cv2.LINE_AA)
            cv2.circle(plate, spot, max(1, radius // 2), random_colour(rng), -1, cv2.LINE_AA)
    elif kind == 1:
        cv2.circle(plate, centre, radius, random_colour(rng), -1, cv2.LINE_AA)
        cv2.ellipse(
            plate, centre, (max(1, radius // 2), radius), rng.uniform(0, 90), 0, 360, scheme.ground, 1, cv2.LINE_AA
        )
    elif kind == 2:
        corners = np.array([[-0.8, -1], [0.8, -1], [0.8, 0.3], [0, 1.1], [-0.8, 0.3]]) * radius + (x, y)
        cv2.fillPoly(plate, [corners.astype(np.int32)], random_colour(rng), cv2.LINE_AA)
    else:
        blob = rng.uniform(0.3, 1.0, 9)[:, None] * radius
        angles = np.linspace(0, 2 * np.pi, 9, endpoint=False)
        points = np.stack([np.cos(angles), np.sin(angles)], 1) * blob + (x, y)
        cv2.fillPoly(
            plate, [points.astype(np.int32)], scheme.ink if rng.random() < 0.5 else random_colour(rng), cv2.LINE_AA
        )


def scribble(rng: np.random.Generator, width: int, height: int) -> Mask:
    """Return strokes that look like a script of other letters: `(height, width)` ink."""
    mask = np.zeros((max(8, height), max(8, width)), np.uint8)
    count = int(rng.integers(2, 5))
    for index in range(count):
        middle = np.array([(index + 0.5) / count, 0.5]) * (width, height)
        points = middle + rng.normal(0, 0.22, (5, 2)) * (width / count, height)
        smooth = _spline(points)
        cv2.polylines(mask, [smooth], False, 255, max(1, round(height * 0.09)), cv2.LINE_AA)
        if rng.random() < 0.5:
            cv2.circle(
                mask, pixel(np.add(middle, (0, height * 0.4))), max(1, round(height * 0.05)), 255, -1, cv2.LINE_AA
            )
    return mask


def _spline(points: Points) -> NDArray[np.int32]:
    """Return a smooth path through the points (Chaikin's corner cutting, three rounds)."""
    for _ in range(3):
        first, second = points[:-1], points[1:]
        points = np.stack([first * 0.75 + second * 0.25, first * 0.25 + second * 0.75], 1).reshape(-1, 2)
    return points.astype(np.int32)


def _stars(plate: Pixels, x: float, y: float, radius: float, colour: Colour) -> None:
    for angle in np.linspace(0, 2 * np.pi, 12, endpoint=False):
        spot = (round(x + np.cos(angle) * radius), round(y + np.sin(angle) * radius))
        cv2.circle(plate, spot, max(1, round(radius * 0.12)), colour, -1, cv2.LINE_AA)
