"""Where on the OCR's time axis the characters of a plate stand, for plates whose glyph positions are known."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from lpr.decoding.ctc import BLANK
from lpr.ocr.model import COLUMNS, LINES
from lpr.plate.text import INDEX

UNKNOWN = -1
"""Class of a time step about which nothing is said."""


def encode(text: str) -> list[int]:
    """Return the classes 1 to 36 of a text of the alphabet."""
    return [INDEX[character] + 1 for character in text]


def glyph_targets(text: str, centres: Sequence[tuple[float, float]] | None, lines: int | None) -> Tensor:
    """Return the class that each time step should show.

    The step at a character's middle shows the character, its two neighbours are left open, all others show nothing.

    Args:
        text: `0-9A-Z`, top line first.
        centres: middle `(x, y)` of each character in fractions of the crop, or None where they are not known.
        lines: 1 or 2; None counts as 1.

    Returns:
        `(64,)` int64 of classes 0 to 36; `UNKNOWN` everywhere when centres are not known or one lies outside the crop.
    """
    if centres is None or not all(0 <= x < 1 and 0 <= y < 1 for x, y in centres):
        return torch.full((LINES * COLUMNS,), UNKNOWN)
    steps = [BLANK] * (LINES * COLUMNS)
    places = [
        line * COLUMNS + int(x * COLUMNS) for line, (x, _) in zip(_lines_of(centres, lines), centres, strict=True)
    ]
    for place in places:
        first, last = place // COLUMNS * COLUMNS, (place // COLUMNS + 1) * COLUMNS
        for near in range(max(place - 1, first), min(place + 2, last)):
            steps[near] = UNKNOWN
    for place, value in zip(places, encode(text), strict=True):
        steps[place] = value
    return torch.tensor(steps)


def _lines_of(centres: Sequence[tuple[float, float]], lines: int | None) -> list[int]:
    """Return the reading line of each character: text runs top line first, so the second starts where x falls back."""
    if lines != LINES:
        return [0] * len(centres)
    line, result, previous = 0, [], -1.0
    for x, _ in centres:
        if x < previous:
            line = 1
        result.append(line)
        previous = x
    return result
