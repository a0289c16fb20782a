"""How a training cuts a plate: as a detector's box would, now a little wider, now askew."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lpr.data.crops import ROOM, STORED
from lpr.plate.crop import OCR_HEIGHT, OCR_WIDTH

GREY = (114, 114, 114)
"""What lies beyond a photo's edge."""


def window(margin: float, jitter: float, tilt: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the corners of a crop in fractions of the plate's box, clockwise from the top left.

    Args:
        margin: share of the box that is added on each side.
        jitter: spread of each edge around that place; corners then move apart by a third of it.
        tilt: spread of the rotation around the middle, in degrees of a crop of the OCR's shape.
        rng: source of the draws.

    Returns:
        `(4, 2)`; `[[0, 0], [1, 0], [1, 1], [0, 1]]` is the box itself.
    """
    edges = np.array([-margin, -margin, 1 + margin, 1 + margin]) + rng.normal(0, jitter, 4).clip(
        -2 * jitter, 2 * jitter
    )
    left, top, right, bottom = edges
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    corners = corners + rng.normal(0, jitter / 3, (4, 2))
    if not tilt:
        return corners
    angle = np.radians(tilt * np.clip(rng.standard_normal(), -2, 2))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    shape = np.array([OCR_WIDTH, OCR_HEIGHT])
    turned: NDArray[np.float64] = ((corners - 0.5) * shape) @ turn.T / shape + 0.5
    return turned


def cut(stored: NDArray[np.uint8], corners: NDArray[np.float64]) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Return the OCR's input under the corners, and the map of points into it.

    Args:
        stored: `STORED` x 3 uint8, as `crops.draw` makes it.
        corners: `(4, 2)` in fractions of the plate's box, as `window` makes them.

    Returns:
        image: `(32, 128, 3)` uint8.
        transform: `(3, 3)` homography from fractions of the box to fractions of the image.
    """
    height, width = STORED
    # From fractions of the box to pixels of the stored image, in which the box has ROOM around it.
    inner = np.array([width, height]) / (1 + 2 * ROOM)
    pixels = (corners + ROOM) * inner
    target = np.array([[0, 0], [OCR_WIDTH, 0], [OCR_WIDTH, OCR_HEIGHT], [0, OCR_HEIGHT]], np.float32)
    # Pixel centres lie at halves, while the warp counts them from 0.
    half = np.float32(0.5)
    warp = cv2.getPerspectiveTransform(pixels.astype(np.float32) - half, target - half)
    image = cv2.warpPerspective(
        stored, warp, (OCR_WIDTH, OCR_HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=GREY
    )
    unit = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
    transform = cv2.getPerspectiveTransform(corners.astype(np.float32), unit)
    return np.asarray(image, np.uint8), np.asarray(transform, np.float64)


def move(points: tuple[tuple[float, float], ...], transform: NDArray[np.float64]) -> list[tuple[float, float]]:
    """Return points under a homography."""
    moved = cv2.perspectiveTransform(np.asarray(points, np.float64).reshape(-1, 1, 2), transform)
    return [(float(x), float(y)) for x, y in moved.reshape(-1, 2)]
