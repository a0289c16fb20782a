"""What the detector is trained to: scores that tell the quality of the box beside them, and tight boxes."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional
from torchvision.ops import complete_box_iou_loss

BOX_WEIGHT = 2.0
"""Weight of the box loss against the score loss."""


def detection_loss(
    scores: Tensor,
    boxes: Tensor,
    owners: Tensor,
    truths: Tensor,
    total: Callable[[Tensor], Tensor] = lambda count: count,
) -> dict[str, Tensor]:
    """Return the terms of the loss and their sum.

    The score of a cell that answers for a plate is trained to the IoU of its box, all others to 0, by quality focal
    loss (Li et al. 2020, "Generalized Focal Loss"); its box by CIoU (Zheng et al. 2020). Both are divided by the number
    of answering cells of the batch.

    Args:
        scores: `(B, N)` logits.
        boxes: `(B, N, 4)` predicted corners in pixels.
        owners: `(B, N)` index of the plate that a cell answers for, -1 for none.
        truths: `(B, M, 4)` true corners in pixels, padded to the most plates of an image; M is at least 1.
        total: returns the sum of a count over all parts of a batch that several processes share; what they return
            adds up to the loss of the whole batch.

    Returns:
        Scalars `loss`, `score_loss`, `box_loss`.
    """
    positive = owners >= 0
    count = total(positive.sum()).clamp(min=1)
    index = owners.clamp(min=0).unsqueeze(-1).expand(-1, -1, 4)
    matched = truths.gather(1, index)[positive]
    predicted = boxes[positive].float()
    quality = torch.zeros_like(scores, dtype=predicted.dtype)
    quality[positive] = aligned_iou(predicted.detach(), matched)
    score_loss = quality_focal_loss(scores.float(), quality).sum() / count
    box_loss = complete_box_iou_loss(predicted, matched, reduction="sum") / count
    return {"loss": score_loss + BOX_WEIGHT * box_loss, "score_loss": score_loss, "box_loss": box_loss}


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
