"""From a flat plate to pixels: the pose of the plate, and what lens, light, sensor and file format do to a picture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from lpr.synthetic import texture
from lpr.synthetic.arrays import Pixels, Points, Range
from lpr.synthetic.plate import FlatPlate, Style


@dataclass(frozen=True)
class Conditions:
    """How hard a style makes it. Angles are standard deviations in degrees, blurs in shares of the letters' height."""

    yaw: float
    pitch: float
    roll: float
    defocus: Range
    motion: float
    noise: Range
    quality: tuple[int, int]
    contrast: Range
    brightness: Range
    tint: float
    dark: float
    shadow: float
    reduce: float


CONDITIONS: dict[Style, Conditions] = {
    "legible": Conditions(
        14, 7, 3, (0.0, 0.05), 0.12, (0.5, 6), (60, 96), (0.75, 1.15), (-25, 25), 0.15, 0.08, 0.3, 0.0
    ),
    "harsh": Conditions(24, 12, 7, (0.0, 0.11), 0.3, (1, 14), (25, 95), (0.45, 1.3), (-55, 45), 0.3, 0.2, 0.5, 0.2),
}


_WORTH_REDUCING = 0.85


@dataclass(frozen=True)
class Placed:
    """A plate in an image: the flat plate, its corners clockwise from its top left, and its characters' middles."""

    flat: FlatPlate
    quad: Points
    centres: Points

    @property
    def letters(self) -> float:
        """Height of the smallest line's letters in pixels."""
        edges = np.hypot(*(self.quad[3] - self.quad[0])) + np.hypot(*(self.quad[2] - self.quad[1]))
        return float(edges / 2 * self.flat.letters)


def pose(rng: np.random.Generator, aspect: float, height: float, style: Style) -> Points:
    """Return the corners of a plate as a pinhole camera sees it, around the origin, clockwise from its top left.

    Args:
        rng: the source of randomness.
        aspect: width over height of the plate.
        height: wanted mean length of its left and right edges, in pixels.
        style: how strong the angles are.
    """
    spread = CONDITIONS[style]
    yaw, pitch, roll = np.radians(np.clip(rng.standard_normal(3), -2.2, 2.2) * (spread.yaw, spread.pitch, spread.roll))
    x = np.array([-1, 1, 1, -1]) * aspect / 2
    y = np.array([-1, -1, 1, 1]) / 2
    turned_y, depth = y * np.cos(pitch), y * np.sin(pitch)
    turned_x, depth = x * np.cos(yaw) + depth * np.sin(yaw), depth * np.cos(yaw) - x * np.sin(yaw)
    distance = rng.uniform(8, 30) + aspect
    corners = np.stack([turned_x, turned_y], 1) / (1 + depth / distance)[:, None]
    turn = np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
    corners = corners @ turn.T
    edges = np.hypot(*(corners[[3, 2]] - corners[[0, 1]]).T).mean()
    corners = corners * (height / edges)
    return corners - (corners.max(0) + corners.min(0)) / 2


def transform(matrix: Points, points: Points) -> Points:
    """Apply a homography to `(N, 2)` points."""
    mapped = np.concatenate([points, np.ones((len(points), 1))], 1) @ matrix.T
    return mapped[:, :2] / mapped[:, 2:]


def place(image: Pixels, plate: FlatPlate, quad: Points, light: float) -> Placed:
    """Paint a flat plate into an image so that its corners lie at `quad`.

    Args:
        image: `(H, W, 3)` uint8, changed in place.
        plate: the flat plate; its frame reaches over the corners.
        quad: `(4, 2)` corners in pixels.
        light: factor on the plate's lightness.
    """
    left, top, right, bottom = plate.area
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, quad.astype(np.float32)).astype(np.float64)
    placed = Placed(plate, quad, transform(matrix, plate.centres))

    size = np.array([plate.image.shape[1], plate.image.shape[0]], np.float64)
    outline = transform(matrix, np.array([[0, 0], [size[0], 0], size, [0, size[1]]], np.float64))
    low = np.maximum(np.floor(outline.min(0)).astype(int) - 2, 0)
    high = np.minimum(np.ceil(outline.max(0)).astype(int) + 2, image.shape[1::-1])
    if (high <= low).any():
        return placed
    # A warp samples single pixels, so the plate is first averaged down to about the size that it will have.
    edge = np.hypot(*(quad[3] - quad[0])) / 2 + np.hypot(*(quad[2] - quad[1])) / 2
    scale = min(1.0, 1.25 * edge / (bottom - top))
    reduced = np.maximum(np.round(size * scale), 1) if scale < _WORTH_REDUCING else size
    flat = np.dstack([plate.image, plate.alpha])
    if scale < _WORTH_REDUCING:
        flat = cv2.resize(flat, (int(reduced[0]), int(reduced[1])), interpolation=cv2.INTER_AREA)
    # Pixel (0, 0) of a warp is the middle of the first pixel, half a pixel from the image's corner.
    into = matrix @ np.diag([*(size / reduced), 1.0])
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    back = np.array([[1, 0, -0.5 - low[0]], [0, 1, -0.5 - low[1]], [0, 0, 1]])
    shape = (int(high[0] - low[0]), int(high[1] - low[1]))
    warped = cv2.warpPerspective(flat, back @ into @ half, shape, flags=cv2.INTER_LINEAR)
    region = image[low[1] : high[1], low[0] : high[0]]
    weight = cv2.merge([warped[..., 3]] * 3)
    painted = cv2.multiply(warped[..., :3], weight, scale=light / 255)
    region[:] = cv2.add(painted, cv2.multiply(region, cv2.bitwise_not(weight), scale=1 / 255))
    return placed


