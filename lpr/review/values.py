"""Nested metrics and parameters as flat names, and how values look in a table."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any


def flatten(value: Any) -> dict[str, Any]:
    """Return the leaves of nested mappings and lists by their dotted names.

    Entries of a list are named by their own `name` where they have one, else by their place: `sources[cars].limit`.
    Empty mappings and lists are leaves. A value that is no mapping has the name "".
    """
    return dict(_leaves("", value))


def changes(old: Any, new: Any) -> list[tuple[str, Any, Any]]:
    """Return name, old and new value of each leaf that differs, in the new value's order; `ABSENT` where one lacks it.

    1 and 1.0 are the same; True and 1 are not.
    """
    before, after = flatten(old), flatten(new)
    names = [*after, *(name for name in before if name not in after)]
    pairs = ((name, before.get(name, ABSENT), after.get(name, ABSENT)) for name in names)
    return [(name, a, b) for name, a, b in pairs if a != b or isinstance(a, bool) is not isinstance(b, bool)]


def shown(value: Any) -> str:
    """Return a value as people read it: numbers with four decimals at most, `-` for one that is absent or None."""
    if value is None or value is ABSENT:
        return "-"
    if isinstance(value, float):
        return f"{value:.4f}".rstrip("0").rstrip(".") if abs(value) >= 1e-3 or value == 0 else f"{value:.3g}"
    return str(value).lower() if isinstance(value, bool) else str(value)


def is_number(value: Any) -> bool:
    """Return whether a value is a finite number; True and False are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


class _Absent:
    def __repr__(self) -> str:
        return "absent"


ABSENT = _Absent()
"""Stands for the value of a name that is not there; None is a value."""


def _leaves(prefix: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _leaves(f"{prefix}.{key}" if prefix else str(key), inner)
    elif isinstance(value, (list, tuple)) and value:
        for index, inner in enumerate(value):
            name = inner.get("name", index) if isinstance(inner, Mapping) else index
            yield from _leaves(f"{prefix}[{name}]", inner)
    else:
        yield prefix, value
