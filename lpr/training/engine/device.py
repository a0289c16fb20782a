"""On what to train, and in which precision: found out by a real operation, never by a flag alone."""

from __future__ import annotations

import platform
import subprocess
from dataclasses import dataclass

import torch
from torch.nn import functional

from lpr.base.errors import LprError
from lpr.records.params import Train
from lpr.training.engine import processes

_DTYPES = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}


@dataclass(frozen=True)
class Compute:
    """The device and number format of a training.

    Attributes:
        device: where the model lives.
        precision: fp32, or the format of mixed precision: fp16 (with a loss scaler) or bf16.
        name: the device as its maker calls it.
        why: why it is the CPU although that was not asked for, else None.
    """

    device: torch.device
    precision: str
    name: str
    why: str | None = None

    @property
    def dtype(self) -> torch.dtype:
        """The autocast format."""
        return _DTYPES[self.precision]

    def __str__(self) -> str:
        return f"{self.device.type} ({self.name}), {self.precision}"


def choose(train: Train) -> Compute:
    """Return what `train.device` and `train.precision` come to on this machine.

    Raises:
        LprError: a GPU is asked for or attached and does not work here, or a precision that the device does not have.
    """
    trouble = None if train.device == "cpu" else _cuda_trouble()
    # A session's accelerator is there to be used. Processes that train together must not fall back one by one either.
    together = processes.size() > 1 and torch.cuda.device_count()
    if trouble and (train.device == "cuda" or together or _attached_gpu()):
        raise LprError(
            f"params.yaml: train.device is '{train.device}', but no GPU works here: {trouble}. "
            "Set train.device to 'cpu', or start a session with a GPU that this torch has kernels for "
            "(on Kaggle: Settings, Accelerator, GPU T4 x2)"
        )
    precision: str
    if train.device == "cpu" or trouble:
        if train.precision == "fp16":
            raise LprError("params.yaml: train.precision is 'fp16', which the CPU does not train in; use 'auto'")
        precision = ("bf16" if _has_bf16_units() else "fp32") if train.precision == "auto" else train.precision
        name = f"{platform.machine()}, {torch.get_num_threads()} threads"
        return Compute(torch.device("cpu"), precision, name, f"no GPU works here: {trouble}" if trouble else None)
    # T4 and older have no bf16 matrix units: emulating them costs more than it gains.
    in_cuda = "bf16" if torch.cuda.get_device_capability()[0] >= 8 else "fp16"
    precision = in_cuda if train.precision == "auto" else train.precision
    return Compute(torch.device("cuda"), precision, torch.cuda.get_device_name())


def _has_bf16_units() -> bool:
    """Return whether the processor multiplies bf16 itself; torch emulates it on others, more slowly than fp32."""
    # Not public, and not in every torch: without them training is in fp32.
    asked = (getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"))
    return any(supported is not None and supported() for supported in asked)


def _attached_gpu() -> bool:
    """Return whether the driver's own tool lists a GPU, whatever torch can do with it."""
    try:
        done = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.stdout.startswith("GPU ")


def _cuda_trouble() -> str | None:
    """Run a small convolution forward and backward on the GPU; return what went wrong, None when it worked."""
    try:
        image = torch.ones(1, 3, 8, 8, device="cuda", requires_grad=True)
        kernel = torch.ones(4, 3, 3, 3, device="cuda")
        functional.conv2d(image, kernel).sum().backward()
        torch.cuda.synchronize()
        if image.grad is None or not torch.isfinite(image.grad).all():
            return "a test convolution gave wrong numbers"
    except (RuntimeError, AssertionError) as error:
        # Its first sentence: what follows is advice about drivers.
        return str(error).strip().splitlines()[0].split(". ")[0]
    return None
