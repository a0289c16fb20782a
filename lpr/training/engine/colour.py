"""Changes of light, colour and sharpness, as cameras make them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

# Images are prepared by several processes at once: threads of its own would only be in their way.
cv2.setNumThreads(0)


def relight(image: Pixels, strength: float, rng: np.random.Generator) -> Pixels:
    """Return `image` with another brightness, contrast, gamma and tint; sometimes grey or inverted in light.

    Args:
        image: `(H, W, 3)` uint8 RGB.
        strength: 0 leaves it as it is, 1 changes it as much as bad cameras do.
        rng: source of the draws; the same number is drawn whatever the strength.
    """
    contrast, brightness, gamma, grey = rng.uniform(-1, 1, 4)
    tint = rng.uniform(-1, 1, 3)
    if strength == 0:
        return image
    # One table a channel: an exact and cheap way to apply any curve to bytes.
    level = np.linspace(0, 1, 256)
    curve = level ** np.exp(gamma * strength * 0.8)
    curve = (curve - 0.5) * np.exp(contrast * strength * 0.9) + 0.5 + brightness * strength * 0.25
    channels = curve[:, None] * (1 + tint * strength * 0.3)
    table = (np.clip(channels, 0, 1) * 255).round().astype(np.uint8)
    if grey > 1 - 0.4 * strength:
        image = np.asarray(cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB), np.uint8)
    return np.asarray(cv2.LUT(image, table[None]), np.uint8)


def degrade(image: Pixels, share: float, most: float, rng: np.random.Generator) -> Pixels:
    """Return a share of images blurred, reduced or noisy, the others as they are.

    Args:
        image: `(H, W, 3)` uint8 RGB.
        share: of the images that are changed, in [0, 1].
        most: strongest loss of resolution, as a factor.
        rng: source of the draws.
    """
    changed, kind, amount = rng.uniform(size=3)
    if changed >= share:
        return image
    height, width = image.shape[:2]
    factor = 1 + (most - 1) * amount
    if kind < 0.4:
        small = cv2.resize(
            image, (max(4, round(width / factor)), max(4, round(height / factor))), interpolation=cv2.INTER_AREA
        )
        return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
    if kind < 0.6:
        return np.asarray(cv2.GaussianBlur(image, (0, 0), 0.3 + 0.4 * factor), np.uint8)
    if kind < 0.8:
        size = 1 + round(factor)
        kernel = np.zeros((size, size), np.float32)
        cv2.line(kernel, (0, int(rng.integers(size))), (size - 1, int(rng.integers(size))), 1.0)
        return np.asarray(cv2.filter2D(image, -1, kernel / kernel.sum()), np.uint8)
    noise = rng.normal(0, 4 + 14 * amount, image.shape)
    return np.asarray(np.clip(image + noise, 0, 255), np.uint8)
