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
class Turned:
    """What became of the plates that both sides have with the same true text.

    Attributes:
        plates: their number.
        lost: right at the base, wrong here, surest first.
        won: wrong at the base, right here, surest first.
        other: wrong on both sides, in another way.
        apart: plates that one side alone has, or with another text.
    """

    plates: int
    lost: list[Pair]
    won: list[Pair]
    other: list[Pair]
    apart: int


def compare(base: ReadingRows | None, here: ReadingRows | None) -> Turned | None:
    """Compare the readings of two sides, None where one has none."""
    if base is None or here is None:
        return None
    both = [(base[key], here[key]) for key in here if key in base and base[key]["truth"] == here[key]["truth"]]
    labelled = [pair for pair in both if pair[0]["verdict"] != "unlabelled"]
    changed = sorted((pair for pair in labelled if pair[0]["read"] != pair[1]["read"]), key=_confidence, reverse=True)
    lost = [pair for pair in changed if pair[0]["verdict"] == "right"]
    won = [pair for pair in changed if pair[1]["verdict"] == "right"]
    other = [pair for pair in changed if "right" not in (pair[0]["verdict"], pair[1]["verdict"])]
    return Turned(len(labelled), lost, won, other, len({*base, *here}) - len(both))


def sections(turned: Turned | None) -> list[Section]:
    """Return a section on them, none where nothing changed."""
    section = Section("Readings that changed")
    if turned is None:
        section.say("The readings of one side are not at hand, so none can be compared.")
        return [section]
    if turned.apart:
        section.say(f"{turned.apart} plates are in one side's test split alone, or have another text there.")
    for title, pairs in (("Wrong now", turned.lost), ("Right now", turned.won), ("Wrong otherwise", turned.other)):
        if pairs:
            more = f", the surest {SHOWN}" if len(pairs) > SHOWN else ""
            section.say(f"{title}: {len(pairs)} of {turned.plates}{more}.", strong=True)
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
