"""The OCR written as ONNX Runtime computes it fastest on a CPU: the same weights and log-odds by other operators.

What is other than in `lpr.ocr.model`, which is written for training:

- The weighted mean over the heights is a matrix product for each column, with the channels last as the convolutions in
  integers leave them.
- Linear layers work on all time steps of a batch as one matrix. Only so does the runtime add the bias in the product,
  and leave the last residual sum out of the layer normalisation, whose fused kernel takes ten times as long as both.
- GELU is spelled in the order that the runtime recognises and computes at once.
- Queries, keys and values come from a product each, so that nothing has to be split; the temperature is in the weights.
"""

from __future__ import annotations

import math
from typing import cast

import torch
from torch import Tensor, nn

from lpr.ocr.model import COLUMNS, HEADS, LINES, Ocr


class OcrGraph(nn.Module):
    """Computes what an `Ocr` computes.

    Args:
        ocr: with its weights and temperature; it is not changed.
    """

    def __init__(self, ocr: Ocr) -> None:
        super().__init__()
        attention = ocr.attention
        assert ocr.heights.bias is not None
        self.features = ocr.features
        self.heights = _linear(ocr.heights.weight.flatten(1), ocr.heights.bias)
        self.position = ocr.position
        self.first_norm = attention.norm
        parts = zip(attention.qkv.weight.chunk(3), attention.qkv.bias.chunk(3), strict=True)
        self.qkv = nn.ModuleList(_linear(weight, bias) for weight, bias in parts)
        self.out = attention.out
        self.second_norm, self.widen, _, self.narrow = cast("list[nn.Module]", list(attention.mlp))
        self.last_norm = ocr.norm
        self.classify = _linear(ocr.classify.weight / ocr.temperature, ocr.classify.bias / ocr.temperature)

    def forward(self, crops: Tensor) -> Tensor:
        """Return `(B, 64, 36)` log-odds of `(B, 3, 32, 128)` crops; see `Ocr.forward`."""
        columns = self.features((crops - 0.5) * 4).permute(0, 3, 2, 1)
        channels, steps = columns.shape[3], LINES * COLUMNS
        weights = self.heights(columns).softmax(dim=2)
        lines = (weights.transpose(2, 3) @ columns).transpose(1, 2).reshape(-1, steps, channels)
        x = (lines + self.position).reshape(-1, channels)
        normed = self.first_norm(x)
        q, k, v = (part(normed).reshape(-1, steps, HEADS, channels // HEADS).transpose(1, 2) for part in self.qkv)
        attended = (q @ k.transpose(2, 3) / (channels // HEADS) ** 0.5).softmax(dim=-1) @ v
        x = x + self.out(attended.transpose(1, 2).reshape(-1, channels))
        x = x + self.narrow(_gelu(self.widen(self.second_norm(x))))
        logits: Tensor = self.classify(self.last_norm(x))
        return logits.reshape(-1, steps, logits.shape[1])


def _linear(weight: Tensor, bias: Tensor) -> nn.Linear:
    outputs, inputs = weight.shape
    layer = nn.Linear(inputs, outputs, device="meta")
    layer.weight, layer.bias = nn.Parameter(weight.detach()), nn.Parameter(bias.detach())
    return layer


def _gelu(x: Tensor) -> Tensor:
    return x * (torch.erf(x / math.sqrt(2)) + 1) * 0.5
