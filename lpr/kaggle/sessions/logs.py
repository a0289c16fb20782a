"""The log of a session: what it has left, or, while it runs, as it comes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from lpr.kaggle.service.client import Client
from lpr.kaggle.service.errors import KaggleError
from lpr.kaggle.sessions.kernels import OVERTIME, Status, kernel_output, kernel_status, readable_log, still_running


def read_log(client: Client, kernel: str) -> list[str]:
    """Return the lines that a kernel's log has so far. Raises KaggleError where there is no such kernel or output."""
    return readable_log(kernel_output(client, kernel)[1])


def follow_log(client: Client, kernel: str, hours: float, show: Callable[[str], None]) -> Status:
    """Show a running kernel's log as it comes, and return its last status.

    A connection that breaks off is made anew; the service then begins from the start, and what came is passed over.

    Args:
        client: the connection.
        kernel: `owner/slug`.
        hours: the session's limit; `OVERTIME` later it is given up.
        show: takes each piece of the log, once.

    Raises:
        LprError: there is no such kernel (KaggleError), or it is not over `OVERTIME` after its limit.
    """
    seen = 0
    for report in client.policy.polling(3600 * (hours + OVERTIME), f"the log of {kernel}"):
        status = kernel_status(client, kernel)
        if status.state != "QUEUED":
            try:
                for number, piece in enumerate(_stream(client, kernel)):
                    if number >= seen:
                        seen += 1
                        show(piece)
            except KaggleError as error:
                if not error.temporary and error.kind != "missing":
                    raise
                report(f"{status.state.lower()}, {error}")
        if status.over:
            return status
        report(status.state.lower())
    raise still_running(status)


def _stream(client: Client, kernel: str) -> Iterator[str]:
    doing = f"following the log of {kernel}"
    events: Iterator[Any] = client.log_events(kernel)
    while (event := client.ask(doing, lambda: next(events, None))) is not None:
        yield str(event.get("data", "")) if isinstance(event, dict) else json.dumps(event)
