"""Reading JSON documents that may be larger than memory, value by value."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from lpr.base.errors import LprError

_BLOCK = 1 << 16
_LARGEST_VALUE = 1 << 24  # characters of one entry; real ones have a few hundred
_SPACE = " \t\r\n"


class _Scanner:
    """A window on a text file in which JSON values are found one after the other."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stream = path.open(encoding="utf-8-sig")
        self._text = ""
        self._at = 0
        self._ended = False
        self._decoder = json.JSONDecoder()
        self.line = 1
        self._column = 1  # of the window's first character

    def close(self) -> None:
        self._stream.close()

    def fail(self, what: str, at: int | None = None) -> LprError:
        """Return the error for a place in the window, by default where we are."""
        at = self._at if at is None else at
        line = self.line + self._text.count("\n", self._at, at)
        return LprError(f"{self._path}, line {line}, column {self._column_of(at)}: not readable as JSON: {what}")

    def _column_of(self, at: int) -> int:
        newline = self._text.rfind("\n", 0, at)
        return at - newline if newline >= 0 else self._column + at

    def peek(self) -> str:
        """Return the next character that is no white space, '' at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _SPACE:
                self.line += self._text[self._at] == "\n"
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def take(self, expected: str) -> str:
        """Step over the next character, which must be one of `expected`, and return it."""
        found = self.peek()
        if not found or found not in expected:
            raise self.fail(f"expected {' or '.join(expected)}, found {found or 'the end of the file'}")
        self._at += 1
        return found

    def value(self) -> Any:
        """Return the next whole value."""
        self.peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
                # A number at the window's end may go on in the next block.
                if end < len(self._text) or self._ended or not self._more():
                    self.line += self._text.count("\n", self._at, end)
                    self._at = end
                    return value
            except json.JSONDecodeError as error:
                if len(self._text) - self._at > _LARGEST_VALUE:
                    raise self.fail("one value is larger than 16 million characters") from error
                ahead = error.pos - self._at
                if not self._more():
                    raise self.fail(error.msg, self._at + ahead) from error
            except ValueError as error:
                raise self.fail("a number has too many digits") from error
            except RecursionError as error:
                raise self.fail("nested too deeply") from error

    def _more(self) -> bool:
        # Blocks double while one value fills them, so that a long value is not decoded over and over.
        kept = len(self._text) - self._at
        try:
            block = self._stream.read(max(_BLOCK, kept))
        except UnicodeDecodeError as error:
            raise self.fail("not UTF-8") from error
        self._column = self._column_of(self._at)
        self._text = self._text[self._at :] + block
        self._at = 0
        self._ended = not block
        return bool(block)


def iter_members(path: Path, elements: bool = False) -> Iterator[tuple[str, Any, int]]:
    """Yield `(key, value, line)` for each member of a JSON file's top object.

    With `elements`, a list's elements come one by one: `"images": [a, b]` as `("images", a, ..)`, `("images", b, ..)`.

    Raises:
        LprError: the file is no JSON object, or one value is unreasonably large or deep.
    """
    with closing(_Scanner(path)) as scanner:
        scanner.take("{")
        if scanner.peek() == "}":
            return
        while True:
            key = scanner.value()
            if not isinstance(key, str):
                raise scanner.fail("a key is no string")
            scanner.take(":")
            line = scanner.line
            if elements and scanner.peek() == "[":
                yield from ((key, value, at) for value, at in _elements(scanner))
            else:
                yield key, scanner.value(), line
            if scanner.take(",}") == "}":
                return


def iter_elements(path: Path) -> Iterator[tuple[Any, int]]:
    """Yield `(value, line)` for each element of a JSON file's top list. Raises LprError as `iter_members` does."""
    with closing(_Scanner(path)) as scanner:
        yield from _elements(scanner)


def _elements(scanner: _Scanner) -> Iterator[tuple[Any, int]]:
    scanner.take("[")
    if scanner.peek() == "]":
        scanner.take("]")
        return
    while True:
        line = scanner.line
        yield scanner.value(), line
        if scanner.take(",]") == "]":
            return
