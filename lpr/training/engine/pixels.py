"""From stored pixels to a model's input."""

from __future__ import annotations

from torch import Tensor


def to_input(images: Tensor) -> Tensor:
    """Return `(B, H, W, 3)` uint8 as `(B, 3, H, W)` float32 in [0, 1], channels last in memory."""
    return images.permute(0, 3, 1, 2).float().div_(255)
