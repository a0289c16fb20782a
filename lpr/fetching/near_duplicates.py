"""The difference hash of a photo, and finding near-duplicates by it without comparing all pairs.

Difference hash: Neal Krawetz, "Kind of like that" (2013): 8x8 bits, each whether brightness rises to the right.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

NEAR_BITS = 4
"""Photos whose hashes differ in at most so many of 64 bits are near-duplicates."""

_TELLING_STEP = 2  # grey levels; smaller differences are noise
_TELLING_BITS = 24  # of 64; real photographs have 36 at least (measured on 4,921)
_BANDS = tuple((start, 13 if start < 52 else 12) for start in (0, 13, 26, 39, 52))
_CHUNK = 4_000_000  # pairs compared at a time, to bound memory


def difference_hash(image: Image.Image) -> int | None:
    """Return the 64-bit difference hash of an RGB image, None for one too plain to be told from others."""
    small = np.asarray(image.convert("L").resize((9, 8), Image.Resampling.BOX), np.int16)
    steps = np.diff(small, axis=1).reshape(-1)
    if np.count_nonzero(np.abs(steps) >= _TELLING_STEP) < _TELLING_BITS:
        return None
    return int.from_bytes(np.packbits(steps > 0).tobytes(), "big")


def near_pairs(hashes: NDArray[np.uint64]) -> Iterator[tuple[int, int]]:
    """Yield each pair of distinct hashes that are within `NEAR_BITS`, as indices `(i, j)`, `i < j`, once.

    Two 64-bit words that differ in at most 4 bits agree in at least one of 5 bands (pigeonhole), so that only those
    that share a band are compared.

    Args:
        hashes: `(N,)` distinct values.
    """
    for number, (start, width) in enumerate(_BANDS):
        bands = (hashes >> np.uint64(start)) & np.uint64((1 << width) - 1)
        order = np.argsort(bands, kind="stable")
        edges = np.flatnonzero(np.diff(bands[order])) + 1
        for bucket in np.split(order, edges):
            if len(bucket) > 1:
                yield from _near_in_bucket(hashes, np.sort(bucket), number)


def _near_in_bucket(hashes: NDArray[np.uint64], bucket: NDArray[np.intp], band: int) -> Iterator[tuple[int, int]]:
    rows = max(_CHUNK // len(bucket), 1)
    for top in range(0, len(bucket), rows):
        left = bucket[top : top + rows]
        difference = hashes[left][:, None] ^ hashes[bucket][None, :]
        near = _bits(difference) <= NEAR_BITS
        for i, j in np.argwhere(near):
            a, b = int(left[i]), int(bucket[j])
            if a < b and not _seen_before(int(difference[i, j]), band):
                yield a, b


def _seen_before(difference: int, band: int) -> bool:
    """Return whether an earlier band has already brought the pair together."""
    return any(not (difference >> start) & ((1 << width) - 1) for start, width in _BANDS[:band])


def _bits(words: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """Return the number of set bits of each word, by adding neighbours (Hacker's Delight, 5-1)."""
    words = words - ((words >> np.uint64(1)) & np.uint64(0x5555555555555555))
    words = (words & np.uint64(0x3333333333333333)) + ((words >> np.uint64(2)) & np.uint64(0x3333333333333333))
    words = (words + (words >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return ((words * np.uint64(0x0101010101010101)) >> np.uint64(56)).astype(np.uint8)
