"""A share of a large job, the same on every machine."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass

from lpr.base.errors import LprError


@dataclass(frozen=True)
class Shard:
    """One of `count` shares, `number` counting from 1. Each name belongs to exactly one, whatever others there are."""

    number: int
    count: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Return the shard that "2/8" names. Raises LprError for anything else."""
        number, slash, count = text.partition("/")
        if not (slash and number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
            raise LprError(f"--shard {text}: give i/n with i from 1 to n, for example 2/8")
        return cls(int(number), int(count))

    def holds(self, name: str) -> bool:
        """Return whether this shard's process reads the photo of that name."""
        digest = hashlib.blake2b(os.fsencode(name), digest_size=8).digest()
        return int.from_bytes(digest, "big") % self.count == self.number - 1
