"""Which cell of the detector's grid answers for which plate."""

from __future__ import annotations

import torch
from torch import Tensor

REACH = 1.5
"""A plate is answered for by cells at most this many strides from its middle, along each axis (centre sampling)."""


def match_cells(cells: Tensor, boxes: Tensor, stride: float) -> Tensor:
    """Return for each cell the index of the plate that it answers for, or -1.

    A cell answers for a plate when its middle lies inside the plate and within `REACH` strides of the plate's middle;
    where plates compete, the smaller one wins. The cell nearest to a plate's middle always answers for it, so that no
    plate, however thin, goes unseen; where two plates share that cell, again the smaller one wins.

    Args:
        cells: `(N, 2)` middles `[x, y]` of the cells in pixels.
        boxes: `(M, 4)` corners `[left, top, right, bottom]` in pixels; M may be 0.
        stride: pixels between cells.

    Returns:
        `(N,)` int64 in [-1, M).
    """
    matched = torch.full((len(cells),), -1, dtype=torch.int64)
    if len(boxes) == 0:
        return matched
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    areas = (boxes[:, 2:] - boxes[:, :2]).clamp(min=0).prod(dim=1)
    offset = (cells[:, None] - middles[None]).abs()
    near = (offset <= REACH * stride).all(dim=2)
    inside = ((cells[:, None] >= boxes[None, :, :2]) & (cells[:, None] <= boxes[None, :, 2:])).all(dim=2)
    answers = near & inside
    cost = areas[None].expand(len(cells), -1).masked_fill(~answers, torch.inf)
    smallest = cost.argmin(dim=1)
    matched = torch.where(answers.any(dim=1), smallest, matched)
    nearest = offset.square().sum(dim=2).argmin(dim=0)
    for plate in areas.argsort(descending=True, stable=True):
        matched[nearest[plate]] = plate
    return matched
