"""The OCR network: a small residual CNN, two reading lines that attend over height, and one self-attention layer."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from lpr.layers import Residual, conv
from lpr.plate.text import ALPHABET

LINES = 2
"""Reading lines: a plate has one or two lines of text, and each line is read by a pointer of its own."""
COLUMNS = 32
"""Time steps of a reading line, left to right over the crop's 128 pixels."""
HEADS = 4


class _Attention(nn.Module):
    """One pre-norm transformer layer over all time steps: a character is judged knowing the others."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels)
        self.qkv = nn.Linear(channels, 3 * channels)
        self.out = nn.Linear(channels, channels)
        self.mlp = nn.Sequential(
            nn.LayerNorm(channels), nn.Linear(channels, 2 * channels), nn.GELU(), nn.Linear(2 * channels, channels)
        )

    def forward(self, x: Tensor) -> Tensor:
        steps, channels = x.shape[1], x.shape[2]
        q, k, v = (
            part.reshape(-1, steps, HEADS, channels // HEADS).transpose(1, 2)
            for part in self.qkv(self.norm(x)).chunk(3, dim=-1)
        )
        # Written out: so few steps train a fifth faster this way on a CPU than by torch's fused attention.
        attended = (q @ k.transpose(2, 3) / (channels // HEADS) ** 0.5).softmax(dim=-1) @ v
        x = x + self.out(attended.transpose(1, 2).reshape(-1, steps, channels))
        return x + self.mlp(x)


class Ocr(nn.Module):
    """Reads a plate.

    The CNN leaves a map of 4 x 32 cells. For each of the two reading lines a 1x1 convolution scores the four heights of
    every column; their softmax-weighted mean is that line's feature there, so that each line follows the text
    also when it is tilted. Time runs along the upper line, then along the lower one, and is decoded by CTC.

    The log-odds are divided by a `temperature` (Guo et al. 2017, "On Calibration of Modern Neural Networks"): 1 while
    the network learns, then what makes its confidence honest.

    Args:
        width: channels of the first layer; even.
    """

    def __init__(self, width: int = 24) -> None:
        super().__init__()
        self.arguments: dict[str, Any] = {"width": width}
        channels = 4 * width
        self.features = nn.Sequential(
            conv(3, width, 2),
            Residual(width),
            conv(width, 2 * width, 2),
            Residual(2 * width),
            Residual(2 * width),
            conv(2 * width, channels, (2, 1)),
            Residual(channels),
        )
        self.heights = nn.Conv2d(channels, LINES, 1)
        self.position = nn.Parameter(torch.zeros(1, LINES * COLUMNS, channels))
        self.attention = _Attention(channels)
        self.norm = nn.LayerNorm(channels)
        self.classify = nn.Linear(channels, len(ALPHABET))
        # A buffer, so that it travels with the weights.
        self.temperature: Tensor
        self.register_buffer("temperature", torch.ones(()))
        nn.init.trunc_normal_(self.position, std=0.02)
        # Nearly every time step shows no character: start from there, and CTC takes off sooner.
        nn.init.constant_(self.classify.bias, -5.0)

    def forward(self, crops: Tensor) -> Tensor:
        """Return `(B, 64, 36)` log-odds of each character against "no character".

        Args:
            crops: `(B, 3, 32, 128)` float RGB in [0, 1].
        """
        x = self.features((crops - 0.5) * 4)
        weights = self.heights(x).softmax(dim=2)
        lines = [(x * weights[:, line : line + 1]).sum(dim=2) for line in range(LINES)]
        steps = torch.cat(lines, dim=2).transpose(1, 2) + self.position
        logits: Tensor = self.classify(self.norm(self.attention(steps)))
        return logits / self.temperature
