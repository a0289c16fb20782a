"""Where the plates in a photo are: the detector's candidates, looked at again where that is worth it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lpr.base.errors import LprError
from lpr.inference.corners import leaning, with_corners
from lpr.inference.plates import Found
from lpr.inference.second_look import combine, to_photo, window_for
from lpr.plate.box import Box, clip, nms
from lpr.plate.crop import as_batch, detector_input
from lpr.runtime.onnx_model import OnnxModel

PHOTOS_AT_ONCE = 16
"""Photos, and neighbourhoods in them, that are detected together at most."""
CANDIDATES = 64
"""Candidates of a photo that are looked at, best first, after non-maximum suppression."""
FAINT = 0.3
"""Share of the working threshold from which a candidate may still be confirmed by a second look."""
LOOKS = 8
"""Second looks at a photo, best candidates first; bounds the time that a busy photo takes."""

Floats = NDArray[np.float32]


class Finder:
    """Finds plates with the detector.

    Args:
        detector: the model.
        second_look: whether small and doubtful candidates are looked at again at full resolution.
    """

    def __init__(self, detector: OnnxModel, second_look: bool) -> None:
        self._detector = detector
        self.second_look = second_look
        self.threshold: float = detector.card.settings["threshold"]
        self._nms_iou: float = detector.card.settings["nms_iou"]

    def look(self, batch: Floats) -> Floats:
        """Return the candidates that the detector sees in each of its inputs, as `with_corners`.

        Raises:
            LprError: the model gives what no detector of this project can.
        """
        outputs = with_corners(self._detector(batch, PHOTOS_AT_ONCE))
        confidences = outputs[..., 4]
        if not (np.isfinite(outputs).all() and (confidences >= 0).all() and (confidences <= 1).all()):
            raise LprError(f"{self._detector.path}: gives boxes or confidences that are none; the file is damaged")
        return outputs

    def find(
        self, photos: Sequence[Image.Image], looks: Floats, least: float, again: float = FAINT
    ) -> list[list[Found]]:
        """Return the plates' places in each photo, best first.

        Args:
            photos: RGB images, upright.
            looks: what `look` gave for the detector's input of each.
            least: lowest confidence that is returned.
            again: share of the working threshold from which a candidate is worth a second look.

        Raises:
            LprError: as `look`.
        """
        floor = again * self.threshold
        firsts = self._first_look(photos, looks, min(least, floor) if self.second_look else least)
        if self.second_look:
            self._look_again(photos, firsts, floor)
        return [self._settle(photo, rows, least) for photo, rows in zip(photos, firsts, strict=True)]

    def _first_look(self, photos: Sequence[Image.Image], looks: Floats, floor: float) -> list[NDArray[np.float64]]:
        """Return `(N, 13)` candidates of each photo in its pixels, best first."""
        firsts = []
        for photo, rows in zip(photos, looks, strict=True):
            likely = rows[rows[:, 4] >= floor]
            kept = likely[nms(likely[:, :4], likely[:, 4], self._nms_iou)[:CANDIDATES]]
            firsts.append(to_photo(kept, (0.0, 0.0, photo.width, photo.height)))
        return firsts

    def _look_again(self, photos: Sequence[Image.Image], firsts: list[NDArray[np.float64]], floor: float) -> None:
        """Replace, in place, the candidates that a second look is worth by what both looks say."""
        tasks: list[tuple[int, int, Box]] = []
        for index, (photo, rows) in enumerate(zip(photos, firsts, strict=True)):
            for row in range(min(len(rows), LOOKS)):
                confidence = float(rows[row, 4])
                if confidence < floor:
                    continue
                x, y, w, h = (float(number) for number in rows[row, :4])
                leans = leaning(rows[row, 5:].reshape(4, 2)) is not None
                window = window_for((x, y, w, h), confidence, photo.width, photo.height, leans)
                if window is not None:
                    tasks.append((index, row, window))
        for start in range(0, len(tasks), PHOTOS_AT_ONCE):
            group = tasks[start : start + PHOTOS_AT_ONCE]
            outputs = self.look(as_batch([detector_input(photos[index], window) for index, _, window in group]))
            for (index, row, window), seen in zip(group, outputs, strict=True):
                firsts[index][row] = combine(firsts[index][row], to_photo(seen, window), self.threshold)

    def _settle(self, photo: Image.Image, rows: NDArray[np.float64], least: float) -> list[Found]:
        kept = rows[rows[:, 4] >= least]
        found = []
        # Two candidates may have come to the same plate in the second look.
        for row in kept[nms(kept[:, :4], kept[:, 4], self._nms_iou)]:
            box = clip((float(row[0]), float(row[1]), float(row[2]), float(row[3])), photo.width, photo.height)
            if box[2] >= 1 and box[3] >= 1:  # what is thinner than a pixel holds nothing to read
                corners = tuple((float(x), float(y)) for x, y in row[5:].reshape(4, 2))
                found.append(Found(box, float(row[4]), corners))
        return found
