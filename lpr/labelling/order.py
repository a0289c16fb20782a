"""The order in which people look at photos: the doubtful first, near-duplicates one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from lpr.fetching.near_duplicates import near_pairs
from lpr.fetching.splits import Groups

Item = TypeVar("Item")


def near_duplicate_groups(hashes: Sequence[int | None]) -> list[int]:
    """Return for each photo the index of the first photo that it is a near-duplicate of, directly or by others.

    Args:
        hashes: `lpr.fetching.near_duplicates.difference_hash` of each; None is like no other.
    """
    groups = Groups(len(hashes))
    firsts: dict[int, int] = {}
    for index, value in enumerate(hashes):
        if value is not None:
            groups.join(firsts.setdefault(value, index), index)
    distinct = list(firsts)
    for i, j in near_pairs(np.array(distinct, np.uint64)):
        groups.join(firsts[distinct[i]], firsts[distinct[j]])
    return groups.roots().tolist()


def doubtful_first(certainties: Sequence[float], groups: Sequence[int]) -> list[int]:
    """Return the photos' indices, the least certain first; a group stands where its least certain photo does."""
    doubt: dict[int, float] = {}
    for certainty, group in zip(certainties, groups, strict=True):
        doubt[group] = min(certainty, doubt.get(group, 1.0))
    return sorted(range(len(groups)), key=lambda i: (doubt[groups[i]], groups[i], certainties[i], i))
