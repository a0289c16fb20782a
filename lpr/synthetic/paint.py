"""Painting of areas, masks and colours, which plates and what is around them share."""

from __future__ import annotations

import cv2
import numpy as np

from lpr.synthetic.arrays import Area, Colour, Mask, Pixels, Points


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


def rounded(mask: Mask, area: Area, radius: int, thickness: int) -> None:
    """Draw a rectangle with round corners; a negative thickness fills it."""
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


def random_colour(rng: np.random.Generator) -> Colour:
    """Draw any colour."""
    red, green, blue = rng.integers(20, 240, 3)
    return int(red), int(green), int(blue)


def random_grey(rng: np.random.Generator, low: int = 60, high: int = 220) -> Colour:
    """Draw a grey between two levels."""
    level = int(rng.integers(low, high))
    return level, level, level


def pixel(point: Points) -> tuple[int, int]:
    """Return a point as whole pixels."""
    return round(float(point[0])), round(float(point[1]))
