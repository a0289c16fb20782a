"""Pairs of finished items that belong together: the same pixels, the same text, or near-duplicates."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lpr.data.annotations import SPLITS
from lpr.fetching.annotation_store import SIGNED, AnnotationStore
from lpr.fetching.near_duplicates import near_pairs
from lpr.fetching.splits import UNGIVEN

SHORTEST_TELLING_TEXT = 4
"""Characters; shorter texts are on many plates and prove nothing."""
NEAR_DUPLICATES = "near-duplicates"
"""The reason of pairs that a difference hash alone brings together."""


class PairIndex:
    """The items as arrays, a few bytes each, and the pairs that belong together."""

    def __init__(self, store: AnnotationStore) -> None:
        self._db = store.db
        count = store.db.execute("SELECT COUNT(*) FROM item").fetchone()[0]
        columns = np.zeros((count, 4), np.int64)
        sql = f"SELECT id, source, crop, IFNULL(given, {UNGIVEN}) FROM item ORDER BY id"
        for at, row in enumerate(store.db.execute(sql)):
            columns[at] = row
        self.rows, self.source, self.given = columns[:, 0].copy(), columns[:, 1].copy(), columns[:, 3].copy()
        self.crop = columns[:, 2].astype(bool)

    def edges(self) -> Iterator[tuple[int, int, str]]:
        """Yield pairs of positions that belong together, with the reason.

        Of images that are all equal, only neighbours in the order of source and split are paired: enough to join
        them all, and to show any two splits of one source.
        """
        yield from self._chains("SELECT pixels, id FROM item ORDER BY pixels, source, given, id", "the same pixels")
        yield from self._chains(
            f"""SELECT text, item.id FROM plate_text JOIN item ON item.id = plate_text.item
            WHERE LENGTH(text) >= {SHORTEST_TELLING_TEXT} ORDER BY text, source, given, item.id""",
            "the same text {}",
        )
        sql = "SELECT dhash, id FROM item WHERE dhash IS NOT NULL ORDER BY dhash, source, given, id"
        yield from self._chains(sql, NEAR_DUPLICATES)
        yield from self._near()

    def draws(self, seed: int) -> NDArray[np.uint64]:
        """Return a number for each item that depends on the seed and its name alone."""
        numbers = np.zeros(len(self.rows), np.uint64)
        for at, (name,) in enumerate(self._db.execute("SELECT name FROM item ORDER BY id")):
            numbers[at] = int.from_bytes(hashlib.sha256(f"{seed}:{name}".encode()).digest()[:8], "big")
        return numbers

    def describe(self, at: int) -> str:
        """Return split and name of an item as its source has them."""
        image, given = self._db.execute("SELECT image, given FROM item WHERE id = ?", (int(self.rows[at]),)).fetchone()
        return f"{image} ({SPLITS[given]})"

    def same_hash(self, at: int) -> list[int]:
        """Return the rows of an item's source and split that have its hash."""
        sql = """SELECT other.id FROM item, item AS other WHERE item.id = ? AND other.dhash = item.dhash
                 AND other.source = item.source AND other.given = item.given"""
        return [row for (row,) in self._db.execute(sql, (int(self.rows[at]),))]

    def _position(self, row: int) -> int:
        return int(np.searchsorted(self.rows, row))

    def _chains(self, sql: str, reason: str) -> Iterator[tuple[int, int, str]]:
        rows = iter(self._db.execute(sql))
        for (key, row), (next_key, next_row) in pairwise(rows):
            if key == next_key:
                yield self._position(row), self._position(next_row), reason.format(key)

    def _near(self) -> Iterator[tuple[int, int, str]]:
        # One item stands for all of the same hash, source and split; hashes that are equal were paired above.
        sql = "SELECT dhash, MIN(id) FROM item WHERE dhash IS NOT NULL GROUP BY dhash, source, given ORDER BY dhash"
        count = self._db.execute(f"SELECT COUNT(*) FROM ({sql})").fetchone()[0]
        hashes, rows = np.zeros(count, np.uint64), np.zeros(count, np.int64)
        for at, (signed, row) in enumerate(self._db.execute(sql)):
            hashes[at], rows[at] = signed + SIGNED, row
        distinct, starts = np.unique(hashes, return_index=True)
        ends = np.append(starts[1:], count)
        for i, j in near_pairs(distinct):
            for a in rows[starts[i] : ends[i]].tolist():
                for b in rows[starts[j] : ends[j]].tolist():
                    yield self._position(a), self._position(b), NEAR_DUPLICATES
