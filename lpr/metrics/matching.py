"""Greedy matching of what was found with what is true: the one way in which all metrics pair boxes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

TOLERANCE = 1e-9
"""By how much an IoU may miss the least that counts: what is exactly that much on paper is not in floating point."""


def match(allowed: NDArray[np.bool_], *costs: ArrayLike) -> NDArray[np.int64]:
    """Return for each row the column that it is matched with, or -1.

    Of all pairs that are allowed the cheapest is matched, then the cheapest of those whose row and column are both
    still free, and so on. Of equal costs the first row goes first, then the first column.

    Args:
        allowed: `(N, M)` pairs that may be matched.
        costs: by what the cheapest is found, each broadcast to `(N, M)`; a later one decides where those before it
            are equal.
    """
    matched = np.full(len(allowed), -1, np.int64)
    rows, columns = np.nonzero(allowed)
    order = np.lexsort([np.broadcast_to(cost, allowed.shape)[rows, columns] for cost in reversed(costs)])
    taken: set[int] = set()
    for row, column in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        if matched[row] < 0 and column not in taken:
            matched[row] = column
            taken.add(column)
    return matched
