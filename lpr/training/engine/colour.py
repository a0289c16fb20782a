"""Changes of light, colour and sharpness, as cameras make them."""

from __future__ import annotations

import math
from statistics import NormalDist

import cv2
import numpy as np

from lpr.training.engine.pixels import Pixels, resized

_LEVELS = np.linspace(0, 1, 256, dtype=np.float32)[:, None]
_NORMAL = np.array([NormalDist().inv_cdf((byte + 0.5) / 256) for byte in range(256)], np.float32)
"""The value of a normal distribution for each byte, as likely as any other."""


def relight(image: Pixels, strength: float, rng: np.random.Generator) -> Pixels:
    """Return `image` with another brightness, contrast, gamma and tint; sometimes grey or inverted in light.

    Args:
        image: `(H, W, 3)` uint8 RGB.
        strength: 0 leaves it as it is, 1 changes it as much as bad cameras do.
        rng: source of the draws; the same number is drawn whatever the strength.
    """
    contrast, brightness, gamma, grey, *tint = (2 * rng.random(7) - 1).tolist()
    if strength == 0:
        return image
    # One table a channel: an exact and cheap way to apply any curve to bytes.
    gain = 255 * np.array([1 + value * strength * 0.3 for value in tint], np.float32)
    steepness = math.exp(contrast * strength * 0.9)
    curve = _LEVELS ** np.float32(math.exp(gamma * strength * 0.8))
    curve *= steepness
    curve += 0.5 - 0.5 * steepness + brightness * strength * 0.25
    table = cv2.convertScaleAbs(np.maximum(curve * gain, 0))
    if grey > 1 - 0.4 * strength:
        image = np.asarray(cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB), np.uint8)
    return np.asarray(cv2.LUT(image, table[None]), np.uint8)


def noisy(image: Pixels, spread: float, rng: np.random.Generator) -> Pixels:
    """Return `image` with normal noise on every value, rounded to 256 values of the distribution.

    Args:
        image: `(H, W, 3)` uint8.
        spread: the noise's standard deviation, in levels of 255.
        rng: source of the draws.
    """
    drawn = np.frombuffer(rng.bytes(image.size), np.uint8).reshape(image.shape)
    noise = cv2.LUT(drawn, np.rint(_NORMAL * spread).astype(np.int16)[None])
    return np.asarray(cv2.add(image, noise, dtype=cv2.CV_8U), np.uint8)


def degrade(image: Pixels, share: float, most: float, rng: np.random.Generator) -> Pixels:
    """Return a share of images blurred, reduced or noisy, the others as they are.

    Args:
        image: `(H, W, 3)` uint8 RGB.
        share: of the images that are changed, in [0, 1].
        most: strongest loss of resolution, as a factor.
        rng: source of the draws.
    """
    changed, kind, amount = rng.random(3).tolist()
    if changed >= share:
        return image
    height, width = image.shape[:2]
    factor = 1 + (most - 1) * amount
    if kind < 0.4:
        small = resized(image, max(4, round(width / factor)), max(4, round(height / factor)))
        return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
    if kind < 0.6:
        return np.asarray(cv2.GaussianBlur(image, (0, 0), 0.3 + 0.4 * factor), np.uint8)
    if kind < 0.8:
        size = 1 + round(factor)
        kernel = np.zeros((size, size), np.float32)
        cv2.line(kernel, (0, int(rng.integers(size))), (size - 1, int(rng.integers(size))), 1.0)
        return np.asarray(cv2.filter2D(image, -1, kernel / kernel.sum()), np.uint8)
    return noisy(image, 4 + 14 * amount, rng)
