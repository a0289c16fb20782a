"""How a training cuts a plate: as a detector's box or corners would, a little wide, askew, or around a turned plate."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from lpr.data.crops import ROOM, STORED
from lpr.plate.crop import OCR_HEIGHT, OCR_WIDTH
from lpr.records.params import Ocr

TURNED = 0.2
"""Share of the crops that show a turned plate in its bounding box; the others are cut along the plate, nearly."""
_UNIT = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
_FROM_INPUT = np.array([[1 / OCR_WIDTH, 0, 0.5 / OCR_WIDTH], [0, 1 / OCR_HEIGHT, 0.5 / OCR_HEIGHT], [0, 0, 1]])
"""From an input's pixels, counted from the middle of the first one, to fractions of the input."""
_TO_STORED = np.array(
    [
        [STORED[1] / (1 + 2 * ROOM[0]), 0, STORED[1] * ROOM[0] / (1 + 2 * ROOM[0]) - 0.5],
        [0, STORED[0] / (1 + 2 * ROOM[1]), STORED[0] * ROOM[1] / (1 + 2 * ROOM[1]) - 0.5],
        [0, 0, 1],
    ]
)
"""From fractions of a plate's box to pixels of its stored image, which has `ROOM` around the box."""


def window(aspect: float, params: Ocr, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the corners of a crop in fractions of the plate's box, clockwise from the top left.

    Args:
        aspect: the plate's width over its height.
        params: `margin` on each side, which varies by `jitter`, as does each edge; corners move apart by a third of it,
            and one end is as much higher than the other. `tilt` and `slant` are spreads in degrees, clipped at twice
            that; `turn` is the largest angle of the crops that are cut by their bounding box.
        rng: source of the draws.

    Returns:
        `(4, 2)`; `[[0, 0], [1, 0], [1, 1], [0, 1]]` is the box itself.
    """
    # A handful of numbers: each operation on an array of them would take as long as all of these together.
    normal = [min(max(value, -2.0), 2.0) for value in rng.standard_normal(8).tolist()]
    wider, end, tilt, slant, *edges = normal
    apart = (rng.standard_normal(8) * (params.jitter / 3)).tolist()
    share, turn = rng.random(2).tolist()
    margin = params.margin + params.jitter / 2 * wider
    sides = zip((-margin, -margin, 1 + margin, 1 + margin), edges, strict=True)
    left, top, right, bottom = (side + params.jitter * edge for side, edge in sides)
    left_end, right_end = 1 - params.jitter * end, 1 + params.jitter * end
    # Around the middle.
    corners = (
        (left - 0.5 + apart[0], (top - 0.5) * left_end + apart[1]),
        (right - 0.5 + apart[2], (top - 0.5) * right_end + apart[3]),
        (right - 0.5 + apart[4], (bottom - 0.5) * right_end + apart[5]),
        (left - 0.5 + apart[6], (bottom - 0.5) * left_end + apart[7]),
    )
    turned = params.turn > 0 and share < TURNED
    angle = math.radians(params.turn * (2 * turn - 1) if turned else params.tilt * tilt)
    lean, cos, sin = math.tan(math.radians(params.slant * slant)), math.cos(angle), math.sin(angle)
    # How the plate is shown, in units of its height: leaning, then turned; and the size of the box around that.
    across, down = (cos, sin), (cos * lean - sin, sin * lean + cos)
    width, height = aspect, 1.0
    if turned:
        width, height = (aspect * abs(x) + abs(y) for x, y in zip(across, down, strict=True))
    # Back from what is shown to the plate: the inverse of a turn and a lean, whose determinant is 1.
    return np.array(
        [
            (
                (down[1] * x * width - down[0] * y * height) / aspect + 0.5,
                across[0] * y * height - across[1] * x * width + 0.5,
            )
            for x, y in corners
        ]
    )


def cut(stored: NDArray[np.uint8], corners: NDArray[np.float64]) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Return the OCR's input under the corners, and the map of points into it.

    Args:
        stored: `STORED` x 3 uint8, as `crops.draw` makes it; its edges go on beyond it.
        corners: `(4, 2)` in fractions of the plate's box, as `window` makes them.

    Returns:
        image: `(32, 128, 3)` uint8.
        transform: `(3, 3)` homography from fractions of the box to fractions of the image.
    """
    # From fractions of the image to fractions of the box.
    back = cv2.getPerspectiveTransform(_UNIT, corners.astype(np.float32))
    image = cv2.warpPerspective(
        stored,
        _TO_STORED @ back @ _FROM_INPUT,
        (OCR_WIDTH, OCR_HEIGHT),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(image, np.uint8), np.asarray(cv2.invert(back)[1], np.float64)


def move(points: tuple[tuple[float, float], ...], transform: NDArray[np.float64]) -> list[tuple[float, float]]:
    """Return points under a homography."""
    (a, b, c), (d, e, f), (g, h, i) = transform.tolist()
    scales = [g * x + h * y + i for x, y in points]
    return [((a * x + b * y + c) / w, (d * x + e * y + f) / w) for (x, y), w in zip(points, scales, strict=True)]