def expose(rng: np.random.Generator, image: Pixels, style: Style, letters: float) -> Pixels:
    """Return the image as a camera would deliver it.

    Args:
        rng: the source of randomness.
        image: `(H, W, 3)` uint8 RGB.
        style: how hard the conditions are.
        letters: height of the smallest plate's letters in pixels, which blur and reduction go by.
    """
    hard = CONDITIONS[style]
    image = _light(rng, image, hard)
    sigma = rng.uniform(*hard.defocus) * letters
    if sigma > 0.3:
        image = cv2.GaussianBlur(image, (0, 0), sigma)
    if rng.random() < hard.motion:
        image = _motion(rng, image, rng.uniform(0.06, 0.16 if style == "legible" else 0.3) * letters)
    if rng.random() < hard.reduce:
        image = _reduce(rng, image)
    sigma = rng.uniform(*hard.noise)
    if sigma > 1:
        noise = texture.grain(rng, image.shape[0], image.shape[1], sigma, coloured=rng.random() < 0.5)
        image = cv2.add(image, noise, dtype=cv2.CV_8U)
    return compress(image, int(rng.integers(*hard.quality)))


def compress(image: Pixels, quality: int) -> Pixels:
    """Return the image after JPEG compression."""
    # OpenCV takes the channels for BGR; that only swaps the weights of red and blue in the lightness that it keeps.
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))


def _light(rng: np.random.Generator, image: Pixels, hard: Conditions) -> Pixels:
    """Apply exposure, contrast, tint, shadows and darkness through one table for each channel."""
    levels = np.arange(256, dtype=np.float32)[:, None]
    gain = np.ones(3) * rng.uniform(*hard.contrast)
    curve = 128 + (levels - 128) * gain + rng.uniform(*hard.brightness)
    curve = curve * rng.normal(1, 0.04, 3)
    dark = rng.random() < hard.dark
    if dark:
        curve = curve * rng.uniform(0.3 if hard.reduce else 0.45, 0.7)
    if rng.random() < hard.tint:
        kind = rng.integers(3)
        if kind == 0:
            image = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
        if kind > 0:
            veil = np.array(_TINTS[rng.integers(len(_TINTS))], np.float32)
            grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
            image = cv2.addWeighted(image, 0.35, grey, 0.65, 0)
            curve = curve * (veil / 255) + veil * rng.uniform(0, 0.25)
    table = np.clip(curve, 0, 255).astype(np.uint8)
    image = cv2.LUT(image, np.ascontiguousarray(table[:, None, :]))
    if rng.random() < hard.shadow:
        image = _shade(rng, image)
    return image


_TINTS = (
    (235, 130, 170),
    (190, 120, 220),
    (225, 90, 110),
    (240, 170, 120),
    (150, 180, 240),
    (140, 220, 170),
    (240, 200, 130),
)


def _shade(rng: np.random.Generator, image: Pixels) -> Pixels:
    """Throw a shadow with a soft straight edge, or a gradient of light, over the image."""
    height, width = image.shape[:2]
    angle = rng.uniform(0, 2 * np.pi)
    x = np.linspace(-1, 1, width, dtype=np.float32) * np.float32(np.cos(angle))
    y = np.linspace(-1, 1, height, dtype=np.float32) * np.float32(np.sin(angle))
    steep = rng.choice((0.7, 1.5, 8.0))
    ramp = np.clip((x[None] + y[:, None] + rng.uniform(-0.6, 0.6)) * steep, -1, 1)
    factor = 1 - (ramp + 1) * rng.uniform(0.05, 0.3)
    return cv2.multiply(image, cv2.merge([factor.astype(np.float32)] * 3), dtype=cv2.CV_8U)


def _motion(rng: np.random.Generator, image: Pixels, length: float) -> Pixels:
    taps = int(np.ceil(length)) | 1
    if taps < 3:
        return image
    kernel = np.zeros((taps, taps), np.float32)
    angle = rng.normal(0, 0.4) + (np.pi / 2 if rng.random() < 0.25 else 0)
    reach = np.array([np.cos(angle), np.sin(angle)]) * (taps - 1) / 2
    start, end = np.round(taps // 2 - reach).astype(int), np.round(taps // 2 + reach).astype(int)
    cv2.line(kernel, (int(start[0]), int(start[1])), (int(end[0]), int(end[1])), 1.0, 1)
    return cv2.filter2D(image, -1, kernel / kernel.sum())


def _reduce(rng: np.random.Generator, image: Pixels) -> Pixels:
    """Lose detail as a picture does that was scaled down and up again."""
    height, width = image.shape[:2]
    share = rng.uniform(0.45, 0.9)
    small = cv2.resize(
        image, (max(8, round(width * share)), max(8, round(height * share))), interpolation=cv2.INTER_AREA
    )
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
