"""How a training looks at photos: whole, closer to a plate, or four at once; straight, turned or from the side."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lpr.plate.quad import Matrix, transform
from lpr.training.engine.pixels import Pixels, halved, halvings

Floats = NDArray[np.float64]

GREY = 114
"""What lies beyond a photo's edge."""
VISIBLE = 0.5
"""A plate stays annotated while at least this share of its area is inside the view."""
SMALLEST = 3.0
"""Pixels of the view; narrower plates are not asked for: nothing of them can be seen."""
WIDEST = 1.3
"""Photos across which a view of a plate's neighbourhood is at most, unless the plate itself is wider."""
ENLARGED = 5.0
"""How many times larger than stored a plate is shown that is to fill the view; smaller ones would be a blur."""
TURN, YAW, PITCH = 35.0, 40.0, 25.0
"""Degrees by which a camera is turned at most: about its axis, to the side, and up or down."""
NEAREST, FARTHEST = 1.8, 4.0
"""Distance of the camera from a plate, in distances of the photo's farthest corner from it."""

_UNIT = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])

View = tuple[float, float, float, float]
"""Sides `(left, top, right, bottom)` of what is looked at, in fractions of a photo; may reach over its edge."""


@dataclass(frozen=True)
class Plates:
    """The plates of a picture, in one unit.

    Attributes:
        boxes: `(N, 4)` `[left, top, right, bottom]`.
        quads: `(N, 4, 2)` corners, clockwise from the top left of a plate as it is read; the box's where not known.
        known: `(N,)` bool.
    """

    boxes: Floats
    quads: Floats
    known: NDArray[np.bool_]

    def __getitem__(self, kept: NDArray[np.bool_] | slice) -> Plates:
        return Plates(self.boxes[kept], self.quads[kept], self.known[kept])

    def placed(self, scale: NDArray[np.float64], shift: NDArray[np.float64]) -> Plates:
        """Return the plates with each point times `scale`, then moved by `shift`; both `(2,)`."""
        boxes = (self.boxes.reshape(-1, 2, 2) * scale + shift).reshape(-1, 4)
        return Plates(boxes, self.quads * scale + shift, self.known)

    def moved(self, matrix: Matrix) -> Plates:
        """Return the plates of a picture that a homography moves: where corners are not known, the box's are taken."""
        quads = transform(matrix, self.quads)
        boxes = np.concatenate([quads.min(axis=1), quads.max(axis=1)], axis=1)
        return Plates(boxes, quads, np.ones(len(quads), bool))


def joined(parts: list[Plates]) -> Plates:
    """Return the plates of several parts of a picture as one."""
    return Plates(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("boxes", "quads", "known")))


def whole(rng: np.random.Generator) -> View:
    """Return nearly the whole photo, a little wider or closer, shifted."""
    width, height = rng.uniform(0.75, 1.15, 2)
    left, top = (1 - width) * rng.uniform(), (1 - height) * rng.uniform()
    return left, top, left + width, top + height


def closer(box: View, aspect: float, rng: np.random.Generator) -> View:
    """Return a neighbourhood of a plate, in which the plate takes 12% to 75% of the width.

    Args:
        box: the plate's sides in fractions of the photo.
        aspect: the photo's width over its height.
        rng: source of the draws.
    """
    left, top, right, bottom = box
    share = np.exp(rng.uniform(np.log(0.12), np.log(0.75)))
    width = min((right - left) / share, max(WIDEST, (right - left) / 0.75))
    # A second look's window is square in the photo's pixels; a whole photo is not.
    height = min(width * aspect * np.exp(rng.uniform(-0.4, 0.4)), WIDEST)
    height = max(height, (bottom - top) * 1.1)
    x = _place(left, right, width, rng)
    y = _place(top, bottom, height, rng)
    return x, y, x + width, y + height


