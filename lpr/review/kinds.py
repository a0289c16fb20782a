"""What a metric is, by its name: which direction is better, and whether it is a share, a count or a size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

Kind = Literal["share", "count", "size", "derived"]

HIGHER = {
    "accuracy", "right", "low", "high", "ap50", "ap50_95", "precision", "recall", "mean_iou", "plate_accuracy",
    "plate_accuracy_folded", "character_accuracy", "length_accuracy",
}  # fmt: skip
LOWER = {"ece", "adaptive_ece", "photos_read", "readings", "not_finite"}
COUNTS = {"right", "photos_read", "readings"}
SIZES = {"total", "plates", "photos", "images", "not_finite"}
INTERVAL = {"low", "high"}
_NUMBERS_OF = ("total", "plates", "photos")


def better(name: str) -> int:
    """Return 1 if higher is better for a metric of that dotted name, -1 if lower, 0 if neither or unknown."""
    leaf = name.rpartition(".")[2]
    return 1 if leaf in HIGHER else -1 if leaf in LOWER else 0


def kind(name: str) -> Kind:
    """Return what a metric of that dotted name is: a count of what went right or wrong, a size of the test split, an
    interval's end, which follows from counts, or else a share or another measure in [0, 1]."""
    leaf = name.rpartition(".")[2]
    return "count" if leaf in COUNTS else "size" if leaf in SIZES else "derived" if leaf in INTERVAL else "share"


def number_of(name: str, metrics: Mapping[str, Any]) -> int | None:
    """Return how many plates or photos a metric is about, None where its section does not say."""
    section = name.rpartition(".")[0]
    for leaf in _NUMBERS_OF:
        value = metrics.get(f"{section}.{leaf}" if section else leaf)
        if isinstance(value, int):
            return value
    return None
