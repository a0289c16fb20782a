"""What is there twice among all finished items, and the split of each of the others."""

from __future__ import annotations

import numpy as np

from lpr.fetching.annotation_store import AnnotationStore
from lpr.fetching.pairs import PairIndex
from lpr.fetching.splits import UNGIVEN, Groups, Images, assign_splits, cut_splits


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


def divide(store: AnnotationStore, seed: int, shares: tuple[float, float, float]) -> dict[int, tuple[int, ...]]:
    """Give every item its split, in the store, and return by source the splits that were cut off from its train."""
    index = PairIndex(store)
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
