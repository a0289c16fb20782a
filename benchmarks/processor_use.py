"""What steps of a training take: time, and processors of the training and of the processes that prepare batches."""

from __future__ import annotations

import multiprocessing
import os
import time
from dataclasses import dataclass
from pathlib import Path

import torch


@dataclass(frozen=True)
class Use:
    """What one step took.

    Attributes:
        seconds: on the clock.
        cpu: seconds of processors in the training process.
        preparing: seconds of processors in the processes that prepare batches.
        waiting: seconds on the clock for the next batch.
        busy: share of the time in which the GPU computed; None without one.
    """

    seconds: float
    cpu: float
    preparing: float = 0.0
    waiting: float = 0.0
    busy: float | None = None


@dataclass(frozen=True)
class Seldom:
    """What comes once in a while, in seconds on the clock: saving the state, the epoch's end, validation within it."""

    saving: float
    logging: float
    validating: float


class Clock:
    """Time and CPU use since it was made."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self._start = self._now()

    def _now(self) -> tuple[float, float, float]:
        if self.device.type == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter(), time.process_time(), cpu_of_children()

    def use(self, steps: int, waiting: float = 0.0) -> Use:
        """Return what each of some steps took."""
        spent = (now - then for now, then in zip(self._now(), self._start, strict=True))
        return Use(*(each / steps for each in spent), waiting / steps)


def cpu_of_children() -> float:
    """Return the seconds of processors that the running children used so far. Linux tells; elsewhere it is 0."""
    ticks = 0
    for child in multiprocessing.active_children():
        try:
            # The name before the ")" may hold spaces.
            fields = Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK") if ticks else 0.0
