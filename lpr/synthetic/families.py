"""Kinds of plate letters, each with the ranges that its typefaces are drawn from."""

from __future__ import annotations

from dataclasses import dataclass

from lpr.synthetic.arrays import Range


@dataclass(frozen=True)
class Family:
    """Ranges that typefaces of one kind are drawn from; lengths in shares of the capital height.

    Attributes:
        width: of an ordinary letter.
        weight: thickness of a stroke.
        roundness: size of fillets; 1 rounds bowls completely.
        elongation: how far fillets reach along the vertical; 1 gives circular corners, larger ones ellipses.
        slant: horizontal shear.
        evenness: 0 for proportional widths, 1 for one width for all.
        square: probability of cut terminals instead of round ones.
        serif: probability of slab serifs.
        gaps: probability of the cuts of forgery-hindering letters.
        dots: probability of letters made of dots.
        zeros: forms of the zero to choose from: plain, narrow, slashed, dotted.
        alternatives: probability of each glyph's alternative shape.
    """

    width: Range = (0.48, 0.62)
    weight: Range = (0.11, 0.16)
    roundness: Range = (0.6, 1.0)
    elongation: Range = (1.0, 1.3)
    slant: Range = (0.0, 0.0)
    evenness: Range = (0.2, 0.9)
    square: float = 0.8
    serif: float = 0.0
    gaps: float = 0.0
    dots: float = 0.0
    zeros: tuple[str, ...] = ("narrow", "narrow", "plain")
    alternatives: float = 0.25


FAMILIES = {
    "din": Family(width=(0.46, 0.58), weight=(0.12, 0.16), roundness=(0.85, 1.0), evenness=(0.4, 0.9)),
    "fe": Family(
        width=(0.52, 0.62), weight=(0.11, 0.15), roundness=(0.6, 1.0), evenness=(0.75, 1.0), square=1.0, gaps=0.85
    ),
    "uk": Family(
        width=(0.58, 0.66),
        weight=(0.15, 0.19),
        roundness=(0.55, 0.85),
        evenness=(0.85, 1.0),
        square=1.0,
        zeros=("plain",),
    ),
    "us": Family(
        width=(0.42, 0.56),
        weight=(0.10, 0.15),
        roundness=(0.6, 1.0),
        elongation=(1.0, 1.4),
        evenness=(0.4, 1.0),
        square=0.3,
    ),
    "thin": Family(width=(0.45, 0.6), weight=(0.07, 0.10), roundness=(0.5, 1.0), square=0.5),
    "heavy": Family(width=(0.6, 0.75), weight=(0.18, 0.23), roundness=(0.7, 1.0), elongation=(1.0, 1.5), square=0.9),
    "condensed": Family(width=(0.36, 0.44), weight=(0.10, 0.13), roundness=(0.8, 1.0), elongation=(1.3, 2.0)),
    "wide": Family(width=(0.66, 0.85), weight=(0.11, 0.16), roundness=(0.4, 1.0), elongation=(1.0, 1.5)),
    "boxy": Family(width=(0.5, 0.65), weight=(0.11, 0.15), roundness=(0.35, 0.6), evenness=(0.6, 1.0), square=1.0),
    "oval": Family(
        width=(0.58, 0.75), weight=(0.11, 0.16), roundness=(0.95, 1.0), elongation=(1.6, 2.2), evenness=(0.0, 0.4)
    ),
    "italic": Family(width=(0.5, 0.65), weight=(0.11, 0.17), slant=(0.08, 0.2)),
    "slab": Family(
        width=(0.6, 0.74), weight=(0.10, 0.14), roundness=(0.8, 1.0), elongation=(1.2, 1.9), serif=1.0, square=1.0
    ),
    "dots": Family(width=(0.6, 0.72), weight=(0.11, 0.13), roundness=(0.5, 0.9), dots=1.0, evenness=(0.8, 1.0)),
}
