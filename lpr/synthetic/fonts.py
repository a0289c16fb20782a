"""Fonts of a folder, from which rendered plates take letters that our own typefaces do not have."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from lpr.base.errors import LprError
from lpr.plate.text import ALPHABET
from lpr.synthetic.letters import DEJAVU, glyph

SUFFIXES = frozenset({".ttf", ".otf", ".woff", ".woff2"})
LIKENESS = 0.45
"""Mean correlation of a font's characters with ordinary ones; below it are scripts, symbols and blackletter."""
INK = (0.27, 0.78)
"""Share of a capital H's rectangle that is ink; thin fonts have less, and black ones more, than any plate."""
DIFFERENCE = 0.06
"""Share of pixels, at least, in which 0 and O, 1 and I have to differ to be told apart."""
_SIDE = 24


@dataclass(frozen=True)
class Fonts:
    """Fonts whose capitals and digits look like those of plates.

    Attributes:
        every: their files, in the order of their names.
        distinct: those in which 0 and O, 1 and I differ in shape.
    """

    every: tuple[str, ...]
    distinct: tuple[str, ...]


def read_fonts(folder: Path) -> Fonts:
    """Return the suitable fonts of a folder and the folders in it.

    Raises:
        LprError: there is none.
    """
    files = sorted(str(path) for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    every = tuple(file for file in files if _suits(file))
    if not every:
        kinds = ", ".join(sorted(SUFFIXES))
        raise LprError(f"{folder}: no font ({kinds}) with capitals and digits like those of plates")
    return Fonts(every, tuple(file for file in every if _tells_apart(file, "0O") and _tells_apart(file, "1I")))


def _suits(file: str) -> bool:
    try:
        drawn = [glyph(file, character) for character in ALPHABET]
    except OSError:  # damaged, or no font
        return False
    ink = float((glyph(file, "H") > 127).mean())
    if not INK[0] <= ink <= INK[1] or len({piece.tobytes() for piece in map(_square, drawn)}) < len(ALPHABET) - 1:
        return False
    usual = [_square(glyph(DEJAVU, character)) for character in ALPHABET]
    likeness = [_correlation(_square(piece), other) for piece, other in zip(drawn, usual, strict=True)]
    return float(np.mean(likeness)) >= LIKENESS


def _tells_apart(file: str, pair: str) -> bool:
    first, second = (glyph(file, character) for character in pair)
    size = (max(first.shape[1], second.shape[1]), max(first.shape[0], second.shape[0]))
    canvases = []
    for piece in (first, second):
        canvas = np.zeros((size[1], size[0]), np.uint8)
        left = (size[0] - piece.shape[1]) // 2
        canvas[size[1] - piece.shape[0] :, left : left + piece.shape[1]] = piece
        canvases.append(canvas > 127)
    return bool((canvases[0] != canvases[1]).mean() >= DIFFERENCE)


def _square(piece: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(piece, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def _correlation(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> float:
    if not (np.ptp(first) and np.ptp(second)):
        return 1.0 if np.array_equal(first, second) else 0.0
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1])
