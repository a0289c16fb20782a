"""Connections that take too long to ask for anything."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

IDLE_SECONDS = 10.0
"""How long a connection may take to send a request's head, or what is left of a body that has been answered."""


class PatientConnection(H11Protocol):
    """Uvicorn's HTTP/1.1, which closes connections between requests that send nothing whole for a while.

    Uvicorn itself closes those alone that have sent nothing at all since their last answer.
    """

    _closing: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Take bytes of a request."""
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        if self._closing:
            self._closing.cancel()
        super().connection_lost(exc)

    @property
    def _at_work(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _watch(self) -> None:
        if self._at_work:
            if self._closing:
                self._closing.cancel()
            self._closing = None
        elif self._closing is None:
            self._closing = self.loop.call_later(IDLE_SECONDS, self._give_up)

    def _give_up(self) -> None:
        self._closing = None
        if not self._at_work and not self.transport.is_closing():
            self.transport.close()
