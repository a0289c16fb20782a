"""Faults that tests order from the stand-in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass
class Fault:
    """One way to fail.

    kind: `status` answers with that HTTP status; `body` answers 200 with the code in the JSON body; `result` answers
    200 with `status: error`; `reset` resets the connection before anything is done, `lost` after it was done; `cut`
    passes `after` bytes of a download or an upload and then resets.
    """

    kind: Literal["status", "body", "result", "reset", "lost", "cut"]
    status: int = 500
    message: str = "made to fail"
    headers: dict[str, str] = field(default_factory=dict)
    after: int = 0
    times: int | None = 1  # None: for ever
    skip: int = 0  # calls that go well first


class Faults:
    """Ordered faults by the place where they strike: the name of an RPC, `GET` (downloads) or `PUT` (uploads)."""

    def __init__(self) -> None:
        self._ordered: dict[str, list[Fault]] = {}

    def order(self, where: str, fault: Fault) -> None:
        self._ordered.setdefault(where, []).append(fault)

    def clear(self) -> None:
        self._ordered.clear()

    def strike(self, where: str) -> Fault | None:
        for fault in self._ordered.get(where, []):
            if fault.skip > 0:
                fault.skip -= 1
                return None
            if fault.times is None:
                return fault
            if fault.times > 0:
                fault.times -= 1
                return fault
        return None
