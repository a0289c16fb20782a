"""The second reading: a plate that was read with doubt is cut anew, closer and wider, and the readings vote.

One cut may drop a thin first letter or take a frame for one; three cuts rarely err alike. Where the first reading is
sure the others would say the same, so that the second reading costs little.
"""

from __future__ import annotations

from collections.abc import Sequence

from lpr.decoding.ctc import Reading

SURE = 0.8
"""Confidence from which a reading stands."""
SHIFT = 0.04
"""What is taken off and put on the margin, in shares of the box, for the two further cuts."""


def margins(margin: float) -> tuple[float, float]:
    """Return the margins of the two further cuts of a plate that was cut with `margin`."""
    return margin - SHIFT, margin + SHIFT


def vote(readings: Sequence[Reading]) -> Reading:
    """Return the text that has the highest sum of confidences, with its characters' mean probabilities.

    A cut that was read otherwise counts 0 for every character of the winner, so that disagreement lowers the confidence
    and nothing raises it above that of the surest cut. Of equal sums the text that was read first wins.

    Args:
        readings: of one plate, at least one.
    """
    sums: dict[str, float] = {}
    for reading in readings:
        sums[reading.text] = sums.get(reading.text, 0.0) + reading.confidence
    text = max(sums, key=lambda candidate: sums[candidate])
    agreeing = [reading.chars for reading in readings if reading.text == text]
    chars = tuple(sum(values) / len(readings) for values in zip(*agreeing, strict=True))
    return Reading(text, chars, min(chars, default=0.0))
