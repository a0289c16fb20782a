"""Batch normalisation over the batches of all processes, so that a model trains the same however many share a batch."""

from __future__ import annotations

from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable


def synchronised(model: nn.Module, device: torch.device) -> None:
    """Change the batch normalisations inside `model`: on GPUs into torch's own, which has no version for the CPU."""
    if device.type == "cuda":
        nn.SyncBatchNorm.convert_sync_batchnorm(model)
        return
    for module in model.modules():
        if type(module) is nn.BatchNorm2d:
            # The same fields, another way to compute the statistics.
            module.__class__ = SharedBatchNorm2d


class SharedBatchNorm2d(nn.BatchNorm2d):
    """`nn.SyncBatchNorm` for CPUs."""

    def forward(self, x: Tensor) -> Tensor:
        """Normalise `(B, C, H, W)` by the mean and variance of all processes' batches."""
        if not self.training:
            return super().forward(x)
        values = x.float()
        ones = values.new_full((1,), values.numel() / values.shape[1])
        sums = _Total.apply(torch.cat([values.sum((0, 2, 3)), ones]))
        count = sums[-1].detach()
        mean = sums[:-1] / count
        centred = values - mean[:, None, None]
        variance = _Total.apply(centred.square().sum((0, 2, 3))) / count
        assert self.running_mean is not None and self.running_var is not None and self.momentum is not None
        with torch.no_grad():
            self.num_batches_tracked.add_(1)  # type: ignore[union-attr]
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(variance * (count / (count - 1)), self.momentum)
        scale = (variance + self.eps).rsqrt() * self.weight
        return (centred * scale[:, None, None] + self.bias[:, None, None]).to(x.dtype)


class _Total(Function):
    """The sum over all processes, and of their gradients on the way back."""

    @staticmethod
    def forward(_: Any, part: Tensor) -> Tensor:
        whole = part.clone()
        dist.all_reduce(whole)
        return whole

    @staticmethod
    @once_differentiable
    def backward(_: Any, gradient: Tensor) -> Tensor:
        whole = gradient.contiguous().clone()
        dist.all_reduce(whole)
        return whole
