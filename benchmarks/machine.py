"""The machine of a run: what it is, how busy it was, and how fast it can multiply."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

import torch

from benchmarks.goals import RESULTS
from benchmarks.stopwatch import seconds
from lpr.base.processors import usable_cores

SIDE = 2048
REPEATS = 9


def processor() -> str:
    """Return the processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def kind() -> str:
    """Return the processor's kind by its widest vector instructions, as torch names them: avx2, avx512, default."""
    return torch.backends.cpu.get_cpu_capability().lower().replace(" ", "-")


def results_folder() -> Path:
    """Return the committed folder for this kind of processor: ratios of another kind lie beside them."""
    return RESULTS / kind()


def describe() -> str:
    """Return one line on the machine and the software."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("onnxruntime", "torch", "numpy", "pillow"))
    vectors = torch.backends.cpu.get_cpu_capability()
    load = f", load average {os.getloadavg()[0]:.1f} at the end" if hasattr(os, "getloadavg") else ""
    return (
        f"{processor()}, {usable_cores()} cores ({vectors}), {platform.system()}, Python {platform.python_version()}, "
        f"{packages}{load}"
    )


def peak_flops(threads: int) -> float:
    """Return the float32 operations a second that a large matrix product reaches in its best run."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    a, b = torch.rand(SIDE, SIDE), torch.rand(SIDE, SIDE)
    times = [seconds(lambda: a @ b) for _ in range(REPEATS)]
    torch.set_num_threads(before)
    return 2 * SIDE**3 / min(times)
