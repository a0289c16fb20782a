"""What a plate carries beside its text: bands, words, emblems, borders, screws, frames, relief and dirt."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lpr.synthetic import texture
from lpr.synthetic.arrays import Area, Colour, Mask, Pixels, Points
from lpr.synthetic.layouts import EU_BLUE, WHITE, YELLOW, Scheme
from lpr.synthetic.letters import WORD_FONTS, word

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


def plain(height: int, width: int, colour: Colour) -> Pixels:
    """Return an area of one colour."""
    image = np.empty((height, width, 3), np.uint8)
    # OpenCV fills rows several times as fast as an assignment that broadcasts three channels.
    cv2.rectangle(image, (0, 0), (width, height), colour, -1)
    return image


def blend(image: Pixels, mask: Mask, colour: Colour, strength: float = 1.0) -> None:
    """Paint `colour` through a `(H, W)` mask."""
    x, y, width, height = cv2.boundingRect(mask)
    if not width:
        return
    region = image[y : y + height, x : x + width]
    weight = cv2.merge([mask[y : y + height, x : x + width]] * 3)
    if strength < 1:
        weight = cv2.convertScaleAbs(weight, alpha=strength)
    # The stubs know no scalars, which OpenCV takes as one value for each channel.
    paint = cv2.multiply(weight, (*colour, 0.0), scale=1 / 255)  # type: ignore[call-overload]
    region[:] = cv2.add(paint, cv2.multiply(region, cv2.bitwise_not(weight), scale=1 / 255))


def stamp(image: Pixels, mask: Mask, x: float, y: float, colour: Colour) -> None:
    """Paint a small mask centred on `(x, y)`; what falls outside is cut."""
    height, width = mask.shape
    left, top = round(x - width / 2), round(y - height / 2)
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + width, image.shape[1]), min(top + height, image.shape[0])
    if x0 < x1 and y0 < y1:
        blend(image[y0:y1, x0:x1], np.ascontiguousarray(mask[y0 - top : y1 - top, x0 - left : x1 - left]), colour)


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
    _rounded(mask, (place, place, width - 1 - place, height - 1 - place), radius, thick)
    blend(plate, mask, scheme.border)
    inner = place + thick + inset // 2
    return inner, inner, width - inner, height - inner


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
    colour = scheme.ink if rng.random() < 0.65 else _random_colour(rng)
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
    tint = np.array(_random_colour(rng), np.float32)
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
            cv2.circle(plate, spot, round(radius * 0.9), _random_colour(rng), -1, cv2.LINE_AA)
            cv2.circle(plate, spot, max(1, radius // 2), _random_colour(rng), -1, cv2.LINE_AA)
    elif kind == 1:
        cv2.circle(plate, centre, radius, _random_colour(rng), -1, cv2.LINE_AA)
        cv2.ellipse(
            plate, centre, (max(1, radius // 2), radius), rng.uniform(0, 90), 0, 360, scheme.ground, 1, cv2.LINE_AA
        )
    elif kind == 2:
        corners = np.array([[-0.8, -1], [0.8, -1], [0.8, 0.3], [0, 1.1], [-0.8, 0.3]]) * radius + (x, y)
        cv2.fillPoly(plate, [corners.astype(np.int32)], _random_colour(rng), cv2.LINE_AA)
    else:
        blob = rng.uniform(0.3, 1.0, 9)[:, None] * radius
        angles = np.linspace(0, 2 * np.pi, 9, endpoint=False)
        points = np.stack([np.cos(angles), np.sin(angles)], 1) * blob + (x, y)
        cv2.fillPoly(
            plate, [points.astype(np.int32)], scheme.ink if rng.random() < 0.5 else _random_colour(rng), cv2.LINE_AA
        )


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
        _if_free(plate, ink, (x * width, y * height), radius, _grey(rng), 2)
    if width < 3 * height and rng.random() < 0.35:
        for corner in rng.choice(4, rng.integers(1, 3), replace=False):
            spot = ((0.06, 0.94)[corner % 2] * width, (0.1, 0.9)[corner // 2] * height)
            _if_free(plate, ink, spot, round(height * 0.06), _random_colour(rng), 1)


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
        cv2.line(plate, _pixel(start), _pixel(end), _grey(rng), 1, cv2.LINE_AA)
    for _ in range(rng.poisson(3 * amount)):
        spot = rng.uniform(0, 1, 2) * (width, height)
        cv2.circle(plate, _pixel(spot), int(rng.integers(1, 4)), (90, 76, 60), -1, cv2.LINE_AA)


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
    colour = (26, 26, 28) if kind in ("thin", "dealer") and rng.random() < 0.85 else _grey(rng, 120, 230)
    image = plain(height + top + bottom, width + 2 * side, colour)
    alpha = np.zeros(image.shape[:2], np.uint8)
    radius = round(height * rng.uniform(0.02, 0.1))
    if kind == "bare":
        _rounded(alpha, (side, top, side + width - 1, top + height - 1), radius, -1)
    else:
        _rounded(alpha, (0, 0, image.shape[1] - 1, image.shape[0] - 1), radius, -1)
    image[top : top + height, side : side + width] = plate
    if kind == "dealer":
        strip = max(bottom, top)
        mask = word(str(rng.choice(_DEALERS)), str(rng.choice(WORD_FONTS)), max(6, round(strip * 0.5)))
        y = top + height + bottom / 2 if bottom > top else top / 2
        ink = _grey(rng, 170, 250) if sum(colour) < 300 else (20, 20, 24)
        stamp(image, mask, image.shape[1] / 2, y, ink)
    return image, alpha, side, top


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
                mask, _pixel(np.add(middle, (0, height * 0.4))), max(1, round(height * 0.05)), 255, -1, cv2.LINE_AA
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


def _rounded(mask: Mask, area: Area, radius: int, thickness: int) -> None:
    left, top, right, bottom = area
    corners = ((left, top, 180), (right, top, 270), (right, bottom, 0), (left, bottom, 90))
    path: list[tuple[int, int]] = []
    for x, y, start in corners:
        centre = (x + radius if x == left else x - radius, y + radius if y == top else y - radius)
        path += [(int(u), int(v)) for u, v in cv2.ellipse2Poly(centre, (radius, radius), 0, start, start + 90, 15)]
    points = np.array(path, np.int32)
    if thickness < 0:
        cv2.fillPoly(mask, [points], 255, cv2.LINE_AA)
    else:
        cv2.polylines(mask, [points], True, 255, thickness, cv2.LINE_AA)


def _if_free(plate: Pixels, ink: Mask, spot: tuple[float, float], radius: int, colour: Colour, edge: int) -> None:
    x, y = round(spot[0]), round(spot[1])
    around = ink[max(0, y - radius - edge) : y + radius + edge, max(0, x - radius - edge) : x + radius + edge]
    if around.size and not around.any():
        cv2.circle(plate, (x, y), radius, colour, -1, cv2.LINE_AA)


def _random_colour(rng: np.random.Generator) -> Colour:
    red, green, blue = rng.integers(20, 240, 3)
    return int(red), int(green), int(blue)


def _grey(rng: np.random.Generator, low: int = 60, high: int = 220) -> Colour:
    level = int(rng.integers(low, high))
    return level, level, level


def _pixel(point: Points) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))
