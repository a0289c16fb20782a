"""The parent's memory of a run, in a temporary SQLite database on disk, so that it does not grow with the images."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from lpr.data.annotations import SPLITS, Split
from lpr.fetching.formats.values import encodable
from lpr.fetching.worker import Outcome

_SCHEMA = """
CREATE TABLE entry (
    id INTEGER PRIMARY KEY, source INTEGER, image TEXT, kind TEXT, given INTEGER, payload TEXT, name TEXT, draw TEXT,
    chosen INTEGER DEFAULT 1
);
CREATE UNIQUE INDEX entry_image ON entry (source, image);
CREATE TABLE used_name (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE item (
    id INTEGER PRIMARY KEY, source INTEGER, image TEXT, name TEXT, given INTEGER, crop INTEGER, use TEXT, entry TEXT,
    digest TEXT, pixels TEXT, dhash INTEGER, texts INTEGER, plates INTEGER, two_line INTEGER, split INTEGER,
    content TEXT
);
CREATE TABLE plate_text (text TEXT, item INTEGER);
CREATE TABLE rejection (source INTEGER, file TEXT, entry TEXT, reason TEXT, unit TEXT, counted INTEGER);
CREATE TABLE note (source INTEGER, kind TEXT, count INTEGER, PRIMARY KEY (source, kind)) WITHOUT ROWID;
"""
SIGNED = 1 << 63
"""SQLite's integers are signed: so much less than a difference hash is stored."""


class AnnotationStore:
    """Entries, finished items, rejections and counts of one run."""

    def __init__(self, path: Path) -> None:
        self.db = sqlite3.connect(path)
        # The file lives only as long as the run: nothing has to survive a crash.
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "temp_store = FILE", "cache_size = -2000"):
            self.db.execute(f"PRAGMA {pragma}")
        self.db.executescript(_SCHEMA)

    def close(self) -> None:
        self.db.close()

    def add_entry(
        self, source: int, image: str, kind: str, given: Split | None, payload: Any, draw: str, chosen: bool = True
    ) -> bool:
        """Add an entry; return False, adding nothing, where the source has one for that image already."""
        split = None if given is None else SPLITS.index(given)
        row = (source, encodable(image), kind, split, json.dumps(payload), draw, chosen)
        sql = "INSERT OR IGNORE INTO entry (source, image, kind, given, payload, draw, chosen) VALUES (?,?,?,?,?,?,?)"
        return self.db.execute(sql, row).rowcount == 1

    def knows(self, source: int, image: str) -> bool:
        """Return whether a source has an entry for an image."""
        sql = "SELECT 1 FROM entry WHERE source = ? AND image = ?"
        return self.db.execute(sql, (source, encodable(image))).fetchone() is not None

    def choose(self, source: int, limit: int) -> None:
        """Keep `limit` entries of a source, spread evenly over its splits and kinds, by their drawn numbers."""
        self.db.execute(
            """
            WITH ranked AS (
                SELECT id, draw, ROW_NUMBER() OVER (PARTITION BY given, kind ORDER BY draw) - 0.5 AS rank,
                       COUNT(*) OVER (PARTITION BY given, kind) AS total
                FROM entry WHERE source = :source AND chosen
            )
            UPDATE entry SET chosen = 0 WHERE source = :source AND id NOT IN
                (SELECT id FROM ranked ORDER BY rank / total, draw LIMIT :limit)
            """,
            {"source": source, "limit": limit},
        )

    def reserve(self, name: str) -> bool:
        """Take a file name; return False where it is taken, upper and lower case being the same."""
        row = (name.casefold(),)
        return self.db.execute("INSERT OR IGNORE INTO used_name VALUES (?)", row).rowcount == 1

    def chosen(self) -> Iterator[tuple[int, int, str, Any]]:
        """Yield `(id, source, image, payload)` of the chosen entries, in order."""
        sql = "SELECT id, source, image, payload FROM entry WHERE chosen ORDER BY id"
        for identity, source, image, payload in self.db.execute(sql):
            yield identity, source, image, json.loads(payload)

    def count_chosen(self, source: int | None = None) -> int:
        """Return the number of chosen entries, of one source or of all."""
        sql = "SELECT COUNT(*) FROM entry WHERE chosen AND (:source IS NULL OR source = :source)"
        return int(self.db.execute(sql, {"source": source}).fetchone()[0])

    def count_unread(self, source: int) -> int:
        """Return how many rejections of a source are of no chosen entry: unreadable annotations, images without one."""
        sql = "SELECT COUNT(*) FROM rejection WHERE source = ? AND unit IS NULL AND counted"
        return int(self.db.execute(sql, (source,)).fetchone()[0])

    def source_of(self, row: int) -> int:
        """Return the source of an item."""
        return int(self.db.execute("SELECT source FROM item WHERE id = ?", (row,)).fetchone()[0])

    def add_outcome(self, outcome: Outcome, name: str) -> None:
        """Record what became of an entry."""
        source, image, given = self.db.execute(
            "SELECT source, image, given FROM entry WHERE id = ?", (outcome.row,)
        ).fetchone()
        for place, reason in outcome.rejections:
            self.add_rejection(source, image, place, reason, unit=str(outcome.row))
        for kind in outcome.notes:
            self.add_note(source, kind)
        if outcome.entry is None:
            return
        dhash = None if outcome.dhash is None else outcome.dhash - SIGNED
        known = [text for text in outcome.texts if text is not None]
        content = json.loads(outcome.entry)
        self.db.execute(
            "INSERT INTO item VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?)",
            (
                outcome.row,
                source,
                image,
                name,
                given,
                outcome.crop,
                outcome.use,
                outcome.entry,
                outcome.digest,
                outcome.pixels,
                dhash,
                len(known),
                len(outcome.texts),
                sum(1 for text, lines in zip(outcome.texts, outcome.lines, strict=True) if text and lines == 2),
                json.dumps(content.get("plates") or content.get("text") or None),
            ),
        )
        self.db.executemany("INSERT INTO plate_text VALUES (?, ?)", [(text, outcome.row) for text in known])

    def add_rejection(
        self, source: int, file: str, entry: str, reason: str, unit: str | None = None, counted: bool = True
    ) -> None:
        """Record a rejection.

        Those with the same `unit` count once towards the share of rejected entries; `counted` False: not at all.
        """
        row = (source, _printable(file), _printable(entry), _printable(reason), unit, counted)
        self.db.execute("INSERT INTO rejection VALUES (?, ?, ?, ?, ?, ?)", row)

    def add_note(self, source: int, kind: str, count: int = 1) -> None:
        """Count something that was mended or converted."""
        sql = "INSERT INTO note VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count"
        self.db.execute(sql, (source, kind, count))

    def drop_items(self, rows: Iterable[tuple[int, str]]) -> None:
        """Take items out again, each `(id, reason)` with a row in the table of rejections, which does not count."""
        for identity, reason in list(rows):
            source, image = self.db.execute("SELECT source, image FROM item WHERE id = ?", (identity,)).fetchone()
            self.add_rejection(source, image, "", reason, str(identity), counted=False)
            self.db.execute("DELETE FROM item WHERE id = ?", (identity,))

    def rejections(self) -> Iterator[tuple[int, str, str, str]]:
        """Yield `(source, file, entry, reason)`, sorted by source, file, entry and reason."""
        yield from self.db.execute("SELECT source, file, entry, reason FROM rejection ORDER BY 1, 2, 3, 4")

    def reasons(self, source: int | None = None, counted: bool = False) -> list[tuple[str, int]]:
        """Return the reasons of rejections with their counts, commonest first, without details after a colon."""
        counts: dict[str, int] = {}
        sql = "SELECT reason FROM rejection WHERE (:source IS NULL OR source = :source) AND counted >= :counted"
        for (reason,) in self.db.execute(sql, {"source": source, "counted": counted}):
            kind = _general_reason(reason)
            counts[kind] = counts.get(kind, 0) + 1
        return sorted(counts.items(), key=lambda item: (-item[1], item[0]))

    def count_rejected(self, source: int) -> int:
        """Return how many entries of a source have a rejection that counts."""
        sql = "SELECT COUNT(DISTINCT unit) + SUM(unit IS NULL) FROM rejection WHERE source = ? AND counted"
        return int(self.db.execute(sql, (source,)).fetchone()[0] or 0)


def _general_reason(reason: str) -> str:
    """Return a reason without what is particular to one entry, for counting.

    >>> _general_reason("text has characters outside 0-9A-Z: ÄÖ; no usable plate is left")
    'text has characters outside 0-9A-Z'
    """
    head = reason.split(": ")[0].split("; ")[0]
    head = head.split(" of image id ")[0].split(" as `")[0]
    return " ".join("N" if word[:1].isdigit() and word != "0-9A-Z" else word for word in head.split())


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in encodable(text))[:300]
