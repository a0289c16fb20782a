"""What a program and all processes that it starts take: time, CPU and memory. Linux tells."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lpr.base.errors import LprError

EVERY = 0.2
"""Seconds between looks at the memory of all processes together."""
_PROGRAM = """
import json, resource, runpy, sys
from pathlib import Path
peak = Path(sys.argv.pop(1))
module = sys.argv.pop(1)
try:
    runpy.run_module(module, run_name="__main__", alter_sys=True)
finally:
    own = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    peak.write_text(json.dumps(max(int(own.split()[1]), children)))
"""


@dataclass(frozen=True)
class Footprint:
    """What a run took.

    Attributes:
        seconds: on the clock.
        cpu: seconds of processors, of all its processes.
        largest: the most megabytes that one process held, shared ones too, as Linux keeps count of it.
        together: the most megabytes that all were seen to hold at one moment, shared ones counted once. Where others
            on the machine share them as well, or a peak is short, that is less than `largest`.
    """

    seconds: float
    cpu: float
    largest: float
    together: float


def run_module(module: str, folder: Path, environment: Mapping[str, str], log: Path) -> Footprint:
    """Run a module in a folder by itself, what it prints going to `log`, and return what it took.

    Raises:
        LprError: it failed, or this is no Linux.
    """
    if sys.platform != "linux":
        raise LprError("the memory of processes is read from /proc: run `make bench-scale` on Linux")
    peak = log.with_suffix(".json")
    command = [sys.executable, "-c", _PROGRAM, str(peak.resolve()), module]
    start = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT)
        with _Memory(process.pid) as memory:
            # Waited for by hand: its own and its children's use, apart from that of earlier runs.
            _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    elapsed = time.perf_counter() - start
    if process.returncode:
        raise LprError(f"{module} in {folder} ended with {process.returncode}; see {log}")
    # Not from `usage`, in which Linux counts this process's own memory from before the program replaced it.
    largest = json.loads(peak.read_text(encoding="utf-8"))
    # A program that is over before the first look had one process worth counting.
    everything = memory.peak or largest
    return Footprint(elapsed, usage.ru_utime + usage.ru_stime, largest / 1024, everything / 1024)


def tree(pid: int) -> list[int]:
    """Return a process and all that it started, directly or not, as far as they are running."""
    found = [pid]
    for parent in found:
        for listed in Path(f"/proc/{parent}/task").glob("*/children"):
            found += _numbers(listed)
    return found


def _numbers(path: Path) -> list[int]:
    try:
        return [int(number) for number in path.read_text().split()]
    except OSError:  # its process has ended
        return []


def together(pids: list[int]) -> int:
    """Return the kilobytes that processes hold; what several share is counted once."""
    return sum(_proportional(pid) for pid in pids)


def _proportional(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:  # it has ended
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


class _Memory:
    """Looks at the memory of a process and its children in a thread, while the block runs."""

    def __init__(self, pid: int) -> None:
        self.peak = 0
        self._pid, self._ended = pid, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> _Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(EVERY):
            self.peak = max(self.peak, together(tree(self._pid)))
