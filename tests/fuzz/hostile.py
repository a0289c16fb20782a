"""Values that programs stumble over, to stand where a file has an ordinary one."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

OUTSIDE = "../../outside"
"""From a case's folder to the one beside it, which must stay as it is; see `tests.fuzz.guard`."""

TEXTS = (
    "", " ", ".", "..", "../x.jpg", f"{OUTSIDE}/x.jpg", f"{OUTSIDE}/canary.bin", "../" * 40 + "etc/passwd",
    "/etc/passwd",
    "/dev/zero", "..\\..\\outside\\x", "C:\\x", "~root/x", "$HOME", "${UNSET_VARIABLE}", "a\0b", "\0", "A" * 300,
    "A" * 5000, "a/" * 3000, "KL 65 DKH" * 2000, "\u202egpj.a", "\ud800", "a\udcff.jpg", "\x1b[2J\x1b]0;x\x07",
    "\r\n", "é",
    "e\u0301", "ﬃ", "²", "١٢", "%s%n", "{0.__class__}", "'; DROP TABLE item; --", "--help", "-1", "nan", "inf", "1e308",
    "-1e308", "1e999", "5e-324", "9" * 400, "9" * 5000, "0x10", "1_0", "true", "null", "<<", "2001-99-99", "1:60:1e9",
    "*a",
)  # fmt: skip


@dataclass(frozen=True)
class Raw:
    """Text that stands in a document as it is, where a value should be."""

    text: str


NUMBERS = tuple(
    Raw(text)
    for text in (
        "NaN", "Infinity", "-Infinity", "1e308", "-1e308", "1.7976931348623157e308", "1e999", "5e-324", "1e-300", "-1",
        "0", "-0.0", "0.5", "2147483648", str(2**63), str(2**64), str(-(2**63) - 1), "9" * 309, "9" * 400, "9" * 5000,
    )
)  # fmt: skip

_PLAIN: tuple[Any, ...] = (None, True, False, [], {}, [[]], {"a": 1}, [1, 2], [1, 2, 3, 4, 5], ["x"] * 4, [None] * 4)


def deep(depth: int, brackets: str = "[]") -> Raw:
    """Return lists (or mappings) within each other."""
    if brackets == "[]":
        return Raw("[" * depth + "]" * depth)
    return Raw('{"a":' * depth + "1" + "}" * depth)


def value(rng: random.Random) -> Any:
    """Return a hostile value for a document."""
    kind = rng.randrange(10)
    if kind < 4:
        return rng.choice(NUMBERS)
    if kind < 8:
        return rng.choice(TEXTS)
    if kind == 8:
        return rng.choice(_PLAIN)
    return deep(rng.choice((50, 300, rng.randrange(900, 1000), 5000, 100_000)), rng.choice(("[]", "{}")))
