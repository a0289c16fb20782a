"""How much of its time a GPU computes."""

from __future__ import annotations

import time
from collections.abc import Iterable

import torch
from torch.autograd import DeviceType
from torch.profiler import ProfilerActivity, profile

Interval = tuple[float, float]


def covered(intervals: Iterable[Interval]) -> float:
    """Return the length of what any of some intervals `(start, end)` covers: what two share counts once."""
    total, reached = 0.0, float("-inf")
    for start, end in sorted(intervals):
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total


class Kernels:
    """From its making until `share`: the time in which kernels ran on the GPU, as torch's profiler records them."""

    def __init__(self) -> None:
        torch.cuda.synchronize()
        self._profile = profile(activities=[ProfilerActivity.CUDA])
        self._profile.__enter__()
        self._began = time.perf_counter()

    def share(self) -> float:
        """End the recording and return the share of its time in which at least one kernel ran; copies do not count."""
        torch.cuda.synchronize()
        seconds = time.perf_counter() - self._began
        self._profile.__exit__(None, None, None)
        kernels = [
            (event.time_range.start, event.time_range.end)
            for event in self._profile.events()
            if event.device_type == DeviceType.CUDA
            # Neither copies nor the ranges that torch itself names, which span pauses too.
            and not event.name.startswith("Mem")
            and not getattr(event, "is_user_annotation", False)
        ]
        return covered(kernels) / 1e6 / seconds
