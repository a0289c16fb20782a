"""Plates of the test split that are read otherwise than at the base."""

from __future__ import annotations

from dataclasses import dataclass

from lpr.review.document import Code, Reading, Readings, Section, Words
from lpr.review.pictures import cut_out
from lpr.review.sides import ReadingRows

SHOWN = 50
"""Readings of each of the three kinds that the page shows: a picture takes 24 KB at most, the page may have 4 MB."""

Pair = tuple[dict[str, str], dict[str, str]]
"""A plate's row at the base, and here."""


@dataclass(frozen=True)
class ChangedReadings:
    """What became of the plates that both sides have with the same true text.

    Attributes:
        plates: their number.
        regressed: right at the base, wrong here, surest first.
        fixed: wrong at the base, right here, surest first.
        otherwise: wrong on both sides, in another way.
        unmatched: plates that one side alone has, or with another text.
    """

    plates: int
    regressed: list[Pair]
    fixed: list[Pair]
    otherwise: list[Pair]
    unmatched: int


def compare(base: ReadingRows | None, here: ReadingRows | None) -> ChangedReadings | None:
    """Compare the readings of two sides, None where one has none."""
    if base is None or here is None:
        return None
    both = [(base[key], here[key]) for key in here if key in base and base[key]["truth"] == here[key]["truth"]]
    labelled = [pair for pair in both if pair[0]["verdict"] != "unlabelled"]
    changed = sorted((pair for pair in labelled if pair[0]["read"] != pair[1]["read"]), key=_confidence, reverse=True)
    return ChangedReadings(
        len(labelled),
        regressed=[pair for pair in changed if pair[0]["verdict"] == "right"],
        fixed=[pair for pair in changed if pair[1]["verdict"] == "right"],
        otherwise=[pair for pair in changed if "right" not in (pair[0]["verdict"], pair[1]["verdict"])],
        unmatched=len({*base, *here}) - len(both),
    )


def sections(changed: ChangedReadings | None) -> list[Section]:
    """Return a section on them, none where nothing changed."""
    section = Section("Readings that changed")
    if changed is None:
        section.say("The readings of one side are not at hand, so none can be compared.")
        return [section]
    if changed.unmatched:
        section.say(f"{changed.unmatched} plates are in one side's test split alone, or have another text there.")
    for title, pairs in (
        ("Wrong now", changed.regressed),
        ("Right now", changed.fixed),
        ("Wrong otherwise", changed.otherwise),
    ):
        if pairs:
            more = f", the surest {SHOWN}" if len(pairs) > SHOWN else ""
            section.say(f"{title}: {len(pairs)} of {changed.plates}{more}.", strong=True)
            section.blocks.append(Readings([_reading(*pair) for pair in pairs[:SHOWN]]))
    return [section] if section.blocks else []


def _reading(base: dict[str, str], here: dict[str, str]) -> Reading:
    confidence = here["confidence"] or "-"
    return Reading(here["image"], here["truth"], _read(base), _read(here), confidence, cut_out(here))


def _read(row: dict[str, str]) -> Words:
    return "not found" if row["verdict"] == "missed" else Code(row["read"]) if row["read"] else "nothing"


def _confidence(pair: Pair) -> float:
    try:
        return float(pair[1]["confidence"] or 0)
    except ValueError:
        return 0.0
