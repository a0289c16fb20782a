"""How well plates are found: average precision, precision, recall, IoU."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lpr.base.errors import LprError
from lpr.metrics.matching import TOLERANCE, match
from lpr.plate.box import Floats, iou

AP_IOUS = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))
"""The overlaps over which AP50-95 averages."""
_MISS, _HIT, _IGNORED = 0, 1, 2
_PARTS = 256
"""Photos whose arrays are kept apart before they are joined."""


@dataclass(frozen=True)
class Curve:
    """A precision-recall curve, from the highest score to the lowest; one point for each distinct score."""

    scores: NDArray[np.float64]
    precision: NDArray[np.float64]
    recall: NDArray[np.float64]


def match_boxes(boxes: Floats, truths: Floats, ignored: NDArray[np.bool_], least: float) -> NDArray[np.int64]:
    """Return for each box, given best first, the index of the true box that it finds, or -1.

    Greedy, as in COCO: each box takes the true box that overlaps it most, at least by `least`, and that no better
    box took. A box takes an ignored true box only where no other is left for it.

    Args:
        boxes: `(N, 4)` found boxes `[x, y, w, h]`, by descending score.
        truths: `(M, 4)` true boxes.
        ignored: `(M,)` the true boxes that are no part of the measurement.
        least: the smallest IoU that counts.
    """
    overlaps = iou(boxes, truths)
    return match(overlaps >= least - TOLERANCE, np.arange(len(boxes))[:, None], ignored, -overlaps)


def precision_recall(scores: Floats, hits: NDArray[np.bool_], plates: int) -> Curve:
    """Return the curve of detections of any order. Equal scores make one point, so that their order does not matter."""
    order = np.argsort(-scores, kind="stable")
    scores, hits = scores[order], hits[order]
    last = np.append(np.flatnonzero(np.diff(scores)), len(scores) - 1) if len(scores) else np.zeros(0, np.intp)
    right = np.cumsum(hits)[last]
    return Curve(scores[last].astype(np.float64), right / (last + 1), right / plates)


def average_precision(curve: Curve) -> float:
    """Return the area under the curve, all-point interpolated: precision at a recall is the best there or above.

    Source: M. Everingham et al., The PASCAL Visual Object Classes Challenge 2010 development kit, section 3.4.1.
    """
    envelope = np.maximum.accumulate(curve.precision[::-1])[::-1]
    return float((np.diff(curve.recall, prepend=0.0) * envelope).sum())


class DetectionMetric:
    """AP50, AP50-95, and precision, recall and mean IoU at the working threshold.

    Args:
        threshold: the detector's working threshold.
        match_iou: the IoU from which a box counts as found there.
        least_share: true plates narrower than this share of the photo's width are ignored: neither missing them
            nor finding them counts.
    """

    def __init__(self, threshold: float, match_iou: float = 0.5, least_share: float = 0.0) -> None:
        self._threshold = threshold
        self._ious = (*AP_IOUS, match_iou)
        self._least_share = least_share
        self._plates = 0
        self._photos = 0
        self._not_finite = 0
        self._scores: list[NDArray[np.float32]] = []
        self._outcomes: list[NDArray[np.int8]] = []
        self._overlaps: list[NDArray[np.float32]] = []

    def __len__(self) -> int:
        return self._plates

    def update(self, boxes: Floats, scores: Floats, truths: Floats, width: float) -> None:
        """Add one photo.

        Args:
            boxes: `(N, 4)` found boxes in pixels, of any order, down to low scores: AP needs them.
            scores: `(N,)` in [0, 1]. Boxes and scores that are not finite are counted and dropped.
            truths: `(M, 4)` true boxes in pixels.
            width: of the photo, in pixels.
        """
        boxes, truths = np.asarray(boxes, np.float64).reshape(-1, 4), np.asarray(truths, np.float64).reshape(-1, 4)
        scores = np.asarray(scores, np.float32).reshape(-1)
        finite = np.isfinite(boxes).all(1) & np.isfinite(scores)
        order = np.argsort(-scores[finite], kind="stable")
        boxes, scores = boxes[finite][order], scores[finite][order]
        ignored = truths[:, 2] < self._least_share * width
        outcomes = np.zeros((len(boxes), len(self._ious)), np.int8)
        matched = np.full(len(boxes), -1, np.int64)
        for column, least in enumerate(self._ious):
            matched = match_boxes(boxes, truths, ignored, least)
            outcomes[:, column] = (
                np.where(matched < 0, _MISS, np.where(ignored[matched], _IGNORED, _HIT)) if len(truths) else _MISS
            )
        overlaps = (
            np.where(matched >= 0, iou(boxes, truths)[np.arange(len(boxes)), matched], 0)
            if len(truths)
            else np.zeros(len(boxes))
        )
        self._photos += 1
        self._plates += int((~ignored).sum())
        self._not_finite += int((~finite).sum())
        self._scores.append(scores)
        self._outcomes.append(outcomes)
        self._overlaps.append(overlaps.astype(np.float32))
        if len(self._scores) > _PARTS:
            # A small array takes ten times the memory of what it holds.
            for parts in (self._scores, self._outcomes, self._overlaps):
                parts[:] = [np.concatenate(parts)]

    def curve(self, column: int = 0) -> Curve:
        """Return the precision-recall curve at `AP_IOUS[column]`. Raises LprError where there was no true plate."""
        self._raise_when_empty()
        scores, outcomes = np.concatenate(self._scores), np.concatenate(self._outcomes)[:, column]
        counted = outcomes != _IGNORED
        return precision_recall(scores[counted], outcomes[counted] == _HIT, self._plates)

    def summary(self) -> dict[str, float | int | None]:
        """Return `ap50`, `ap50_95`, `precision` and `mean_iou` (None where nothing was found), `recall`, and counts.

        Raises:
            LprError: there was no true plate, so that none of these means anything.
        """
        self._raise_when_empty()
        precisions = [average_precision(self.curve(column)) for column in range(len(AP_IOUS))]
        scores, outcomes = np.concatenate(self._scores), np.concatenate(self._outcomes)[:, -1]
        working = (scores >= np.float32(self._threshold)) & (outcomes != _IGNORED)
        hits = working & (outcomes == _HIT)
        overlaps = np.concatenate(self._overlaps)[hits]
        return {
            "ap50": precisions[0],
            "ap50_95": float(np.mean(precisions)),
            "precision": float(hits.sum() / working.sum()) if working.any() else None,
            "recall": float(hits.sum() / self._plates),
            "mean_iou": float(overlaps.mean()) if hits.any() else None,
            "plates": self._plates,
            "photos": self._photos,
            "not_finite": self._not_finite,
        }

    def _raise_when_empty(self) -> None:
        if not self._plates:
            raise LprError("no true plate to measure detection on; give the test split photos with boxed plates")
