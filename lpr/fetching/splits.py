"""Dividing images into train, val and test by groups that must not be torn apart. Pure functions on arrays.

The rules, in this order:

1. Images that show the same plate text, are near-duplicates by difference hash, or have the same pixels, whatever
   source they are from, are one group and go to one split.
2. A split that a source gives is kept. Where a group holds images of several sources, the split of the source that is
   listed first in params.yaml wins for the whole group.
3. A source that gives train but lacks val or test gets the missing ones cut off from its train, by groups.
4. All else is divided by the stated shares, each source and each kind of image (photo, crop) by itself; a split with
   a share gets at least one image where there are enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TRAIN, VAL, TEST = range(3)
UNGIVEN = -1
_HONEST_FIRST = (TEST, VAL, TRAIN)  # who wins a tie: what is measured on stays measurable

RULE = (
    "given splits are kept, and missing ones cut off from train; the rest is divided by shares; images with the same "
    "text, a difference hash within 4 of 64 bits or the same pixels are never divided, across sources too, where the "
    "first listed source's split wins"
)


class Groups:
    """Disjoint sets of `0..n-1` (union by index, path halving)."""

    def __init__(self, count: int) -> None:
        self._parent = np.arange(count, dtype=np.int64)

    def join(self, a: int, b: int) -> None:
        """Put the groups of `a` and `b` together."""
        a, b = self._root(a), self._root(b)
        if a != b:
            self._parent[max(a, b)] = min(a, b)

    def roots(self) -> NDArray[np.int64]:
        """Return `(n,)`: for each element the smallest element of its group."""
        count = len(self._parent)
        return np.fromiter((self._root(index) for index in range(count)), np.int64, count)

    def _root(self, index: int) -> int:
        parent = self._parent
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = int(parent[index])
        return index


@dataclass(frozen=True)
class Images:
    """What the division needs to know of `n` images.

    Attributes:
        source: `(n,)` index of the source, in the order of params.yaml.
        crop: `(n,)` bool, whether it teaches reading alone.
        given: `(n,)` split that its source gives, or UNGIVEN.
        group: `(n,)` a number that images of one group share.
        order: `(n,)` seeded random numbers that decide between groups of the same size.
    """

    source: NDArray[np.int64]
    crop: NDArray[np.bool_]
    given: NDArray[np.int64]
    group: NDArray[np.int64]
    order: NDArray[np.uint64]


def assign_splits(images: Images, shares: Sequence[float]) -> NDArray[np.int64]:
    """Return `(n,)` splits for images, given the shares of train, val and test. Deterministic."""
    given, cut = images.given.copy(), cut_splits(images)
    for source in cut:  # its train images are free to go to the splits that it lacks
        given[(images.source == source) & (given == TRAIN)] = UNGIVEN
    split = np.full(len(given), UNGIVEN, np.int64)
    if not len(given):
        return split
    strata = images.source * 2 + images.crop
    members = np.argsort(images.group, kind="stable")
    starts = np.flatnonzero(np.diff(images.group[members], prepend=images.group[members[0]] - 1))
    ends = np.append(starts[1:], len(members))
    decided = np.maximum.reduceat(given[members], starts) != UNGIVEN
    for number in np.flatnonzero(decided):
        indices = members[starts[number] : ends[number]]
        fixed = indices[given[indices] != UNGIVEN]
        split[indices] = _winner(images.source[fixed], given[fixed])
    needs = _needs(strata, split, images.group, shares, cut)
    draws = np.minimum.reduceat(images.order[members], starts)
    # The largest first: what is small fills up what they leave.
    for number in np.lexsort((draws, starts - ends, decided))[: np.count_nonzero(~decided)]:
        indices = members[starts[number] : ends[number]]
        kinds, counts = np.unique(strata[indices], return_counts=True)
        pairs = list(zip(kinds.tolist(), counts.tolist(), strict=True))
        scores = [sum(count * needs[kind][choice] for kind, count in pairs) for choice in (TRAIN, VAL, TEST)]
        best = scores.index(max(scores))
        split[indices] = best
        for kind, count in pairs:
            needs[kind][best] -= count
    return split


def cut_splits(images: Images) -> dict[int, tuple[int, ...]]:
    """Return, by source, the splits that have to be cut off from its train."""
    cut = {}
    for source in np.unique(images.source).tolist():
        present = set(images.given[images.source == source].tolist())
        missing = tuple(split for split in (VAL, TEST) if split not in present)
        if TRAIN in present and missing:
            cut[source] = missing
    return cut


def _winner(sources: NDArray[np.int64], given: NDArray[np.int64]) -> int:
    first = given[sources == sources.min()]
    return max(_HONEST_FIRST, key=lambda split: int(np.count_nonzero(first == split)))


def _needs(
    strata: NDArray[np.int64],
    split: NDArray[np.int64],
    group: NDArray[np.int64],
    shares: Sequence[float],
    cut: dict[int, tuple[int, ...]],
) -> dict[int, list[float]]:
    """Return for each source and kind how many images each split still wants."""
    needs = {}
    for kind in np.unique(strata[split == UNGIVEN]).tolist():
        of_kind = split[strata == kind]
        waiting = strata == kind
        waiting &= split == UNGIVEN
        # A source that is one group cannot be divided: what counts is the number of groups, not of images.
        divisible = len(np.unique(group[waiting])) >= len(shares)
        wanted = [0.0, 0.0, 0.0]
        for choice in (VAL, TEST):
            if kind // 2 in cut and choice not in cut[kind // 2]:
                continue
            target = shares[choice] * len(of_kind)
            if shares[choice] > 0 and divisible:
                target = max(target, 1.0)
            wanted[choice] = max(target - float(np.count_nonzero(of_kind == choice)), 0.0)
        wanted[TRAIN] = float(np.count_nonzero(waiting)) - wanted[VAL] - wanted[TEST]
        needs[kind] = wanted
    return needs
