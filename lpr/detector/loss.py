"""What the detector is trained to: scores that tell the quality of the box beside them, tight boxes, and corners."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional
from torchvision.ops import complete_box_iou_loss

from lpr.detector.model import corners_at

BOX_WEIGHT = 2.0
"""Weight of the box loss against the score loss."""
CORNER_WEIGHT = 0.5
"""Weight of the corner loss: small, so that boxes and scores stay as good as without it."""
CORNER_SCALE = 0.05
"""Shares of the box's size up to which an error of a corner is punished by its square (smooth L1)."""


def detection_loss(
    scores: Tensor,
    boxes: Tensor,
    offsets: Tensor,
    matched: Tensor,
    truths: Tensor,
    quads: Tensor,
    known: Tensor,
    total: Callable[[Tensor], Tensor] = lambda count: count,
) -> dict[str, Tensor]:
    """Return the terms of the loss and their sum.

    The score of a cell that answers for a plate is trained to the IoU of its box, all others to 0, by quality focal
    loss (Li et al. 2020, "Generalized Focal Loss"); its box by CIoU (Zheng et al. 2020). Both are divided by the number
    of answering cells of the batch. Its corners are trained by smooth L1 in shares of the true box's size, beside the
    predicted box, which they leave as it is; they are divided by the number of cells whose plate's corners are known.

    Args:
        scores: `(B, N)` logits.
        boxes: `(B, N, 4)` predicted `[left, top, right, bottom]` in pixels.
        offsets: `(B, N, 4, 2)` predicted, of the corners: see `lpr.detector.model.corners_at`.
        matched: `(B, N)` index of the plate that a cell answers for, -1 for none.
        truths: `(B, M, 4)` true boxes like them, padded to the most plates of an image; M is at least 1.
        quads: `(B, M, 4, 2)` true corners in pixels.
        known: `(B, M)` bool, where these are known.
        total: returns the sum of a count over all parts of a batch that several processes share; what they return
            adds up to the loss of the whole batch.

    Returns:
        Scalars `loss`, `score_loss`, `box_loss`, `corner_loss`.
    """
    positive = matched >= 0
    count = total(positive.sum()).clamp(min=1)
    plate = matched.clamp(min=0)
    image = torch.arange(len(plate), device=plate.device).unsqueeze(1)
    wanted = truths[image, plate][positive]
    predicted = boxes[positive].float()
    quality = torch.zeros_like(scores, dtype=predicted.dtype)
    quality[positive] = aligned_iou(predicted.detach(), wanted)
    score_loss = quality_focal_loss(scores.float(), quality).sum() / count
    box_loss = complete_box_iou_loss(predicted, wanted, reduction="sum") / count
    placed = known[image, plate][positive]
    corners = corners_at(predicted.detach()[placed], offsets[positive][placed].float())
    size = (wanted[..., 2:] - wanted[..., :2])[placed].clamp(min=1).unsqueeze(-2)
    apart = (corners - quads[image, plate][positive][placed]) / size
    errors = functional.smooth_l1_loss(apart, torch.zeros_like(apart), reduction="sum", beta=CORNER_SCALE)
    corner_loss = errors / total(placed.sum()).clamp(min=1)
    return {
        "loss": score_loss + BOX_WEIGHT * box_loss + CORNER_WEIGHT * corner_loss,
        "score_loss": score_loss,
        "box_loss": box_loss,
        "corner_loss": corner_loss,
    }


def quality_focal_loss(logits: Tensor, quality: Tensor) -> Tensor:
    """Return `|quality - p|^2 * BCE(p, quality)` for each element, where p is the sigmoid of `logits`."""
    gap = (quality - logits.sigmoid()).square()
    return gap * functional.binary_cross_entropy_with_logits(logits, quality, reduction="none")


def aligned_iou(a: Tensor, b: Tensor) -> Tensor:
    """Return the `(N,)` IoU of row with row of two `(N, 4)` sets of corners."""
    low, high = torch.maximum(a[:, :2], b[:, :2]), torch.minimum(a[:, 2:], b[:, 2:])
    intersection = (high - low).clamp(min=0).prod(dim=1)
    area_a, area_b = ((box[:, 2:] - box[:, :2]).clamp(min=0).prod(dim=1) for box in (a, b))
    return intersection / (area_a + area_b - intersection).clamp(min=1e-6)
