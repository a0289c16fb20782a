"""Several processes that train one model together, started by torch's launcher; alone, one does nothing of this.

Parts of a batch add up to the whole: every process takes its share of each batch, and its part of the loss is divided
by what is counted in all of them, so that the result does not depend on how many they are.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn

from lpr.base.errors import LprError
from lpr.training.engine.norm import synchronised

Parameters = ParamSpec("Parameters")
Value = TypeVar("Value")

_PATIENCE = timedelta(hours=12)
"""Others wait while the first one prepares images or validates; the launcher ends them when it dies."""
_LOST = re.compile(r"connection (was )?(closed|reset)|broken pipe|socket closed", re.IGNORECASE)


def rank() -> int:
    """Return this process's number, 0 when it is alone. Process 0 alone validates, logs and saves."""
    return dist.get_rank() if dist.is_initialized() else 0


def size() -> int:
    """Return how many processes train together."""
    return dist.get_world_size() if dist.is_initialized() else 1


@contextmanager
def joined() -> Iterator[None]:
    """Join the processes that the launcher's environment variables name, for the length of the block.

    Raises:
        LprError: more processes than GPUs were started on this machine, or another process ended.
    """
    if not {"RANK", "WORLD_SIZE"} <= os.environ.keys() or dist.is_initialized():
        yield
        return
    gpus = torch.cuda.device_count()
    if gpus:
        local = int(os.environ.get("LOCAL_RANK", "0"))
        if local >= gpus:
            raise LprError(f"more processes than GPUs were started here: lower --nproc-per-node to {gpus}")
        torch.cuda.set_device(local)
    # Numbers that the host needs at once travel by gloo, so that no step waits for a GPU.
    dist.init_process_group("cpu:gloo,cuda:nccl" if gpus and dist.is_nccl_available() else "gloo", timeout=_PATIENCE)
    try:
        yield
    except RuntimeError as error:
        if not _LOST.search(str(error)):
            raise
        raise LprError("another process of this training ended; its message says why") from error
    dist.destroy_process_group()


@contextmanager
def one_first() -> Iterator[None]:
    """Let one process of each machine run the block before the others, which then find what it left."""
    waits = size() > 1 and int(os.environ.get("LOCAL_RANK", "0")) > 0
    if waits:
        agree(0)
    yield
    if not waits:
        agree(0)


def first_only(act: Callable[Parameters, None]) -> Callable[Parameters, None]:
    """Return `act` as process 0 does it; in the others it does nothing."""

    @wraps(act)
    def acts(*args: Parameters.args, **kwargs: Parameters.kwargs) -> None:
        if rank() == 0:
            act(*args, **kwargs)

    return acts


def from_first(make: Callable[[], Value]) -> Value:
    """Return in all processes what `make` returns in process 0, which alone calls it."""
    values: list[Any] = [make() if rank() == 0 else None]
    if size() > 1:
        dist.broadcast_object_list(values, src=0)
    value: Value = values[0]
    return value


def to_first(part: Tensor) -> Tensor:
    """Return the sum of all processes' tensors in process 0, zeros in the others."""
    whole = total(part)
    return whole if rank() == 0 else torch.zeros_like(whole)


def total(part: Tensor) -> Tensor:
    """Return the sum of all processes' tensors; `part` itself in a process alone."""
    if size() > 1:
        part = part.clone()
        dist.all_reduce(part)
    return part


def agree(*numbers: int) -> tuple[int, ...]:
    """Return the largest of each number among all processes."""
    if size() == 1:
        return numbers
    largest = torch.tensor(numbers)
    dist.all_reduce(largest, dist.ReduceOp.MAX)
    return tuple(int(number) for number in largest)


def check_batch(batch_size: int) -> None:
    """Raise LprError if a batch has too few samples for each process to have a part of it."""
    if batch_size < size():
        raise LprError(
            f"params.yaml: train.batch_size is {batch_size}, fewer than the {size()} processes that train together: "
            "raise it, or start fewer"
        )


def share(keys: list[Value]) -> list[Value]:
    """Return this process's part of a batch: together they make the whole, and differ by at most one sample."""
    first, last = (len(keys) * part // size() for part in (rank(), rank() + 1))
    return keys[first:last]


def replicate(objective: nn.Module, device: torch.device) -> nn.Module:
    """Return the module that computes `objective` in all processes, its gradients averaged in each backward pass."""
    if size() == 1:
        return objective
    synchronised(objective, device)
    devices = [torch.cuda.current_device()] if device.type == "cuda" else None
    return nn.parallel.DistributedDataParallel(objective, device_ids=devices, gradient_as_bucket_view=True)


def averaged(objective: nn.Module, last: bool) -> AbstractContextManager[Any]:
    """Return a context for a step of a group; its backward passes average the gradients in the last one alone."""
    if last or not isinstance(objective, nn.parallel.DistributedDataParallel):
        return nullcontext()
    return objective.no_sync()
