"""Whether a confidence of 0.9 is right nine times in ten."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lpr.base.errors import LprError

BINS = 15


@dataclass(frozen=True)
class Bin:
    """The readings whose confidence lies between `low` and `high`; `low` is in the bin, `high` in the next one."""

    low: float
    high: float
    count: int
    confidence: float | None
    accuracy: float | None


class Calibration:
    """Expected calibration error of confidences in [0, 1] against right or wrong.

    Source: C. Guo et al., On calibration of modern neural networks, ICML 2017 (equal-width bins, 15 of them); the
    adaptive form has equal counts instead: K. Nguyen and B. O'Connor, EMNLP 2015.
    """

    def __init__(self, bins: int = BINS) -> None:
        self._bins = bins
        self._confidences: list[float] = []
        self._rights: list[bool] = []

    def __len__(self) -> int:
        return len(self._rights)

    def update(self, confidence: float, right: bool) -> None:
        """Add one reading. A confidence that is not finite counts as 0: it says nothing."""
        self._confidences.append(min(max(confidence, 0.0), 1.0) if math.isfinite(confidence) else 0.0)
        self._rights.append(right)

    def table(self) -> list[Bin]:
        """Return the reliability table, `bins` rows from confidence 0 to 1. Raises LprError when empty."""
        confidences, rights = self._arrays()
        places = np.minimum((confidences * self._bins).astype(int), self._bins - 1)
        rows = []
        for place in range(self._bins):
            here = places == place
            count = int(here.sum())
            means = (float(confidences[here].mean()), float(rights[here].mean())) if count else (None, None)
            rows.append(Bin(place / self._bins, (place + 1) / self._bins, count, *means))
        return rows

    def summary(self) -> dict[str, float | int]:
        """Return `ece` and `adaptive_ece` in [0, 1], the mean `confidence`, `plates`. Raises LprError when empty."""
        confidences, rights = self._arrays()
        total = len(rights)
        gaps = [
            b.count * abs(b.confidence - b.accuracy)
            for b in self.table()
            if b.confidence is not None and b.accuracy is not None
        ]
        order = np.argsort(confidences, kind="stable")
        parts = [part for part in np.array_split(order, self._bins) if len(part)]
        adaptive = sum(abs(float(confidences[part].sum() - rights[part].sum())) for part in parts)
        return {
            "ece": sum(gaps) / total,
            "adaptive_ece": adaptive / total,
            "confidence": float(confidences.mean()),
            "plates": total,
        }

    def _arrays(self) -> tuple[np.ndarray, np.ndarray]:
        if not self._rights:
            raise LprError("no reading to measure calibration on; give the test split plates with text")
        return np.asarray(self._confidences), np.asarray(self._rights, float)
