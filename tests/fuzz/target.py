"""What a kind of input needs to be fuzzed: valid seeds, a way to spoil them, and the code that reads them."""

from __future__ import annotations

import random
from pathlib import Path
from typing import NamedTuple, Protocol


class Made(NamedTuple):
    """An input that was written into a case's folder: what was done, and whether reading it must be refused."""

    note: str
    refuse: bool = False


class WrongResultError(Exception):
    """What was read is not what the documentation promises."""


class Target(Protocol):
    """A kind of input. Made once in a process, which takes what is slow (imports, models, seeds) out of the cases."""

    memory: int
    """MiB by which one case may let the process grow."""

    def make(self, rng: random.Random, folder: Path) -> Made:
        """Write a mutated input into an empty folder. The same state of `rng` gives the same bytes."""

    def run(self, folder: Path) -> str:
        """Read it as a user would, from that folder as the working directory, and return what came of it.

        Raises:
            LprError: it was refused, as it may be.
            WrongResultError: it was read, and the result is wrong.
        """


def expect(holds: bool, what: str) -> None:
    """Raise WrongResultError unless `holds`."""
    if not holds:
        raise WrongResultError(what)