def filled(box: View, aspect: float, most: float, rng: np.random.Generator) -> View:
    """Return a view that a plate fills, up to a picture of nothing but the plate, of which the edge may cut a little.

    Args:
        box: the plate's sides in fractions of the photo.
        aspect: the photo's width over its height.
        most: the plate's width over the view's at most, above 0.5.
        rng: source of the draws.
    """
    left, top, right, bottom = box
    width = (right - left) / rng.uniform(0.5, min(most, 1.1))
    # From a picture as flat as the plate to one a little taller than wide.
    lowest, highest = (bottom - top) / 1.05, max(width * aspect * 1.3, bottom - top)
    height = float(np.exp(rng.uniform(np.log(lowest), np.log(highest))))
    x = _place(left, right, width, rng)
    y = _place(top, bottom, height, rng)
    return x, y, x + width, y + height


def _place(low: float, high: float, length: float, rng: np.random.Generator) -> float:
    """Return where a view of some length starts that holds [low, high]: inside the photo where it can be."""
    first, last = max(high - length, 0.0), min(low, 1.0 - length)
    if first > last:
        first, last = high - length, low
        if length >= 1:
            first, last = max(first, 1 - length), min(last, 0.0)
    return float(rng.uniform(min(first, last), max(first, last)))


def turned(middle: Floats, aspect: float, rng: np.random.Generator) -> Matrix:
    """Return how a photo looks from another side: a homography of its fractions that leaves `middle` where it is.

    The photo is taken for a plane in front of a pinhole camera, turned about a plate.

    Args:
        middle: `(2,)` of the plate, in fractions of the photo.
        aspect: the photo's width over its height.
        rng: source of the draws.
    """
    draws = (2 * rng.random(3) - 1).tolist()
    roll, yaw, pitch = (math.radians(draw * most) for draw, most in zip(draws, (TURN, YAW, PITCH), strict=True))
    # Metric: the photo's true shape, the plate's middle in the origin.
    x, y = aspect * float(middle[0]), float(middle[1])
    farthest = math.hypot(max(x, aspect - x), max(y, 1 - y))
    distance = farthest * float(rng.uniform(NEAREST, FARTHEST))
    (a, b), (c, d), (e, f) = _turn(roll, yaw, pitch)
    e, f = e / distance, f / distance
    camera = np.array([[a, b, 0], [c, d, 0], [e, f, 1]])
    to_metric = np.array([[aspect, 0, -x], [0, 1, -y], [0, 0, 1]])
    from_metric = np.array([[1 / aspect, 0, x / aspect], [0, 1, y], [0, 0, 1]])
    return np.asarray(from_metric @ camera @ to_metric)


def _turn(roll: float, yaw: float, pitch: float) -> tuple[tuple[float, float], ...]:
    """Return where the axes of a plane go that is pitched, then yawed, then rolled: `(3, 2)`."""
    (cr, sr), (cy, sy), (cp, sp) = ((math.cos(angle), math.sin(angle)) for angle in (roll, yaw, pitch))
    return (cr * cy, cr * sy * sp - sr * cp), (sr * cy, sr * sy * sp + cr * cp), (-sy, cy * sp)


