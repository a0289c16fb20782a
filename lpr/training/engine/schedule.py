"""The learning rate over a training, and the average of the weights along it."""

from __future__ import annotations

import copy
import math

import torch
from torch import nn


def rate(step: int, steps: int, warmup: float) -> float:
    """Return the share of the peak learning rate at a step: a linear rise, then half a cosine down to 1%.

    Args:
        step: weight updates made so far, in [0, steps).
        steps: weight updates of the whole training.
        warmup: share of them in which the rate rises.
    """
    rising = max(1, round(steps * warmup))
    if step < rising:
        return (step + 1) / rising
    progress = (step - rising) / max(1, steps - rising)
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * progress))


class Ema:
    """The exponential moving average of a model's weights (Polyak averaging), which is what a training keeps.

    Args:
        model: the model to follow; its copy is made at once.
        decay: share of the average that stays at each update, in [0, 1). Early on less stays, so that the random
            start is soon forgotten.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.model = copy.deepcopy(model).eval().requires_grad_(False)
        self.decay = decay

    @torch.no_grad()
    def update(self, model: nn.Module, updates: int) -> None:
        """Take in the model's weights after its `updates`-th update (from 1 on)."""
        keep = min(self.decay, updates / (updates + 10))
        torch._foreach_lerp_(list(self.model.parameters()), [p.detach() for p in model.parameters()], 1 - keep)
        buffers = list(zip(self.model.buffers(), model.buffers(), strict=True))
        floats = [pair for pair in buffers if pair[0].is_floating_point()]
        if floats:
            torch._foreach_lerp_([average for average, _ in floats], [value for _, value in floats], 1 - keep)
        for count, value in buffers:
            if not count.is_floating_point():
                count.copy_(value)
