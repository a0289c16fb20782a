"""How a training cuts a plate: as a detector's box or corners would, a little wide, askew, or around a turned plate."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lpr.data.crops import ROOM, STORED
from lpr.plate.crop import OCR_HEIGHT, OCR_WIDTH
from lpr.records.params import Ocr

TURNED = 0.2
"""Share of the crops that show a turned plate in its bounding box; the others are cut along the plate, nearly."""
_UNIT = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
_RIGHT = np.array([-1.0, 1.0, 1.0, -1.0])


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
    wider, end, tilt, slant, *edges = np.clip(rng.standard_normal(8), -2, 2)
    margin = params.margin + params.jitter / 2 * wider
    left, top, right, bottom = np.array([-margin, -margin, 1 + margin, 1 + margin]) + params.jitter * np.array(edges)
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    corners[:, 1] = 0.5 + (corners[:, 1] - 0.5) * (1 + params.jitter * end * _RIGHT)
    corners += rng.normal(0, params.jitter / 3, (4, 2))
    share, turn = rng.uniform(), rng.uniform(-1, 1)
    turned = params.turn > 0 and share < TURNED
    angle = np.radians(params.turn * turn if turned else params.tilt * tilt)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    shows = rotation @ np.array([[1.0, np.tan(np.radians(params.slant * slant))], [0.0, 1.0]])
    # In units of the plate's height, around its middle.
    shape = np.array([aspect, 1.0])
    extent = np.ptp((_UNIT * shape) @ shows.T, axis=0) if turned else shape
    found: NDArray[np.float64] = ((corners - 0.5) * extent) @ np.linalg.inv(shows).T / shape + 0.5
    return found


def cut(stored: NDArray[np.uint8], corners: NDArray[np.float64]) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Return the OCR's input under the corners, and the map of points into it.

    Args:
        stored: `STORED` x 3 uint8, as `crops.draw` makes it; its edges go on beyond it.
        corners: `(4, 2)` in fractions of the plate's box, as `window` makes them.

    Returns:
        image: `(32, 128, 3)` uint8.
        transform: `(3, 3)` homography from fractions of the box to fractions of the image.
    """
    height, width = STORED
    # From fractions of the box to pixels of the stored image, in which the box has ROOM around it.
    room = np.array(ROOM)
    pixels = (corners + room) * np.array([width, height]) / (1 + 2 * room)
    target = np.array([[0, 0], [OCR_WIDTH, 0], [OCR_WIDTH, OCR_HEIGHT], [0, OCR_HEIGHT]], np.float32)
    # Pixel centres lie at halves, while the warp counts them from 0.
    half = np.float32(0.5)
    warp = cv2.getPerspectiveTransform(pixels.astype(np.float32) - half, target - half)
    image = cv2.warpPerspective(
        stored, warp, (OCR_WIDTH, OCR_HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    transform = cv2.getPerspectiveTransform(corners.astype(np.float32), _UNIT.astype(np.float32))
    return np.asarray(image, np.uint8), np.asarray(transform, np.float64)


def move(points: tuple[tuple[float, float], ...], transform: NDArray[np.float64]) -> list[tuple[float, float]]:
    """Return points under a homography."""
    moved = cv2.perspectiveTransform(np.asarray(points, np.float64).reshape(-1, 1, 2), transform)
    return [(float(x), float(y)) for x, y in moved.reshape(-1, 2)]
