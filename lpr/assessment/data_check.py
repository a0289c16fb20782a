"""`lpr data check DIR`: what `fetch_data` would find in a folder, without writing anything."""

from __future__ import annotations

import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from lpr.base.errors import LprError
from lpr.base.processors import usable_cores
from lpr.data.annotations import SPLITS
from lpr.fetching.annotation_store import AnnotationStore
from lpr.fetching.collect import collect_entries
from lpr.fetching.formats import FORMATS
from lpr.fetching.grouping import drop_duplicates
from lpr.fetching.leaks import find_leaks
from lpr.fetching.pool import run_jobs
from lpr.fetching.sources import open_sources
from lpr.fetching.worker import Settings
from lpr.records.params import Source

_SHOWN = 10
_LARGEST = 80.0  # megapixels
_LONGEST_SIDE = 1 << 16  # photos are checked at their own size


@dataclass(frozen=True)
class CheckReport:
    """What a folder holds.

    Attributes:
        folder: the folder that was checked.
        format: the annotation format, found or given.
        counts: of each given split (or "no split"): photos, crops, plates, with text, two-line.
        converted: conversions that `fetch_data` would make, by kind; these are no fault.
        reasons: why something would be rejected, and how often, commonest first.
        rejections: `(file, entry, reason)` of each, sorted.
        leaks: pairs of images in two given splits that belong together.
        left_out: `(file, entry, reason)` of what `fetch_data` leaves out without harm, as duplicates.
    """

    folder: str
    format: str
    counts: dict[str, dict[str, int]]
    converted: dict[str, int]
    reasons: list[tuple[str, int]]
    rejections: list[tuple[str, str, str]]
    leaks: list[str]
    left_out: list[tuple[str, str, str]]

    @property
    def ok(self) -> bool:
        """Whether nothing was found that `fetch_data` would reject."""
        return not self.rejections and not self.leaks

    def text(self) -> str:
        """Return the report for a reader."""
        lines = [f"{self.folder}: format {self.format}"]
        for split, counts in self.counts.items():
            lines.append(f"  {split}: " + ", ".join(f"{count} {name}" for name, count in counts.items()))
        if self.converted:
            lines.append("  images: " + ", ".join(f"{count} {kind}" for kind, count in self.converted.items()))
        for title, items in (
            ("rejected", [f"{count} x {reason}" for reason, count in self.reasons]),
            ("for example", _lines(self.rejections)),
            ("leaks between splits", self.leaks[:_SHOWN]),
            ("left out, without harm", _lines(self.left_out)),
        ):
            if items:
                lines += [f"  {title}:", *(f"    {item}" for item in items)]
        for shown, what in ((self.rejections, "rejected entries"), (self.leaks, "leaks"), (self.left_out, "left out")):
            if len(shown) > _SHOWN:
                lines.append(f"  {len(shown)} {what} in all, {_SHOWN} of them shown")
        lines.append("no problems found" if self.ok else f"{len(self.rejections) + len(self.leaks)} problems found")
        return "\n".join(lines)


def check_dataset(folder: Path | str, format: str | None = None, *, workers: int | None = None) -> CheckReport:
    """Read and check every image and annotation of a folder.

    Args:
        folder: the data set.
        format: its annotation format, found out unless given.
        workers: processes; the number of usable processors unless given.

    Raises:
        LprError: the folder is missing, its format not understood, or nothing in it can be read.
    """
    if not Path(folder).is_dir():
        raise LprError(f"{folder}: no such folder")
    if format is not None and format not in FORMATS:
        raise LprError(f"format is {format!r}: it must be one of {', '.join(FORMATS)}")
    known = Source.model_validate(
        {"name": "checked", "kind": "path", "path": str(folder), "use": "both", "format": format}
    )
    sources = open_sources([known], 0)
    settings = Settings(tuple(sources), None, _LARGEST, _LONGEST_SIDE, 90)
    with (
        tempfile.TemporaryDirectory(prefix="lpr-check-") as scratch,
        closing(AnnotationStore(Path(scratch, "db"))) as store,
    ):
        collect_entries(store, sources)
        run_jobs(store, settings, workers or usable_cores())
        leaks = find_leaks(store)
        drop_duplicates(store)
        return CheckReport(
            str(folder),
            sources[0].format or "",
            _counts(store),
            dict(store.db.execute("SELECT kind, count FROM note ORDER BY kind")),
            store.reasons(counted=True),
            _rejections(store, counted=True),
            [f"{leak.first} and {leak.second}: {leak.reason}" for leak in (*leaks.certain, *leaks.near_duplicates)],
            _rejections(store, counted=False),
        )


def _lines(rows: list[tuple[str, str, str]]) -> list[str]:
    return [f"{' / '.join(filter(None, row[:2]))}: {row[2]}" for row in rows[:_SHOWN]]


def _rejections(store: AnnotationStore, counted: bool) -> list[tuple[str, str, str]]:
    sql = "SELECT file, entry, reason FROM rejection WHERE counted = ? ORDER BY 1, 2, 3"
    return list(store.db.execute(sql, (counted,)))


def _counts(store: AnnotationStore) -> dict[str, dict[str, int]]:
    sql = """SELECT given, SUM(NOT crop), SUM(crop), SUM(plates), SUM(texts), SUM(two_line) FROM item
             GROUP BY given ORDER BY given"""
    names = ("photos", "crops", "plates", "with text", "two-line")
    return {
        "no split" if given is None else SPLITS[given]: dict(zip(names, counts, strict=True))
        for given, *counts in store.db.execute(sql)
    }
