"""Batches in an order that depends on the seed alone, so that a training can stop anywhere and go on."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from lpr.base.errors import LprError
from lpr.training.engine.processes import share

Key = tuple[int, int]
"""What a training data set is asked for: `(epoch, index)`; the sample's augmentation depends on both."""


class DeadWorkerError(LprError):
    """A process that prepares batches died."""


class StepSampler(Sampler[list[Key]]):
    """Yields the keys of every batch of a training from one step on.

    Each epoch is a permutation of its own; what does not fill its last batch is left out, and comes at another place in
    the next epoch.

    Args:
        size: samples of the data set; fewer than a batch are repeated to fill one.
        batch_size: samples of a batch.
        epochs: passes over the data.
        seed: of the order.
        start: step to begin at.
    """

    def __init__(self, size: int, batch_size: int, epochs: int, seed: int, start: int = 0) -> None:
        self.size, self.batch_size, self.epochs, self.seed, self.start = size, batch_size, epochs, seed, start
        self.steps_per_epoch = max(1, size // batch_size)

    def __len__(self) -> int:
        return self.epochs * self.steps_per_epoch - self.start

    def __iter__(self) -> Iterator[list[Key]]:
        for epoch in range(self.start // self.steps_per_epoch, self.epochs):
            generator = torch.Generator().manual_seed(self.seed * 1_000_003 + epoch)
            order = torch.randperm(self.size, generator=generator).tolist()
            first = self.start % self.steps_per_epoch if epoch == self.start // self.steps_per_epoch else 0
            for step in range(first, self.steps_per_epoch):
                keys = order[step * self.batch_size : (step + 1) * self.batch_size]
                while len(keys) < self.batch_size:
                    keys += order[: self.batch_size - len(keys)]
                yield [(epoch, index) for index in keys]


class Shared(Sampler[list[Key]]):
    """This process's part of every batch of another sampler."""

    def __init__(self, whole: StepSampler) -> None:
        self.whole = whole

    def __len__(self) -> int:
        return len(self.whole)

    def __iter__(self) -> Iterator[list[Key]]:
        return map(share, self.whole)


def loader(dataset: Dataset[Any], sampler: StepSampler, workers: int, pin: bool) -> DataLoader[Any]:
    """Return a loader of this process's part of the sampler's batches, prepared by `workers` processes (0: none)."""
    return DataLoader(
        dataset,
        batch_sampler=Shared(sampler),
        num_workers=workers,
        pin_memory=pin,
        worker_init_fn=_start_worker if workers else None,
        prefetch_factor=4 if workers else None,
    )


def fetched(batches: Iterable[dict[str, Tensor]], name: str) -> Iterator[dict[str, Tensor]]:
    """Yield the batches of a loader.

    Raises:
        DeadWorkerError: a process that prepares them died; the message starts with `name`, the task's.
    """
    iterator = iter(batches)
    # torch reports such a death from a signal handler, in the middle of anything; next() finds it as well.
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    while True:
        try:
            batch = next(iterator)
        except StopIteration:
            return
        except (RuntimeError, ConnectionError, EOFError) as error:
            if isinstance(error, RuntimeError) and not str(error).startswith("DataLoader worker"):
                raise
            raise DeadWorkerError(
                f"{name}: a process that prepares images was killed ({error}); most often memory or /dev/shm is short: "
                "close other programs or lower train.workers, then run `dvc repro`, which goes on from the saved state"
            ) from error
        yield batch


def _start_worker(_: int) -> None:
    # Ctrl-C reaches every process of the terminal, and torch's launcher stops whole groups of processes: the main one
    # decides when to stop. A worker yields to the training threads where they compete for a core.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.nice(5)
    torch.set_num_threads(1)
