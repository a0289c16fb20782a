"""Ctrl-C and SIGTERM, taken at a moment when nothing is half done."""

from __future__ import annotations

import os
import signal
from types import FrameType, TracebackType
from typing import Any


class Interrupts:
    """Within the block, SIGINT and SIGTERM only set `received`; a second SIGINT interrupts at once.

    Args:
        supervised: whether another process started this one to watch over it; when that is gone, it counts as SIGTERM.
    """

    def __init__(self, supervised: bool) -> None:
        self._received: int | None = None
        self._supervisor = os.getppid() if supervised else None
        self._previous: dict[int, Any] = {}

    @property
    def received(self) -> int | None:
        """Number of the signal that came, None while there was none."""
        if self._received is None and self._supervisor not in (None, os.getppid()):
            self._received = signal.SIGTERM
        return self._received

    def __enter__(self) -> Interrupts:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._previous[number] = signal.signal(number, self._receive)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def _receive(self, number: int, _: FrameType | None) -> None:
        if self._received == signal.SIGINT and number == signal.SIGINT:
            raise KeyboardInterrupt
        self._received = number
