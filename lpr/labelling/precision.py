"""From which certainty on the texts of pre-labels are right as often as is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lpr.metrics.counts import wilson
from lpr.metrics.end_to_end import Labelled, match_readings
from lpr.plate.box import Box

MATCH_IOU = 0.5
"""Overlap from which a box is that of a labelled plate."""


def measured_threshold(outcomes: Iterable[tuple[float, bool]], precision: float) -> float | None:
    """Return the lowest certainty from which on pre-labels were right as often as asked for.

    Args:
        outcomes: certainty of each pre-label of labelled photos, and whether it was right.
        precision: in (0, 1); the lower end of the 95% Wilson interval has to reach it.

    Returns:
        None where no certainty reaches it: there are too few of them, or too many errors among the surest.
    """
    ranked = sorted(outcomes, key=lambda outcome: -outcome[0])
    threshold, right = None, 0
    for count, (certainty, was_right) in enumerate(ranked, 1):
        right += was_right
        last_of_equals = count == len(ranked) or ranked[count][0] < certainty
        if last_of_equals and wilson(right, count)[0] >= precision:
            threshold = certainty
    return threshold


def stated_threshold(certainties: Iterable[float], precision: float) -> float | None:
    """Return the lowest certainty from which on the mean of `certainties`, taken at their word, reaches `precision`.

    None where even the surest is below it.
    """
    threshold, total = None, 0.0
    for count, certainty in enumerate(sorted(certainties, reverse=True), 1):
        total += certainty
        if total / count >= precision:
            threshold = certainty
    return threshold


def outcomes(
    truths: Sequence[tuple[Box, str | None]], found: Sequence[tuple[Box, str | None, float]]
) -> list[tuple[float, bool]]:
    """Return certainty, and whether its text is right, of each pre-label that overlaps a labelled plate with a text.

    Others are left out: plates in the background are often not labelled, and a text that nobody could read says nothing
    about a reading.

    Args:
        truths: box and text of each labelled plate, None where nobody could read it.
        found: box, text and certainty of each pre-label.
    """
    read = [Labelled(box, text or "") for box, text, _ in found]
    known = [Labelled(box, text) for box, text in truths if text is not None]
    partners = match_readings(known, read, lambda *_: True, MATCH_IOU)
    return [
        (found[index][2], read[index].text == truth.text)
        for truth, index in zip(known, partners, strict=True)
        if index >= 0
    ]
