"""Plates of the world, as data.

Patterns are those of `lpr.world.formats.country.Country`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lpr.plate.text import ALPHABET
from lpr.synthetic.arrays import Colour

EU_BLUE = (20, 60, 150)
WHITE, YELLOW = (238, 238, 236), (240, 196, 22)


@dataclass(frozen=True)
class Scheme:
    """Colours of a plate: its ground, its letters, and its border (None: no border)."""

    ground: Colour
    ink: Colour
    border: Colour | None = None


@dataclass(frozen=True)
class Layout:
    """One kind of plate.

    Attributes:
        name: what it is called here.
        weight: how often it is drawn, relative to the others.
        aspect: range of width over height.
        patterns: of its text.
        schemes: its colours.
        families: typeface families of its letters.
        cap: range of the letters' height over the height of the room that a line has.
        fonts: probability that a font's letters stand in.
        left, right: what may stand at its sides: "eu", "band", "chip", "scribble", "box".
        top, bottom: what may stand above and below its text: "band", or a list of words to choose from.
        extras: probability of optional parts.
        graphics: probability of a picture behind the text.
        relief: probability of embossed letters.
    """

    name: str
    weight: float
    aspect: tuple[float, float]
    patterns: tuple[str, ...]
    schemes: tuple[Scheme, ...]
    families: tuple[str, ...]
    cap: tuple[float, float] = (0.66, 0.8)
    fonts: float = 0.08
    left: tuple[str, ...] = ()
    right: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    top: tuple[str, ...] = ()
    bottom: tuple[str, ...] = ()
    extras: float = 0.9
    graphics: float = 0.0
    relief: float = 0.5
    colours: tuple[Colour, ...] = field(default=(EU_BLUE,))


_LETTERS = ALPHABET[10:]


def draw_text(rng: np.random.Generator, pattern: str, distinct: bool) -> str:
    """Return a pattern with its places filled.

    Args:
        rng: the source of randomness.
        pattern: see the module.
        distinct: whether O, I and Q, which plates draw like 0 and 1, are kept out of places where a digit could stand.
    """
    either = "".join(c for c in ALPHABET if c not in "OIQ") if distinct else ALPHABET + "00OO11II8B"
    pools = {"l": _LETTERS, "d": ALPHABET[:10], "a": either}
    drawn = []
    for token in pattern:
        pool = pools.get(token)
        drawn.append(token if pool is None else pool[rng.integers(len(pool))])
    return "".join(drawn)
