"""What was rejected: the table of it, and the error where it is too much."""

from __future__ import annotations

import csv
from pathlib import Path

from lpr.base.errors import LprError
from lpr.base.files import atomic_path
from lpr.fetching.annotation_store import AnnotationStore
from lpr.fetching.sources import OpenSource


def write_rejected(store: AnnotationStore, sources: list[OpenSource], path: Path) -> None:
    """Write the table of what was rejected: source, file, entry, reason; sorted."""
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(("source", "file", "entry", "reason"))
        named = ((sources[number].params.name, *rest) for number, *rest in store.rejections())
        table.writerows(named)


def leave_table(store: AnnotationStore, sources: list[OpenSource], work: Path) -> str:
    """Write the table into the folder `work` of a failing run, if it has rows, and return a sentence that says so."""
    if next(store.rejections(), None) is None:
        return ""
    path = work / "rejected.csv"
    write_rejected(store, sources, path)
    return f"\nEvery rejected entry with its reason is in {path}"


def check_rejected(store: AnnotationStore, sources: list[OpenSource], max_rejected: float) -> None:
    """Raise LprError where too large a share of a source's entries was rejected. Duplicates do not count."""
    for number, source in enumerate(sources):
        rejected = store.count_rejected(number)
        total = store.count_chosen(number) + store.count_unread(number)
        if rejected > max_rejected * total:
            common = "; ".join(f"{reason} ({count})" for reason, count in store.reasons(number, True)[:3])
            raise LprError(
                f"source {source.params.name}: {rejected} of {total} entries were rejected, more than "
                f"fetch_data.max_rejected = {max_rejected:g} allows. Commonest reasons: {common}. Mend the source, or "
                "raise fetch_data.max_rejected."
            )
