"""Counts of what went right, and how sure a share of them is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

Z_95 = 1.959963984540054
"""The standard normal quantile of a two-sided 95% interval."""


def wilson(right: int, total: int, z: float = Z_95) -> tuple[float, float]:
    """Return the Wilson score interval of the share `right / total`, inside [0, 1]; (0, 1) where `total` is 0.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22, 1927.
    """
    if not 0 <= right <= total:
        raise ValueError(f"{right} of {total} is no share")
    if total == 0:
        return 0.0, 1.0
    share = right / total
    spread = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    middle, scale = share + z * z / (2 * total), 1 + z * z / total
    low = 0.0 if right == 0 else (middle - spread) / scale
    high = 1.0 if right == total else (middle + spread) / scale
    return low, high


@dataclass
class Count:
    """k of N."""

    right: int = 0
    total: int = 0

    def update(self, right: bool) -> None:
        """Count one more."""
        self.right += bool(right)
        self.total += 1

    @property
    def share(self) -> float | None:
        """k / N, None where N is 0."""
        return self.right / self.total if self.total else None

    def summary(self) -> dict[str, float | int | None]:
        """Return `accuracy`, the ends `low` and `high` of its 95% interval (None where N is 0), `right` and `total`."""
        low, high = wilson(self.right, self.total) if self.total else (None, None)
        return {"accuracy": self.share, "low": low, "high": high, "right": self.right, "total": self.total}


def rounded(value: Any, digits: int = 4) -> Any:
    """Return `value` with every float in it, however deep, rounded; NaN and infinity, which JSON lacks, become None."""
    if isinstance(value, dict):
        return {key: rounded(inner, digits) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(inner, digits) for inner in value]
    if isinstance(value, float):
        return round(value, digits) + 0.0 if math.isfinite(value) else None
    return value
