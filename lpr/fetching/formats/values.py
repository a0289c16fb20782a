"""Values of annotation files, from JSON or from text: checked for what they are, not against an image."""

from __future__ import annotations

from typing import Any

TEXT_NAMES = ("text", "plate_text", "plate")
"""Names under which formats without a field for it hold a plate's text, the most telling first."""


def number(value: Any) -> float:
    """Return a number from a JSON value or a text. Raises ValueError for anything else, booleans among them."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"a {type(value).__name__} is no number")
    try:
        return float(value)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{str(value)[:40]!r} is no number") from error


def box_of(value: Any) -> tuple[float, float, float, float]:
    """Return a box from a list of four numbers. Raises ValueError for anything else."""
    if not isinstance(value, list | tuple) or len(value) != 4:
        raise ValueError("box is not a list of four numbers")
    x, y, w, h = map(number, value)
    return x, y, w, h


def text_of(value: Any) -> str | None:
    """Return a plate's text from a JSON value; numbers, as loose writers leave them, become text."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise ValueError("text is neither a string nor null")


def lines_of(value: Any) -> int | None:
    """Return 1 or 2 from a value that states a plate's number of lines, None for any other."""
    if isinstance(value, int | str) and str(value).strip() in ("1", "2"):
        return int(str(value).strip())
    return None


def size_of(width: str | None, height: str | None) -> tuple[int, int] | None:
    """Return an image's size from two texts, None where one is no number."""
    try:
        return int(number(width or "")), int(number(height or ""))
    except (ValueError, OverflowError):
        return None


def encodable(text: str) -> str:
    """Return a text without halves of characters, which no database takes.

    JSON can hold them ("\\ud800"), and the names of files that are no UTF-8 come with them.
    """
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
