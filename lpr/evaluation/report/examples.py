"""Which readings are shown as examples, right and wrong ones, and in which order."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import chain, zip_longest

from lpr.evaluation.results import Row


def choose(rows: Iterable[Row], most: int) -> tuple[list[Row], list[Row]]:
    """Return rows that went wrong and rows that went right, at most `most` in all, errors first served with half.

    Of the errors: the most confident misreadings and the widest missed plates in turn, for these teach most. Of the
    right ones: evenly from the least to the most confident.
    """
    rows = list(rows)
    misread = surest_first(row for row in rows if row.verdict == "wrong")
    missed = widest_first(row for row in rows if row.verdict == "missed")
    right = sorted((row for row in rows if row.verdict == "right"), key=lambda row: (_confidence(row), *_place(row)))
    errors = [row for row in chain.from_iterable(zip_longest(misread, missed)) if row is not None]
    errors = errors[: max(most // 2, most - len(right))]
    places = min(most - len(errors), len(right))
    spread = [right[index * (len(right) - 1) // max(places - 1, 1)] for index in range(places)]
    return errors, spread


def surest_first(rows: Iterable[Row]) -> list[Row]:
    """Return the rows by confidence, the highest first; one that is None or not finite counts as 0."""
    return sorted(rows, key=lambda row: (-_confidence(row), *_place(row)))


def widest_first(rows: Iterable[Row]) -> list[Row]:
    """Return the rows by the width of their boxes, the widest first."""
    return sorted(rows, key=lambda row: (-row.box[2], *_place(row)))


def _confidence(row: Row) -> float:
    return row.confidence if row.confidence is not None and math.isfinite(row.confidence) else 0.0


def _place(row: Row) -> tuple[str, int]:
    return row.image, row.plate
