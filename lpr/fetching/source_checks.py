"""When a source is not good enough to go on: too much of it rejected, or its own splits leak."""

from __future__ import annotations

from lpr.base.errors import LprError
from lpr.fetching.annotation_store import AnnotationStore
from lpr.fetching.grouping import TOLERATED_LOOKALIKES, Leak, find_leaks
from lpr.fetching.sources import OpenSource

_NAMED_LEAKS = 10


def check_rejected(store: AnnotationStore, sources: list[OpenSource], max_rejected: float) -> None:
    """Raise LprError where a source lost too large a share of its entries. Duplicates do not count."""
    for number, source in enumerate(sources):
        lost = store.rejected_units(number)
        total = store.count_chosen(number) + store.unread(number)
        if lost > max_rejected * total:
            common = "; ".join(f"{reason} ({count})" for reason, count in store.reasons(number, True)[:3])
            raise LprError(
                f"source {source.params.name}: {lost} of {total} entries were rejected, more than "
                f"fetch_data.max_rejected = {max_rejected:g} allows. Commonest reasons: {common}. Mend the source, or "
                "raise fetch_data.max_rejected."
            )


def settle_leaks(store: AnnotationStore, sources: list[OpenSource]) -> None:
    """Raise LprError where a source's own splits leak; take out so few near-duplicates as hashes may invent."""
    leaks = find_leaks(store)
    tolerated: dict[int, str] = {}
    failing = list(leaks.certain)
    for number in range(len(sources)):
        mine = [leak for leak in leaks.alike if leak.source == number]
        if len(mine) > TOLERATED_LOOKALIKES * store.count_chosen(number):
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
