"""A country's plates, and the patterns in which their texts are written down."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lpr.plate.text import ALPHABET

LETTERS, DIGITS = ALPHABET[10:], ALPHABET[:10]
SLOTS = {"l": LETTERS, "d": DIGITS, "a": ALPHABET}
"""What may stand in a place: `l` a letter, `d` a digit, `a` either."""
_PATTERN = re.compile(r"[ldaA-Z0-9 .*|-]+")


@dataclass(frozen=True)
class Country:
    """The formats of one country's plates.

    A pattern is the text of a plate: `l` a letter, `d` a digit, `a` either; capitals and digits stand for themselves;
    `|` is a new line; space, `-`, `.` and `*` (an emblem) stand between groups.

    Attributes:
        code: ISO 3166-1 alpha-2.
        name: in English.
        current: patterns that are issued now, separated by ", ".
        older: patterns that are still seen, separated likewise.
        never: letters that the country's serials leave out.
        vehicles: millions on its roads, roughly: how common its plates are in photos of anywhere.
        source: where to look the formats up.

    Raises:
        ValueError: a pattern or code is none.
    """

    code: str
    name: str
    current: str
    older: str = ""
    never: str = ""
    vehicles: float = 1.0
    source: str = ""

    def __post_init__(self) -> None:
        if not re.fullmatch("[A-Z]{2}", self.code) or not set(self.never) <= set(LETTERS) or self.vehicles <= 0:
            raise ValueError(f"{self.code}: no country's code, letters or vehicles")
        for pattern in (*self.patterns(), *self.patterns(older=True)):
            if not _PATTERN.fullmatch(pattern):
                raise ValueError(f"{self.code}: {pattern!r} is no pattern")
        if not self.current:
            raise ValueError(f"{self.code}: no pattern")

    def patterns(self, older: bool = False) -> tuple[str, ...]:
        """Return the patterns that are issued now, or the older ones."""
        listed = self.older if older else self.current
        return tuple(listed.split(", ")) if listed else ()


def slots(pattern: str) -> str:
    """Return a pattern without what stands between its groups: one sign for each character of the text."""
    return re.sub(r"[ .*|-]", "", pattern)
