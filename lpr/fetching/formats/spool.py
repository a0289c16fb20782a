"""Joining the rows of an annotation file that belong to one image, on disk."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from lpr.base.errors import LprError
from lpr.fetching.formats.values import encodable


class Spool:
    """JSON-able values gathered by key in a temporary file on disk, given back key by key in order of first sight.

    Args:
        origin: the file that they are from; for errors.
    """

    def __init__(self, origin: Path) -> None:
        self._origin = origin
        self._db = sqlite3.connect("")  # an empty name: a private database that spills to disk
        self._db.execute("PRAGMA cache_size = -4000")
        self._db.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, key TEXT, value TEXT)")
        self._db.execute("CREATE INDEX by_key ON row (key)")

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._db.close()

    def add(self, key: str, value: Any) -> None:
        """Put `value` under `key`. Raises LprError where it is nested so deeply that it was just about read."""
        try:
            self._db.execute("INSERT INTO row (key, value) VALUES (?, ?)", (encodable(key), json.dumps(value)))
        except RecursionError as error:
            raise LprError(f"{self._origin}: {encodable(key)[:80]!r} is nested too deeply") from error

    def get(self, key: str) -> list[Any]:
        """Return the values under `key`, in order."""
        rows = self._db.execute("SELECT value FROM row WHERE key = ? ORDER BY id", (encodable(key),))
        return [json.loads(value) for (value,) in rows]

    def groups(self) -> Iterator[tuple[str, list[Any]]]:
        """Yield each key with its values, keys in the order in which they first came."""
        for (key,) in self._db.execute("SELECT key FROM row GROUP BY key ORDER BY MIN(id)"):
            yield key, self.get(key)
