"""What a case may not do, watched from inside the process: write elsewhere, start programs, run what a file says."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_FORBIDDEN = (
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.fork",
    "pickle.find_class",
    "socket.connect",
    "os.startfile",
)
_CHANGES = ("os.mkdir", "os.remove", "os.rmdir", "os.rename", "os.link", "os.symlink", "os.truncate", "os.chmod")
_PROGRAMS = ("git",)
"""Programs that a case may start."""


class Guard:
    """Watches a process by an audit hook, which sees what Python itself does, and by the folder beside the case's.

    Args:
        sandbox: a folder with `work`, where a case may write, and `outside`, which must stay as it is.
    """

    def __init__(self, sandbox: Path) -> None:
        self.work, self.outside = sandbox / "work", sandbox / "outside"
        self.work.mkdir(parents=True, exist_ok=True)
        self.outside.mkdir(exist_ok=True)
        self.canary = self.outside / "canary.bin"
        self.canary.write_bytes(bytes(range(256)) * 4096)
        self._seen: list[str] | None = None
        self._before = self._tree()
        sys.addaudithook(self._hook)

    @contextmanager
    def watching(self) -> Iterator[list[str]]:
        """Yield a list that holds, after the block, what was done that may not be."""
        self._seen = seen = []
        try:
            yield seen
        finally:
            self._seen = None
            if (after := self._tree()) != self._before:
                changed = sorted(set(after.items()) ^ set(self._before.items()))
                seen.append(f"changed outside the working folder: {changed[:3]}")
                self._before = after

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        seen = self._seen
        if seen is None:
            return
        wrong = event in _FORBIDDEN
        if event == "subprocess.Popen":
            wrong = Path(os.fsdecode(arguments[0])).name not in _PROGRAMS
        elif event == "open" and isinstance(arguments[0], str | bytes):
            name, mode, flags = arguments
            writes = set(mode) & set("wax+") if mode else flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            wrong = self._lies(name, self.outside) or bool(writes and not self._may_write(name))
        elif event in _CHANGES and isinstance(arguments[0], str | bytes):
            wrong = not self._may_write(arguments[0])
        if wrong:
            seen.append(f"{event} {str(arguments)[:200]}")

    def _may_write(self, name: str | bytes) -> bool:
        return os.fsdecode(name) == os.devnull or self._lies(name, self.work)

    def _lies(self, name: str | bytes, folder: Path) -> bool:
        # Not Path.resolve: it would be seen by this hook, and must not fail on what is no path.
        real = os.path.normpath(os.path.join(os.getcwd(), os.fsdecode(name)))  # noqa: PTH109, PTH118
        return real == str(folder) or real.startswith(f"{folder}{os.sep}")

    def _tree(self) -> dict[str, tuple[int, int]]:
        top = self.work.parent
        found = [*top.iterdir(), *self.outside.rglob("*")]
        return {str(path): _facts(path) for path in found if path != self.work}


def _facts(path: Path) -> tuple[int, int]:
    status = path.lstat()
    return (0, 0) if path.is_dir() else (status.st_size, status.st_mtime_ns)
