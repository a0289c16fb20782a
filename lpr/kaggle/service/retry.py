"""How long to try, to wait and to hope."""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from lpr.base.errors import LprError
from lpr.kaggle.service.errors import KaggleError

T = TypeVar("T")


@dataclass(frozen=True)
class Patience:
    """Limits of retries and of polling; all times in seconds.

    Attributes:
        tries: how often one request is made at most.
        first_wait: before the second try; it doubles with each further one.
        longest_wait: between two tries. A service that asks for more is not waited for.
        timeout: for a connection, and between two pieces of an answer.
        ready: until a published version must be ready.
        settle: in which a version must show itself whose making was not answered.
        poll: between two questions about a state.
    """

    tries: int = 6
    first_wait: float = 1.0
    longest_wait: float = 120.0
    timeout: float = 120.0
    ready: float = 1800.0
    settle: float = 30.0
    poll: float = 5.0

    @classmethod
    def from_environment(cls) -> Patience:
        """The defaults, each changed by `LPR_KAGGLE_<NAME>` if that variable is set. Raises LprError on a bad value."""
        changes: dict[str, float] = {}
        for name, default in cls().__dict__.items():
            variable = f"LPR_KAGGLE_{name.upper()}"
            if text := os.environ.get(variable):
                try:
                    changes[name] = type(default)(text)
                except ValueError as error:
                    raise LprError(f"{variable} is {text!r}: not a number") from error
        return cls(**changes)  # type: ignore[arg-type]

    def retry(self, request: Callable[[], T]) -> T:
        """Make a request that may be made twice; temporary failures are tried again with growing waits.

        Raises:
            KaggleError: of the last try, or at once if the failure is not temporary.
        """
        attempt = 1
        while True:
            try:
                return request()
            except KaggleError as error:
                wait = self.wait_after(attempt, error)
                if wait is None:
                    raise
                self.rest(error, attempt, wait)
            attempt += 1

    def moments(self, seconds: float) -> Iterator[None]:
        """Moments to ask for a state: now, then every `poll` seconds until so many seconds are over."""
        deadline = time.monotonic() + seconds
        yield
        while time.monotonic() <= deadline:
            time.sleep(self.poll)
            yield

    def rest(self, error: KaggleError, attempt: int, wait: float) -> None:
        """Say what failed, and wait."""
        print(f"{error}; try {attempt + 1} of {self.tries} follows in {wait:.1f} s", file=sys.stderr)
        time.sleep(wait)

    def wait_after(self, attempt: int, error: KaggleError) -> float | None:
        """Seconds to wait after a try that failed (counted from 1), or None to give up."""
        if not error.temporary or attempt >= self.tries:
            return None
        if error.retry_after is not None:
            return error.retry_after if error.retry_after <= self.longest_wait else None
        # Full jitter would sometimes not wait at all; half of it keeps many clients apart and still backs off.
        return min(self.longest_wait, self.first_wait * 2 ** (attempt - 1)) * random.uniform(0.75, 1.25)
