"""What stands in two splits that one source gives: found, taken out where it is little, or an error."""

from __future__ import annotations

from dataclasses import dataclass, field

from lpr.base.errors import LprError
from lpr.fetching.annotation_store import AnnotationStore
from lpr.fetching.pairs import NEAR_DUPLICATES, PairIndex
from lpr.fetching.sources import OpenSource
from lpr.fetching.splits import UNGIVEN

TOLERATED_NEAR_DUPLICATES = 0.001
"""Share of a source's images; so few near-duplicates between given splits are taken out of the split they weaken
least (train before val before test) instead of failing: hashes err about as often."""
_NAMED_LEAKS = 10


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
        near_duplicates: near-duplicates by difference hash.
        weaker: rows of the items of `near_duplicates` that would have to go, each with the reason.
    """

    certain: list[Leak] = field(default_factory=list)
    near_duplicates: list[Leak] = field(default_factory=list)
    weaker: dict[int, str] = field(default_factory=dict)


def find_leaks(store: AnnotationStore) -> Leaks:
    """Return what stands in two splits that one source gives."""
    leaks = Leaks()
    if store.db.execute("SELECT 1 FROM item WHERE given IS NOT NULL").fetchone() is None:
        return leaks
    index = PairIndex(store)
    for a, b, reason in index.edges():
        if index.source[a] != index.source[b] or UNGIVEN in (index.given[a], index.given[b]):
            continue
        if index.given[a] == index.given[b]:
            continue
        a, b = sorted((a, b), key=lambda at: int(index.given[at]))
        leak = Leak(int(index.source[a]), index.describe(a), index.describe(b), reason)
        if reason != NEAR_DUPLICATES:
            leaks.certain.append(leak)
            continue
        leaks.near_duplicates.append(leak)
        for row in index.same_hash(a):
            leaks.weaker[row] = f"near-duplicate of another split's image: {leak.second}"
    return leaks


def settle_leaks(store: AnnotationStore, sources: list[OpenSource]) -> None:
    """Raise LprError where a source's own splits leak; take out so few near-duplicates as hashes may invent."""
    leaks = find_leaks(store)
    tolerated: dict[int, str] = {}
    failing = list(leaks.certain)
    for number in range(len(sources)):
        mine = [leak for leak in leaks.near_duplicates if leak.source == number]
        if len(mine) > TOLERATED_NEAR_DUPLICATES * store.count_chosen(number):
            failing += mine
        elif mine:
            tolerated.update((row, why) for row, why in leaks.weaker.items() if store.source_of(row) == number)
    if failing:
        raise LprError(_explain_leaks(failing, sources))
    store.drop_items(sorted(tolerated.items()))


def _explain_leaks(failing: list[Leak], sources: list[OpenSource]) -> str:
    names = sorted({sources[leak.source].params.name for leak in failing})
    lines = [f"  {leak.first} and {leak.second}: {leak.reason}" for leak in failing[:_NAMED_LEAKS]]
    if len(failing) > _NAMED_LEAKS:
        lines.append(f"  and {len(failing) - _NAMED_LEAKS} more pairs")
    return (
        f"source {', '.join(names)}: the splits that it gives leak; a model would be measured on what it was trained "
        "on:\n" + "\n".join(lines) + "\nPut both images of each pair into one split, or take the splits out of the "
        "source (its split folders, files or column), so that fetch_data makes them by groups."
    )
