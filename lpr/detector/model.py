"""The detector network: a small residual CNN with a top-down path, and one anchor-free head on a 28x28 grid."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from lpr.layers import Residual, conv
from lpr.plate.crop import DETECTOR_SIZE

STRIDE = 8
"""Pixels of the input between neighbouring cells of the head's grid."""
GRID = DETECTOR_SIZE // STRIDE


class Detector(nn.Module):
    """Finds plates.

    Each of the 28 x 28 cells tells how likely it is a plate's middle, how far the sides of its bounding box are (FCOS,
    Tian et al. 2019), and where beside that box's corners its own are (the idea of Silva and Jung 2021, "A Flexible
    Approach for Automatic License Plate Recognition in Unconstrained Scenarios"). Coarser maps see the whole photo and
    are added on the way up (FPN, Lin et al. 2017).

    Args:
        width: channels of the first layer; even.
    """

    cells: Tensor

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        self.arguments: dict[str, Any] = {"width": width}
        fine, middle, coarse = 3 * width, 4 * width, 6 * width
        self.stem = nn.Sequential(
            conv(3, width, 2), conv(width, 2 * width, 2), conv(2 * width, fine, 2), Residual(fine)
        )
        self.down = nn.Sequential(conv(fine, middle, 2), Residual(middle), Residual(middle))
        self.bottom = nn.Sequential(conv(middle, coarse, 2), Residual(coarse), Residual(coarse))
        self.from_bottom = nn.Sequential(nn.Conv2d(coarse, middle, 1, bias=False), nn.BatchNorm2d(middle))
        self.from_middle = nn.Sequential(nn.Conv2d(middle, fine, 1, bias=False), nn.BatchNorm2d(fine))
        self.head = nn.Sequential(conv(fine, fine), conv(fine, fine))
        self.score = nn.Conv2d(fine, 1, 1)
        self.sides = nn.Conv2d(fine, 4, 1)
        self.corners = nn.Conv2d(fine, 8, 1)
        # Start from "hardly any cell is a plate" and from boxes of about a plate's size, so that the first steps
        # are not spent on unlearning chance (Lin et al. 2017, "Focal Loss"). A plate's corners start as its box's.
        with torch.no_grad():
            self.score.bias.fill_(-math.log((1 - 0.01) / 0.01))  # type: ignore[union-attr]
            self.sides.weight.zero_()
            self.sides.bias.copy_(torch.tensor([3.0, 1.0, 3.0, 1.0]).log())  # type: ignore[union-attr]
            self.corners.weight.zero_()
            self.corners.bias.zero_()  # type: ignore[union-attr]
        self.register_buffer("cells", cell_centres(), persistent=False)

    def dense(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return every cell's score, box and corners, for training.

        Args:
            images: `(B, 3, 224, 224)` float RGB in [0, 1].

        Returns:
            scores: `(B, 784)` logits of "a plate has its middle here".
            boxes: `(B, 784, 4)` `[left, top, right, bottom]` in pixels of the input, not clipped.
            offsets: `(B, 784, 4, 2)` for `corners_at`.
        """
        fine = self.stem((images - 0.5) * 4)
        middle = self.down(fine)
        up = functional.interpolate(self.from_bottom(self.bottom(middle)), scale_factor=2.0)
        middle = functional.relu(middle + up)
        up = functional.interpolate(self.from_middle(middle), scale_factor=2.0)
        x = self.head(functional.relu(fine + up))
        scores = self.score(x).flatten(1)
        # The exponent is bounded, so that an untrained network's boxes stay finite.
        sides = self.sides(x).flatten(2).transpose(1, 2).clamp(-4, 4).exp() * STRIDE
        boxes = torch.cat([self.cells - sides[..., :2], self.cells + sides[..., 2:]], dim=-1)
        # Bounded for the same reason; a plate's corners lie inside its box.
        offsets = self.corners(x).flatten(2).transpose(1, 2).clamp(-2, 2).unflatten(-1, (4, 2))
        return scores, boxes, offsets

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the best plate, all candidates and their corners.

        Args:
            images: `(B, 3, 224, 224)` float RGB in [0, 1].

        Returns:
            best: `(B, 5)` rows `[x, y, w, h, conf]`: fractions of the input from the top left, conf in [0, 1].
            candidates: `(B, 784, 5)` such rows, one a cell, before non-maximum suppression.
            corners: `(B, 784, 8)` rows `[x, y] x 4` of the same candidates: fractions of the input, clockwise from the
                top left of the plate as it is read; where a plate reaches over the edge they do too.
        """
        scores, boxes, offsets = self.dense(images)
        corners = (corners_at(boxes, offsets) / DETECTOR_SIZE).flatten(2)
        boxes = (boxes / DETECTOR_SIZE).clamp(0, 1)
        confidence = scores.sigmoid().unsqueeze(-1)
        candidates = torch.cat([boxes[..., :2], boxes[..., 2:] - boxes[..., :2], confidence], dim=-1)
        index = scores.argmax(dim=1).view(-1, 1, 1).expand(-1, 1, 5)
        return candidates.gather(1, index).squeeze(1), candidates, corners


def corners_at(boxes: Tensor, offsets: Tensor) -> Tensor:
    """Return the corners of plates, `(..., 4, 2)` in the unit of the boxes, clockwise from the top left.

    Args:
        boxes: `(..., 4)` `[left, top, right, bottom]`.
        offsets: `(..., 4, 2)` of each corner from the box's, in shares of the box's width and height.
    """
    low, high = boxes[..., :2], boxes[..., 2:]
    of_box = torch.stack([low, boxes[..., [2, 1]], high, boxes[..., [0, 3]]], dim=-2)
    return of_box + offsets * (high - low).unsqueeze(-2)


def cell_centres() -> Tensor:
    """Return the `(784, 2)` middles `[x, y]` of the grid's cells in pixels of the input, row by row."""
    steps = (torch.arange(GRID, dtype=torch.float32) + 0.5) * STRIDE
    y, x = torch.meshgrid(steps, steps, indexing="ij")
    return torch.stack([x, y], dim=-1).reshape(-1, 2)
