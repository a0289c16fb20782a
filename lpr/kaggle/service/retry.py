"""Trying a request again, and asking for a state until a deadline."""

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
class RetryPolicy:
    """Limits of retries and of polling; all times in seconds.

    Attributes:
        tries: how often one request is made at most.
        first_wait: before the second try; it doubles with each further one.
        longest_wait: between two tries. A service that asks for more is not waited for.
        timeout: for a connection, and between two pieces of an answer.
        ready: until a published version must be ready.
        settle: in which a version must show itself whose making was not answered.
        poll: between two questions about a state.
        announce: between two lines that say what is waited for.
    """

    tries: int = 6
    first_wait: float = 1.0
    longest_wait: float = 120.0
    timeout: float = 120.0
    ready: float = 1800.0
    settle: float = 30.0
    poll: float = 5.0
    announce: float = 60.0

    @classmethod
    def from_environment(cls) -> RetryPolicy:
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

    def retry(
        self,
        request: Callable[[], T],
        landed: Callable[[], T | None] = lambda: None,
        progress: Callable[[], int] = lambda: 0,
    ) -> T:
        """Make a request, again with growing waits after temporary failures.

        Args:
            request: makes it once.
            landed: for what must not be made twice: asked after a failure that may have lost the answer alone; returns
                what came of the request, None where nothing did.
            progress: bytes that have been moved so far: a try that moved some does not count as one.

        Raises:
            KaggleError: of the last try, or at once if the failure is not temporary.
        """
        attempt = 0
        while True:
            before = progress()
            try:
                return request()
            except KaggleError as error:
                # Who is told to ask less often was not served.
                if error.temporary and error.kind != "rate" and (found := landed()) is not None:
                    return found
                attempt = 1 if error.temporary and progress() > before else attempt + 1
                wait = self._wait_after(attempt, error)
                if wait is None:
                    raise
                print(f"{error}; try {attempt + 1} of {self.tries} follows in {wait:.1f} s", file=sys.stderr)
                time.sleep(wait)

    def polling(self, seconds: float, awaited: str) -> Iterator[Callable[[str], None]]:
        """Yield at the moments to ask for a state: now, then every `poll` seconds until so many seconds are over.

        Args:
            seconds: until the deadline.
            awaited: names what is waited for.

        Yields:
            A function that takes the state as it is, and prints it with the time that has passed: every `announce`
            seconds, however often it is called.
        """
        began = told = time.monotonic()

        def report(state: str) -> None:
            nonlocal told
            now = time.monotonic()
            if now - told >= self.announce:
                told = now
                passed = f"{(now - began) / 60:.0f} of at most {seconds / 60:.0f} minutes"
                print(f"waiting for {awaited}: {state}, {passed}", file=sys.stderr, flush=True)

        yield report
        while time.monotonic() <= began + seconds:
            time.sleep(self.poll)
            yield report

    def _wait_after(self, attempt: int, error: KaggleError) -> float | None:
        """Seconds to wait after a try that failed (counted from 1), or None to give up."""
        if not error.temporary or attempt >= self.tries:
            return None
        if error.retry_after is not None:
            return error.retry_after if error.retry_after <= self.longest_wait else None
        # Full jitter would sometimes not wait at all; half of it keeps many clients apart and still backs off.
        return min(self.longest_wait, self.first_wait * 2 ** (attempt - 1)) * random.uniform(0.75, 1.25)
