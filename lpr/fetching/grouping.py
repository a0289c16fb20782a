"""Duplicates, groups and leaks among all finished items, and the split of each."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lpr.data.annotations import SPLITS
from lpr.fetching.annotation_store import AnnotationStore
from lpr.fetching.near_duplicates import near_pairs
from lpr.fetching.splits import UNGIVEN, Groups, Images, assign_splits, cut_splits

SHORTEST_TELLING_TEXT = 4
"""Characters; shorter texts are on many plates and prove nothing."""
TOLERATED_LOOKALIKES = 0.001
"""Share of a source's images; so few near-duplicates between given splits are taken out of the split they weaken
least (train before val before test) instead of failing: hashes err about as often."""

_SIGNED = 1 << 63


@dataclass(frozen=True)
class Leak:
    """Two images of one source, in two of the splits that it gives, that belong together."""

    source: int
    first: str
    second: str
    reason: str


@dataclass
class Leaks:
    """What stands in two given splits.

    Attributes:
        certain: the same text or the same pixels.
        alike: near-duplicates by difference hash.
        weaker: rows of the items of `alike` that would have to go, each with the reason.
    """

    certain: list[Leak] = field(default_factory=list)
    alike: list[Leak] = field(default_factory=list)
    weaker: dict[int, str] = field(default_factory=dict)


def drop_duplicates(store: AnnotationStore) -> None:
    """Take out of the store what is there twice: the same pixels, or the same hash and annotations.

    Of two, the one with more texts and plates stays, then the one of the earlier source. Images of another use are
    another matter: a photo for detection and its copy for reading both stay.
    """
    for key, reason in (
        ("pixels", "duplicate: same pixels as {}"),
        ("dhash || content", "duplicate: near-identical photo with the same annotations as {}"),
    ):
        sql = f"""
            SELECT id, first FROM (
                SELECT id, FIRST_VALUE(name) OVER best AS first, ROW_NUMBER() OVER best AS rank FROM item
                WHERE {key} IS NOT NULL
                WINDOW best AS (PARTITION BY use, {key} ORDER BY texts DESC, plates DESC, source, id)
            ) WHERE rank > 1 ORDER BY id
        """
        store.drop_items((row, reason.format(first)) for row, first in store.db.execute(sql).fetchall())


def find_leaks(store: AnnotationStore) -> Leaks:
    """Return what stands in two splits that one source gives."""
    leaks = Leaks()
    if store.db.execute("SELECT 1 FROM item WHERE given IS NOT NULL").fetchone() is None:
        return leaks
    index = _Index(store)
    for a, b, reason in index.edges():
        if index.source[a] != index.source[b] or UNGIVEN in (index.given[a], index.given[b]):
            continue
        if index.given[a] == index.given[b]:
            continue
        a, b = sorted((a, b), key=lambda at: int(index.given[at]))
        leak = Leak(int(index.source[a]), index.describe(a), index.describe(b), reason)
        if reason != _ALIKE:
            leaks.certain.append(leak)
            continue
        leaks.alike.append(leak)
        for row in index.same_hash(a):
            leaks.weaker[row] = f"near-duplicate of another split's image: {leak.second}"
    return leaks


def divide(store: AnnotationStore, seed: int, shares: tuple[float, float, float]) -> dict[int, tuple[int, ...]]:
    """Give every item its split, in the store, and return by source the splits that were cut off from its train."""
    index = _Index(store)
    groups = Groups(len(index.rows))
    for a, b, _ in index.edges():
        groups.join(a, b)
    images = Images(index.source, index.crop, index.given, groups.roots(), index.draws(seed))
    split = assign_splits(images, shares)
    pairs = ((int(choice), int(row)) for choice, row in zip(split, index.rows, strict=True))
    store.db.executemany("UPDATE item SET split = ? WHERE id = ?", pairs)
    moved = (images.given != UNGIVEN) & (split != images.given)
    for source, missing in (cuts := cut_splits(images)).items():
        moved &= ~((images.source == source) & np.isin(split, missing))
    for source, count in zip(*np.unique(images.source[moved], return_counts=True), strict=True):
        store.add_note(int(source), "moved to the split of its group", int(count))
    return cuts


_ALIKE = "near-duplicates"


class _Index:
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
        yield from self._chains(sql, _ALIKE)
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
            hashes[at], rows[at] = signed + _SIGNED, row
        distinct, starts = np.unique(hashes, return_index=True)
        ends = np.append(starts[1:], count)
        for i, j in near_pairs(distinct):
            for a in rows[starts[i] : ends[i]].tolist():
                for b in rows[starts[j] : ends[j]].tolist():
                    yield self._position(a), self._position(b), _ALIKE
