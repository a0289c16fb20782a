"""A photo shrunk for the detector while it is still being decoded.

Decoding a JPEG takes one core, and shrinking it then nearly half as long again. A second thread shrinks the rows that
are there already, so that little is left to do after the last one.
"""

from __future__ import annotations

import math
from concurrent.futures import Executor, Future

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lpr.inference.photos import Decoded
from lpr.plate.crop import DETECTOR_BANDS, DETECTOR_SIZE, as_batch, band_reach, detector_band


class Ahead:
    """Makes the detector's input of one photo, band by band.

    Args:
        pool: one thread that works beside the caller's.
    """

    def __init__(self, pool: Executor) -> None:
        self._pool = pool
        self._batch = np.empty((1, 3, DETECTOR_SIZE, DETECTOR_SIZE), np.float32)
        self._begun: list[Future[None]] = []

    def watch(self, photo: Image.Image, decoded: Decoded) -> None:
        """Begin the bands whose rows are there; for `load_photo`."""
        while (band := len(self._begun)) < DETECTOR_BANDS:
            last = math.ceil((band + 1) * photo.height / DETECTOR_BANDS + band_reach(photo.height))
            if not decoded(min(last, photo.height - 1)):
                return
            self._begun.append(self._pool.submit(self._shrink, photo, band))

    def finish(self, photo: Image.Image) -> NDArray[np.float32]:
        """Return `as_batch([detector_input(photo)])`, bit for bit.

        Args:
            photo: the whole photo, which is the one that was watched if any was.
        """
        missing = range(len(self._begun), DETECTOR_BANDS)
        self._begun += [self._pool.submit(self._shrink, photo, band) for band in missing[1::2]]
        for band in missing[::2]:
            self._shrink(photo, band)
        for begun in self._begun:
            begun.result()
        return self._batch

    def _shrink(self, photo: Image.Image, band: int) -> None:
        height = DETECTOR_SIZE // DETECTOR_BANDS
        pixels = detector_band(photo, (0.0, 0.0, float(photo.width), float(photo.height)), band)
        self._batch[0, :, band * height : (band + 1) * height] = as_batch([pixels])[0]
