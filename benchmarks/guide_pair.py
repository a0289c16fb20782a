"""The pair of models that a common guide to this task builds: ResNet-50 for the box, ResNet-18 for the text."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torchvision.models import resnet18, resnet50

CHARACTERS = 36
STEPS = 4
"""Columns that ResNet-18 leaves of a crop of 128 pixels, each a time step."""


class GuidePair(nn.Module):
    """`(B, 3, 224, 224)` to `(B, 5)`, and `(B, 3, 32, 128)` to `(B, 4, 36)`; random weights."""

    def __init__(self) -> None:
        super().__init__()
        self.detector = resnet50(weights=None, num_classes=5)
        self.features = nn.Sequential(*list(resnet18(weights=None).children())[:-2])
        self.classify = nn.Linear(512, CHARACTERS)

    def forward(self, images: Tensor, crops: Tensor) -> tuple[Tensor, Tensor]:
        """Return the boxes with their confidences, and the logits."""
        columns = self.features(crops).mean(dim=2).transpose(1, 2)
        return self.detector(images).sigmoid(), self.classify(columns)


def guide_pair(threads: int) -> GuidePair:
    """Return the pair, ready for inference with `threads` threads."""
    torch.set_num_threads(threads)
    return GuidePair().eval()