def look(stored: Pixels, plates: Plates, view: View, size: int) -> tuple[Pixels, Plates]:
    """Return what is seen in a view.

    Args:
        stored: `(S, S, 3)` uint8, the photo squared.
        plates: in fractions of the photo.
        view: what to look at.
        size: side of the picture, in pixels.

    Returns:
        image: `(size, size, 3)` uint8.
        plates: in its pixels, their boxes clipped to it; plates that are cut off or too small are left out.
    """
    side = stored.shape[0]
    left, top = round(view[0] * side), round(view[1] * side)
    right, bottom = max(round(view[2] * side), left + 4), max(round(view[3] * side), top + 4)
    across, down = halvings((right - left) / size), halvings((bottom - top) / size)
    left, right = _blocks(left, right, across)
    top, bottom = _blocks(top, bottom, down)
    inside = stored[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
    pads = (max(-top, 0), max(bottom - side, 0), max(-left, 0), max(right - side, 0))
    if any(pads):
        inside = cv2.copyMakeBorder(inside, *pads, cv2.BORDER_CONSTANT, value=(GREY, GREY, GREY))  # type: ignore[assignment]
    image = cv2.resize(halved(inside, across, down), (size, size), interpolation=cv2.INTER_LINEAR)
    scale = np.array([size / (right - left), size / (bottom - top)])
    return np.asarray(image, np.uint8), _seen(plates.placed(scale * side, -scale * (left, top)), size)


def _blocks(low: int, high: int, halved: int) -> tuple[int, int]:
    """Return a range of pixels that holds this one and starts and ends between blocks of `2 ** halved`."""
    return low >> halved << halved, -(-high >> halved << halved)


def look_turned(
    stored: Pixels, plates: Plates, turn: Matrix, view: View, size: int, fill: int = GREY
) -> tuple[Pixels, Plates]:
    """Return what is seen in a view of a turned photo.

    Args:
        stored: `(S, S, 3)` uint8, the photo squared.
        plates: in fractions of the turned photo (`Plates.moved`).
        turn: homography from the photo's fractions to the turned one's.
        view: what to look at, in fractions of the turned photo.
        size: side of the picture, in pixels.
        fill: grey level beyond the photo's edge.

    Returns:
        As `look` does.
    """
    side = stored.shape[0]
    scale = size / (np.array(view[2:]) - view[:2])
    into = np.array([[scale[0], 0, -scale[0] * view[0]], [0, scale[1], -scale[1] * view[1]], [0, 0, 1]])
    matrix = into @ turn @ np.diag([1 / side, 1 / side, 1])
    outline = transform(np.asarray(np.linalg.inv(matrix)), _UNIT * size)
    # A warp samples single pixels, so the photo is first averaged down to about the size at which it is seen.
    times = halvings(math.sqrt(cv2.contourArea(outline.astype(np.float32))) / size)
    (left, top), (right, bottom) = outline.min(axis=0).tolist(), outline.max(axis=0).tolist()
    left, right = _blocks(max(math.floor(left) - 2, 0), min(math.ceil(right) + 2, side), times)
    top, bottom = _blocks(max(math.floor(top) - 2, 0), min(math.ceil(bottom) + 2, side), times)
    if min(right - left, bottom - top) < 4:
        left, top, right, bottom = 0, 0, side, side
    inside = stored[top:bottom, left:right]
    part = halved(inside, times, times)
    across, down = inside.shape[1] / part.shape[1], inside.shape[0] / part.shape[0]
    # Pixel (0, 0) of a warp is the middle of the first pixel, half a pixel from the image's corner.
    from_part = np.array([[across, 0, across / 2 + left], [0, down, down / 2 + top], [0, 0, 1]])
    back = np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1]])
    image = cv2.warpPerspective(
        part, back @ matrix @ from_part, (size, size), flags=cv2.INTER_LINEAR, borderValue=(fill, fill, fill)
    )
    return np.asarray(image, np.uint8), _seen(plates.placed(scale, -scale * view[:2]), size)


def _seen(plates: Plates, size: int) -> Plates:
    """Return the plates that can be seen in a picture of `size` pixels, their boxes clipped to it."""
    clipped = np.minimum(np.maximum(plates.boxes, 0), size)
    extent, seen = plates.boxes[:, 2:] - plates.boxes[:, :2], np.maximum(clipped[:, 2:] - clipped[:, :2], 0)
    kept = seen[:, 0] * seen[:, 1] >= VISIBLE * extent[:, 0] * extent[:, 1]
    kept &= seen[:, 0] >= SMALLEST
    return Plates(clipped, plates.quads, plates.known)[kept]


def flip(image: Pixels, plates: Plates) -> tuple[Pixels, Plates]:
    """Return the mirror picture and its plates in pixels: what was a plate's right corner is its left one."""
    width = image.shape[1]
    boxes, quads = plates.boxes.copy(), plates.quads[:, [1, 0, 3, 2]]
    boxes[:, [0, 2]] = width - plates.boxes[:, [2, 0]]
    quads[..., 0] = width - quads[..., 0]
    return np.asarray(cv2.flip(image, 1), np.uint8), Plates(boxes, quads, plates.known)
