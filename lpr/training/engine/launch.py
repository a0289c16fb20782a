"""Starting a training in several processes by torch's own launcher (torchrun): one for each GPU, unasked."""

from __future__ import annotations

import os

import torch
from torch.distributed.elastic.multiprocessing.api import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.run import parse_args
from torch.distributed.run import run as torchrun

from lpr.base.errors import LprError
from lpr.records.params import Train

_ELSEWHERE = ("PET_NNODES", "PET_RDZV_ENDPOINT", "PET_MASTER_ADDR")
_HERE = "PET_NPROC_PER_NODE"


def wanted(train: Train) -> bool:
    """Return whether a training that was started plainly is to run in several processes.

    That is where more than one GPU is visible, or where torchrun's own variables ask for it: `PET_NPROC_PER_NODE`,
    `PET_NNODES` and what belongs to it.
    """
    if {"RANK", "WORLD_SIZE"} <= os.environ.keys():
        return False
    asked = any(name in os.environ for name in (*_ELSEWHERE, _HERE))
    return asked or (train.device != "cpu" and torch.cuda.device_count() > 1)


def launch(module: str) -> int:
    """Run `python -m module` in several processes and return their exit status.

    Returns:
        0, or 128 + the number of the signal that stopped them, or the status of the one that failed first.

    Raises:
        LprError: a process was killed.
    """
    arguments = ["-m", module]
    if not any(name in os.environ for name in _ELSEWHERE):
        arguments = ["--standalone", "--local-addr=127.0.0.1", *arguments]
    if _HERE not in os.environ:
        arguments = [f"--nproc-per-node={max(1, torch.cuda.device_count())}", *arguments]
    try:
        torchrun(parse_args(arguments))
    except SignalException as stop:
        return 128 + int(stop.sigval)
    except ChildFailedError as error:
        # One that was killed is the cause, others that lost it merely follow; so do those that end with a traceback.
        rank, failure = min(error.failures.items(), key=lambda item: (item[1].exitcode > 0, item[1].timestamp))
        if failure.exitcode >= 0:
            return failure.exitcode
        raise LprError(
            f"process {rank} of the training was killed by signal {-failure.exitcode} ({failure.signal_name()}; "
            "9 without a known sender: memory is short); `dvc repro` goes on from the state that was saved last"
        ) from error
    return 0
