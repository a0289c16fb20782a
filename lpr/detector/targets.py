"""Which cell of the detector's grid answers for which plate."""

from __future__ import annotations

from math import ceil, floor

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

REACH = 1.5
"""A plate is answered for by cells at most this many strides from its middle, along each axis (centre sampling)."""


def match_cells(boxes: ArrayLike, grid: int, stride: float) -> Tensor:
    """Return for each cell of a square grid the index of the plate that it answers for, or -1.

    A cell answers for a plate when its middle lies inside the plate and within `REACH` strides of the plate's middle;
    where plates compete, the smaller one wins. The cell in which a plate's middle lies always answers for it, so that
    no plate, however thin, goes unseen; where two plates share that cell, again the smaller one wins.

    Args:
        boxes: `(M, 4)` corners `[left, top, right, bottom]` in pixels; M may be 0.
        grid: cells in a row, and rows.
        stride: pixels between cells; the first one's middle is half of that from the picture's corner.

    Returns:
        `(grid * grid,)` int64 in [-1, M), row by row.
    """
    matched = np.full((grid, grid), -1, np.int64)
    rows = np.asarray(boxes).tolist()
    # Few plates and few cells of each: plain numbers take a tenth of the time of arrays over all cells.
    areas = [max(right - left, 0) * max(bottom - top, 0) for left, top, right, bottom in rows]
    order = sorted(range(len(rows)), key=lambda plate: -areas[plate])
    for plate in order:
        left, top, right, bottom = rows[plate]
        columns, lines = _reached(left, right, stride), _reached(top, bottom, stride)
        matched[lines, columns] = plate
    for plate in order:
        left, top, right, bottom = rows[plate]
        column, line = (min(max(floor((a + b) / 2 / stride), 0), grid - 1) for a, b in ((left, right), (top, bottom)))
        matched[line, column] = plate
    return torch.from_numpy(matched.ravel())


def _reached(low: float, high: float, stride: float) -> slice:
    """Return the cells along an axis whose middles lie within a plate and near its middle."""
    middle, reach = (low + high) / 2, REACH * stride
    first, last = max(low, middle - reach) / stride - 0.5, min(high, middle + reach) / stride - 0.5
    return slice(max(ceil(first), 0), max(floor(last) + 1, 0))
