"""One reading out of the cuts of a plate.

A reading that is sure at first sight stands, if some country has such plates. Any other plate is cut anew, closer and
wider: one cut may drop a thin first letter or take a frame for one, three cuts rarely err alike. The texts that any cut
makes likely are compared by how likely all cuts find them, and by how likely such a text is on a plate.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lpr.decoding.beam import beam_search, log_likelihoods
from lpr.decoding.ctc import Reading, decode
from lpr.world.grammar import LONGEST, Grammar

SURE, FITTING = 0.8, 0.5
"""Confidence of a first reading, and plausibility of its text, from which it stands."""
SHIFT = 0.04
"""What is taken off and put on the margin, in shares of the box, for the two further cuts."""
WEIGHT = 0.4
"""What the logarithm of the grammar's probability is multiplied by, against 1 for the OCR's. Chosen on photographs of
the validation split; a grammar that were right about all plates would weigh 1."""


def margins(margin: float) -> tuple[float, float]:
    """Return the margins of the two further cuts of a plate that was cut with `margin`."""
    return margin - SHIFT, margin + SHIFT


def stands(reading: Reading, grammar: Grammar) -> bool:
    """Return whether a first reading needs no further cuts: it is sure, and its text follows a country's format."""
    return reading.confidence >= SURE and grammar.plausibility(reading.text) >= FITTING


def read_cuts(cuts: Sequence[NDArray[np.float32]], grammar: Grammar) -> Reading:
    """Return what a plate's cuts say together.

    The grammar chooses between texts and makes none surer: a character's probability is the mean over the cuts of what
    `decode` says where the cut reads this text by itself, and of the whole text's probability where it does not. A text
    that the cuts alone would not have chosen has that probability everywhere. Whether there is a text at all the cuts
    decide alone.

    Args:
        cuts: `(T, 36)` log-odds of each cut, the usual one first. Cuts that hold NaN are left out.
        grammar: how likely texts are.
    """
    first = decode(cuts[0])
    if stands(first, grammar):
        return first
    seen = np.stack([cut for cut in cuts if np.isfinite(cut).all()] or [np.full_like(cuts[0], -np.inf)])
    alone = [decode(cut) for cut in seen]
    likely = [*(reading.text for reading in alone), *(text for cut in seen for text in beam_search(cut))]
    texts = [text for text in dict.fromkeys(likely) if len(text) <= LONGEST]
    likelihoods = log_likelihoods(seen, texts)
    ours = likelihoods.mean(axis=0)
    if not texts[int(ours.argmax())]:
        return Reading("", (), 0.0)
    priors = np.array([grammar.log_ratio(text) for text in texts])
    chosen = int((ours + WEIGHT * priors).argmax())
    text, changed = texts[chosen], chosen != int(ours.argmax())
    whole = np.exp(likelihoods[:, chosen])
    rows = [
        reading.chars if reading.text == text and not changed else (float(p),) * len(text)
        for reading, p in zip(alone, whole, strict=True)
    ]
    chars = tuple(float(value) for value in np.mean(rows, axis=0))
    return Reading(text, chars, min(chars, default=0.0))
