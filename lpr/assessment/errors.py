"""What goes wrong in readings, counted: kinds of wrong plates, and characters that are confused, missed or added."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from lpr.evaluation.results import Row
from lpr.metrics.recognition import NONE, align

NOT_FOUND, NOTHING_READ = "plate not found", "nothing read"
ORDER = "order"
ONE_WRONG, SEVERAL_WRONG = "one character wrong", "several characters wrong"
MISSING, EXTRA, MIXED = "characters missing", "extra characters", "mixed"


def kind_of(truth: str, read: str) -> str:
    """Return the kind of a wrong reading.

    `ORDER`: the right characters in a wrong order, as when the lines of a plate are swapped. Else by a shortest edit
    of the truth into what was read: only wrong characters, only missing ones, only extra ones, or `MIXED`.
    """
    if not read:
        return NOTHING_READ
    if sorted(truth) == sorted(read):
        return ORDER
    changes = [(actual, predicted) for actual, predicted in align(truth, read) if actual != predicted]
    missing = sum(predicted == NONE for _, predicted in changes)
    extra = sum(actual == NONE for actual, _ in changes)
    if missing + extra == 0:
        return ONE_WRONG if len(changes) == 1 else SEVERAL_WRONG
    if missing == len(changes):
        return MISSING
    return EXTRA if extra == len(changes) else MIXED


def character_errors(truth: str, read: str) -> list[str]:
    """Return the wrong characters of a reading: `8/B` for either read as the other, `missing I`, `extra 1`.

    A reading in the wrong order is one error, `ORDER`: its characters were read.
    """
    if read and truth != read and sorted(truth) == sorted(read):
        return [ORDER]
    errors = []
    for actual, predicted in align(truth, read):
        if predicted == NONE:
            errors.append(f"missing {actual}")
        elif actual == NONE:
            errors.append(f"extra {predicted}")
        elif actual != predicted:
            errors.append("/".join(sorted((actual, predicted))))
    return errors


def rank(rows: Iterable[Row]) -> dict[str, Any]:
    """Return the errors of the labelled rows that are not right: `wrong`, their number; `plates`, counts by kind, each
    plate once; `characters`, counts by character error, of plates of which something was read. Commonest first."""
    plates: Counter[str] = Counter()
    characters: Counter[str] = Counter()
    for row in rows:
        if row.truth is None or row.verdict == "right":
            continue
        plates[NOT_FOUND if row.verdict == "missed" else kind_of(row.truth, row.read)] += 1
        if row.read:
            characters.update(character_errors(row.truth, row.read))
    return {"wrong": plates.total(), "plates": _ranked(plates), "characters": _ranked(characters)}


def _ranked(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
