"""Noise and clouds, cut out of banks that are made once in each process from a fixed seed, so that they cost little."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from lpr.synthetic.arrays import Pixels

_SIDE = 512
_BANK_SEED = 20260101
_GRAIN_STEP = 32


def cloud(rng: np.random.Generator, height: int, width: int) -> NDArray[Any]:
    """Return smooth noise of several octaves, `(height, width)` float32 in [0, 1]."""
    bank = _clouds()[rng.integers(len(_clouds()))]
    zoom = rng.uniform(0.5, 1.0)
    side_y, side_x = min(_SIDE, max(8, round(height * zoom))), min(_SIDE, max(8, round(width * zoom)))
    top, left = rng.integers(0, _SIDE - side_y + 1), rng.integers(0, _SIDE - side_x + 1)
    return cv2.resize(bank[top : top + side_y, left : left + side_x], (width, height), interpolation=cv2.INTER_LINEAR)


def grain(rng: np.random.Generator, height: int, width: int, sigma: float, coloured: bool) -> NDArray[np.float32]:
    """Return white Gaussian noise, `(height, width, 3)` float32, for images up to 720 x 960 pixels."""
    bank = _grain()
    top, left = (int(rng.integers(0, limit + 1)) for limit in (bank.shape[0] - height, bank.shape[1] - width))
    cut = bank[top : top + height, left : left + width]
    factor = np.float32(sigma / _GRAIN_STEP)
    if coloured:
        return np.multiply(cut, factor, dtype=np.float32)
    return np.asarray(cv2.merge([np.multiply(cut[..., 0], factor, dtype=np.float32)] * 3), np.float32)


def add(rng: np.random.Generator, image: Pixels, strength: float) -> None:
    """Make an area's lightness uneven by up to about `strength` of 255, in place."""
    height, width = image.shape[:2]
    change = (cloud(rng, height, width) - np.float32(0.5)) * np.float32(2 * strength)
    cv2.add(image, cv2.merge([change] * 3), dst=image, dtype=cv2.CV_8U)


@lru_cache(maxsize=1)
def _clouds() -> tuple[NDArray[np.float32], ...]:
    rng = np.random.default_rng(_BANK_SEED)
    banks = []
    for persistence in (0.35, 0.5, 0.65, 0.8):
        total = np.zeros((_SIDE, _SIDE), np.float32)
        weight = 1.0
        for cells in (4, 8, 16, 32, 64, 128, 256):
            octave = rng.random((cells, cells), np.float32)
            total += weight * cv2.resize(octave, (_SIDE, _SIDE), interpolation=cv2.INTER_CUBIC)
            weight *= persistence
        low, high = np.quantile(total, (0.01, 0.99))
        banks.append(np.clip((total - low) / (high - low), 0, 1).astype(np.float32))
    return tuple(banks)


@lru_cache(maxsize=1)
def _grain() -> NDArray[np.int8]:
    noise = np.random.default_rng(_BANK_SEED + 1).standard_normal((768, 1024, 3), np.float32)
    return np.clip(np.round(noise * _GRAIN_STEP), -127, 127).astype(np.int8)
