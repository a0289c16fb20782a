"""CTC prefix beam search: the likeliest texts of a crop, and how likely given texts are.

A. Hannun et al. 2014, "First-Pass Large Vocabulary Continuous Speech Recognition using Bi-Directional Recurrent DNNs".
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lpr.decoding.ctc import BLANK, probabilities
from lpr.plate.text import ALPHABET, INDEX
from lpr.world.grammar import LONGEST

WIDTH = 8
"""Texts that are followed at a time."""
FAINT = 5e-3
"""Probability below which a class is not tried at a time step."""
MOST = 6
"""Characters that are tried at a time step, likeliest first; bounds the time that an illegible crop takes."""
EMPTY = 1e-4
"""Probability of all characters together below which a time step shows none."""

Floats = NDArray[np.float64]


def beam_search(logits: NDArray[np.float32], width: int = WIDTH) -> list[str]:
    """Return the likeliest texts of a crop, of at most 16 characters, best first.

    Args:
        logits: `(T, 36)` log-odds against "no character".
        width: how many are followed, and returned at most.
    """
    # Each text's probability of having ended in "no character", and in its last character.
    beams: dict[str, tuple[float, float]] = {"": (1.0, 0.0)}
    for step in probabilities(logits).tolist():
        blank = step[BLANK]
        if blank > 1 - FAINT:
            beams = {text: ((ended + open_) * blank, 0.0) for text, (ended, open_) in beams.items()}
            continue
        likely = [(p, ALPHABET[index - 1]) for index, p in enumerate(step) if p >= FAINT and index != BLANK]
        if len(likely) > MOST:
            likely = sorted(likely, reverse=True)[:MOST]
        grown: dict[str, list[float]] = {}
        for text, (ended, open_) in beams.items():
            here = grown.setdefault(text, [0.0, 0.0])
            here[0] += (ended + open_) * blank
            last = text[-1:]
            for p, character in likely if len(text) < LONGEST else ():
                longer = grown.setdefault(text + character, [0.0, 0.0])
                if character == last:
                    here[1] += open_ * p
                    longer[1] += ended * p
                else:
                    longer[1] += (ended + open_) * p
        best = sorted(grown.items(), key=lambda item: -item[1][0] - item[1][1])[:width]
        # Scaled, since only their order counts and the product of 64 steps may vanish.
        scale = sum(best[0][1])
        beams = {text: (ended / scale, open_ / scale) for text, (ended, open_) in best if ended + open_ > 0}
    return sorted(beams, key=lambda text: -sum(beams[text]))


def log_likelihoods(cuts: NDArray[np.float32], texts: Sequence[str]) -> Floats:
    """Return `(C, K)` natural logarithms of each text's probability in each cut, over all its CTC paths.

    Args:
        cuts: `(C, T, 36)` log-odds of cuts of a plate.
        texts: K texts of characters of the alphabet.
    """
    steps = np.asarray(probabilities(cuts), np.float64)
    # The forward recursion of Graves et al. 2006 for all texts at once: blanks at even places, characters at odd ones.
    size = 2 * max(map(len, texts), default=0) + 1
    classes = np.zeros((len(texts), size), int)
    for row, text in zip(classes, texts, strict=True):
        row[1 : 2 * len(text) : 2] = [INDEX[character] + 1 for character in text]
    skips = np.zeros(classes.shape)
    skips[:, 2:] = (classes[:, 2:] != BLANK) & (classes[:, 2:] != classes[:, :-2])
    # Of steps in a row that show nothing in any cut one tells as much as all: it parts two equal characters.
    empty = (steps[..., BLANK] > 1 - EMPTY).all(axis=0)
    steps = steps[:, ~(empty & np.roll(empty, 1))] if not empty.all() else steps[:, :1]
    forward = np.zeros((len(cuts), *classes.shape))
    forward[..., 0] = 1
    scales = np.zeros((len(cuts), len(texts)))
    for number in range(steps.shape[1]):
        reached = forward.copy()
        # A path begins in the first blank or in the first character.
        reached[..., 1:] += forward[..., :-1]
        if number:
            reached[..., 2:] += forward[..., :-2] * skips[:, 2:]
        forward = reached * steps[:, number][:, classes]
        highest = np.maximum(forward.max(axis=-1), math.ulp(0.0))
        forward /= highest[..., None]
        scales += np.log(highest)
    rows, ends = np.arange(len(texts)), 2 * np.array([len(text) for text in texts], int)
    ended = forward[:, rows, ends] + np.where(ends > 0, forward[:, rows, ends - 1], 0)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(ended) + scales)
