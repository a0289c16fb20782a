"""A line on a terminal that says how far a long job is. Of our own: reading needs no package that draws bars."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TextIO

_REDRAW = 0.1  # seconds
_WIDTH = 24  # characters of the bar


class Progress:
    """A bar with count, rate and rest, on one line that is gone in the end. To be used in a `with` statement.

    Args:
        total: how many steps there will be.
        unit: what a step is, in the plural.
        stream: where to draw, standard error by default; nothing is drawn on what is no terminal.
    """

    def __init__(self, total: int, unit: str, stream: TextIO | None = None) -> None:
        self._total, self._unit, self._stream = total, unit, stream or sys.stderr
        self._shown = self._stream.isatty() and total > 0
        self._count, self._began, self._drawn = 0, time.monotonic(), 0.0

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            self._write("")

    def step(self) -> None:
        """Count one step, and draw if it is time."""
        self._count += 1
        now = time.monotonic()
        if self._shown and (now - self._drawn >= _REDRAW or self._count == self._total):
            self._drawn = now
            self._write(self._line(now - self._began))

    def clear(self) -> None:
        """Make room for another line, such as an error."""
        if self._shown:
            self._write("")

    def _line(self, seconds: float) -> str:
        rate = self._count / max(seconds, 1e-9)
        full = _WIDTH * self._count // self._total
        left = (self._total - self._count) / rate
        return (
            f"[{'#' * full}{'.' * (_WIDTH - full)}] {self._count}/{self._total} {self._unit}, {rate:.1f}/s, "
            f"{_duration(left)} left"
        )

    def _write(self, line: str) -> None:
        # Carriage return, and erase to the line's end (ECMA-48).
        self._stream.write(f"\r\x1b[K{line}")
        self._stream.flush()


def _duration(seconds: float) -> str:
    """Return minutes and seconds, with hours where there are some.

    >>> _duration(75), _duration(3675)
    ('1:15', '1:01:15')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
