"""A photo shrunk for the detector while it is still being decoded.

Decoding a JPEG takes one core, and shrinking it then nearly half as long again. A second thread shrinks the rows that
are there already, so that little is left to do after the last one.
"""

from __future__ import annotations

import math
from concurrent.futures import Executor, Future

import numpy as np
from PIL import Image

from lpr.inference.photos import Decoded
from lpr.plate.crop import DETECTOR_BANDS, Pixels, band_reach, detector_band


class Ahead:
    """Makes `detector_input` of one photo, band by band.

    Args:
        pool: one thread that works beside the caller's.
    """

    def __init__(self, pool: Executor) -> None:
        self._pool = pool
        self._bands: list[Future[Pixels]] = []

    def watch(self, photo: Image.Image, decoded: Decoded) -> None:
        """Begin the bands whose rows are there; for `load_photo`."""
        while (band := len(self._bands)) < DETECTOR_BANDS:
            last = math.ceil((band + 1) * photo.height / DETECTOR_BANDS + band_reach(photo.height))
            if not decoded(min(last, photo.height - 1)):
                return
            self._bands.append(self._pool.submit(_shrink, photo, band))

    def finish(self, photo: Image.Image) -> Pixels:
        """Return `detector_input(photo)`, byte for byte.

        Args:
            photo: the whole photo, which is the one that was watched if any was.
        """
        missing = range(len(self._bands), DETECTOR_BANDS)
        beside = {band: self._pool.submit(_shrink, photo, band) for band in missing[1::2]}
        here = {band: _shrink(photo, band) for band in missing[::2]}
        late = [here[band] if band in here else beside[band].result() for band in missing]
        return np.concatenate([*(band.result() for band in self._bands), *late])


def _shrink(photo: Image.Image, band: int) -> Pixels:
    return detector_band(photo, (0.0, 0.0, float(photo.width), float(photo.height)), band)
