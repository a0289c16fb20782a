"""Writing the finished data set: images into their splits, annotations, and the manifest that says what it is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lpr.base.files import write_json
from lpr.data.annotations import SPLITS, Entry, from_json, write_entries
from lpr.fetching.annotation_store import AnnotationStore
from lpr.fetching.sources import OpenSource
from lpr.fetching.splits import RULE


def write_data(
    store: AnnotationStore,
    sources: list[OpenSource],
    counts: dict[str, Any],
    cuts: dict[int, tuple[int, ...]],
    inbox: Path,
    target: Path,
) -> dict[str, Any]:
    """Move the images of `inbox` into `target/images/SPLIT`, write annotations and manifest, return the manifest.

    Args:
        store: the finished items with their splits.
        sources: where they are from.
        counts: by source, as `summarise` has them.
        cuts: by source, the splits that were cut off from its train.
        inbox: has the images.
        target: has a folder for each split's images, and one for the annotations.
    """
    digest = hashlib.sha256()
    for number, split in enumerate(SPLITS):

        def entries(number: int = number, split: str = split) -> Iterator[Entry]:
            sql = "SELECT name, digest, entry FROM item WHERE split = ? ORDER BY name"
            for name, image_digest, entry in store.db.execute(sql, (number,)):
                (inbox / name).rename(target / "images" / split / name)
                digest.update(f"{split}/{name}\0{image_digest}\0{entry}\n".encode())
                yield from_json(name, json.loads(entry))

        write_entries(target / "annotations" / f"{split}.json", entries())
    manifest = {
        "format": 1,
        "fingerprint": digest.hexdigest(),
        "splits": {
            "rule": RULE,
            "cut_off": {sources[number].params.name: [SPLITS[split] for split in cuts[number]] for number in cuts},
        },
        "sources": [
            {
                "name": source.params.name,
                **source.provenance,
                "limit": source.params.limit,
                "counts": counts[source.params.name]["total"],
                "splits": counts[source.params.name]["splits"],
            }
            for source in sources
        ],
    }
    write_json(target / "manifest.json", manifest)
    return manifest


def summarise(store: AnnotationStore, sources: list[OpenSource]) -> dict[str, Any]:
    """Return the metrics: what each source and split holds, what was rejected and why, what was converted."""
    by_source: dict[str, Any] = {}
    for number, source in enumerate(sources):
        notes = store.db.execute("SELECT kind, count FROM note WHERE source = ? ORDER BY kind", (number,))
        entries = store.count_chosen(number) + store.count_unread(number)
        rejected = store.count_rejected(number)
        by_source[source.params.name] = {
            "entries": entries,
            "total": _counts(store, source=number),
            "splits": {split: _counts(store, number, at) for at, split in enumerate(SPLITS)},
            "rejected": {
                "entries": rejected,
                "share": round(rejected / max(entries, 1), 4),
                **dict(store.reasons(number)),
            },
            "converted": dict(notes.fetchall()),
        }
    return {
        "total": _counts(store),
        "splits": {split: _counts(store, split=at) for at, split in enumerate(SPLITS)},
        "sources": by_source,
    }


def _counts(store: AnnotationStore, source: int | None = None, split: int | None = None) -> dict[str, int]:
    sql = """
        SELECT SUM(NOT crop), SUM(crop), SUM(plates), SUM(texts), SUM(two_line) FROM item
        WHERE (:source IS NULL OR source = :source) AND (:split IS NULL OR split = :split)
    """
    values = store.db.execute(sql, {"source": source, "split": split}).fetchone()
    names = ("photos", "crops", "plates", "with_text", "two_line")
    return {name: int(value or 0) for name, value in zip(names, values, strict=True)}
