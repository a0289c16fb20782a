"""Stages whose DVC was killed: they end by themselves, and no other run of the stage begins before they have.

Kill DVC alone, and the stage that it started would go on, to write into the same folders as the one that the next
`dvc repro` starts.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lpr.base import console
from lpr.base.errors import LprError

WORK = Path(".work")
"""Git-ignored folder of what can be made again."""

_PATIENCE = 300.0
"""Seconds that an earlier run has to end: a training ends after its step, or its validation."""
_PR_SET_PDEATHSIG = 1


def run(name: str, main: Callable[[], int | None], *leftovers: str) -> None:
    """Run a stage's `main` as `console.run` does, but alone.

    Args:
        name: of the stage.
        main: what it does.
        leftovers: patterns of the half-written files that a killed run leaves beside its outputs; they are removed.
    """

    def begin() -> int | None:
        with alone(WORK / name, f"stages.{name}"):
            clear(Path(), *leftovers)
            return main()

    console.run(begin)


def end_with_parent() -> None:
    """Let SIGTERM come to this process when the DVC or the launcher that started it is gone; on Linux alone."""
    if sys.platform != "linux" or not {"DVC_STAGE", "RANK"} & os.environ.keys():
        return
    parent = os.getppid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it went before it could be watched
        os.kill(os.getpid(), signal.SIGTERM)


@contextmanager
def alone(folder: Path, name: str) -> Iterator[None]:
    """Keep all others that ask for the same folder waiting for the length of the block.

    The lock is the kernel's, so that a process that is killed leaves none behind. It is held as well by the processes
    that this one forks, which may outlive it for a moment.

    Args:
        folder: made if it is not there.
        name: of what runs, as `ps` shows it.

    Raises:
        LprError: the one that runs there does not end.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if os.name != "posix":  # folders cannot be opened
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        _lock(handle, folder, name)
        yield
    finally:
        os.close(handle)


def clear(folder: Path, *patterns: str) -> None:
    """Remove what a killed run left behind: the files and folders of these patterns."""
    for path in (path for pattern in patterns for path in folder.glob(pattern)):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _lock(handle: int, folder: Path, name: str) -> None:
    import fcntl

    until, told = time.monotonic() + _PATIENCE, False
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            pass
        except OSError:  # a file system without locks
            return
        if time.monotonic() > until:
            raise LprError(
                f"{folder}: another {name} is at work here: wait for it, or end it (`ps ax | grep {name}` shows its "
                "number), then run again"
            )
        if not told:
            print(f"waiting for another {name} in this folder to end", flush=True)
            told = True
        time.sleep(0.1)
