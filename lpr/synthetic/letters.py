"""Lines of plate text, drawn with our typeface or with a font that comes with a dependency."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from lpr.base.errors import LprError
from lpr.plate.text import INDEX
from lpr.synthetic.arrays import Mask
from lpr.synthetic.typeface import GLYPH_HEIGHT, Typeface

_FONT_SIZE = 96
GIVEN = 0.4
"""Share of the plates whose letters are of a font that was given."""
_STRETCH = (0.62, 1.05)
DEJAVU = "DejaVuSans-Bold.ttf"
PLATE_FONTS = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf", "default")
WORD_FONTS = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSans-Oblique.ttf", "DejaVuSerif-Bold.ttf", "default")
_DISTINCT_FONTS = ("DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf", "DejaVuSans.ttf", "DejaVuSans-Bold.ttf")


class Face(Protocol):
    """Whatever draws single characters."""

    def mask(self, character: str) -> Mask:
        """Return a character's ink, cropped to it: `(GLYPH_HEIGHT, W)` uint8."""


@dataclass(frozen=True)
class FontFace:
    """Letters of a font, stretched. `name` is a file of matplotlib's, a path, or "default" for Pillow's own font."""

    name: str
    stretch: float

    def mask(self, character: str) -> Mask:
        """Return a character's ink, cropped to it: `(GLYPH_HEIGHT, W)` uint8."""
        drawn = glyph(self.name, character)
        width = max(2, round(drawn.shape[1] * GLYPH_HEIGHT / drawn.shape[0] * self.stretch))
        return cv2.resize(drawn, (width, GLYPH_HEIGHT), interpolation=cv2.INTER_AREA)


def draw_face(
    rng: np.random.Generator, families: tuple[str, ...], fonts: float, distinct: bool, given: tuple[str, ...] = ()
) -> Face:
    """Draw the letters of a plate.

    Args:
        rng: the source of randomness.
        families: of our own typefaces.
        fonts: probability of a font that comes with a dependency.
        distinct: whether 0 and O, 1 and I must differ in shape.
        given: files of further fonts, which `GIVEN` of the plates take their letters from.
    """
    if given and rng.random() < GIVEN:
        return FontFace(str(rng.choice(given)), rng.uniform(*_STRETCH))
    if rng.random() < fonts:
        names = _DISTINCT_FONTS if distinct else PLATE_FONTS
        return FontFace(str(rng.choice(names)), rng.uniform(0.68, 1.0))
    return Typeface.draw(rng, str(rng.choice(families)), distinct)


@dataclass(frozen=True)
class Line:
    """A drawn line of text.

    Attributes:
        mask: its ink, `(height, W)` uint8.
        centres: the horizontal middle of each character in the mask.
        emblems: the horizontal middle of each place kept free for an emblem.
    """

    mask: Mask
    centres: NDArray[np.float64]
    emblems: NDArray[np.float64]

    def resized(self, width: int, height: int) -> Line:
        """Return the line stretched to a size in pixels."""
        scale = width / self.mask.shape[1]
        mask = cv2.resize(self.mask, (width, height), interpolation=cv2.INTER_AREA)
        return Line(mask, self.centres * scale, self.emblems * scale)


def draw_line(text: str, face: Face, spacing: float, gap: float) -> Line:
    """Draw a line of text whose capitals are `GLYPH_HEIGHT` high.

    Args:
        text: characters of the alphabet, and the signs ` ` (gap), `-`, `.`, `:`, `*` (place of an emblem).
        face: draws the characters.
        spacing: between characters, in shares of the capitals' height.
        gap: width of a gap between groups, in shares of the capitals' height.
    """
    pieces: list[Mask] = []
    centres: list[float] = []
    emblems: list[float] = []
    position = 0.0
    between = np.zeros((GLYPH_HEIGHT, max(1, round(spacing * GLYPH_HEIGHT))), np.uint8)
    for character in text:
        if character in INDEX:
            piece = face.mask(character)
            centres.append(position + piece.shape[1] / 2)
        else:
            piece = _sign(character, gap)
            if character == "*":
                emblems.append(position + piece.shape[1] / 2)
        pieces += [piece, between]
        position += piece.shape[1] + between.shape[1]
    return Line(np.concatenate(pieces[:-1], axis=1), np.array(centres), np.array(emblems))


@lru_cache(maxsize=512)
def word(text: str, font: str, height: int) -> Mask:
    """Return small print, such as a slogan or a country code, cropped to its ink: `(height, W)` uint8."""
    drawn = _render(text, font, max(12, round(height * 1.5)))
    width = max(1, round(drawn.shape[1] * height / drawn.shape[0]))
    return cv2.resize(drawn, (width, height), interpolation=cv2.INTER_AREA)


def _sign(character: str, gap: float) -> Mask:
    height = GLYPH_HEIGHT
    width = {" ": gap, "*": 0.55, "-": 0.34, ".": 0.16, ":": 0.16}[character]
    piece = np.zeros((height, max(1, round(width * height))), np.uint8)
    thick = max(2, round(height * 0.11))
    if character == "-":
        middle = height // 2
        piece[middle - thick // 2 : middle - thick // 2 + thick, 1:-1] = 255
    elif character in ".:":
        for row in (0.5,) if character == "." else (0.3, 0.7):
            cv2.circle(piece, (piece.shape[1] // 2, round(row * height)), round(thick * 0.6), 255, -1, cv2.LINE_AA)
    return piece


@lru_cache(maxsize=16384)
def glyph(name: str, character: str) -> Mask:
    """Return a character of a font, cropped to its ink: `(H, W)` uint8. Raises OSError where the file is no font."""
    return _render(character, name, _FONT_SIZE)


def _render(text: str, name: str, size: int) -> Mask:
    font = _font(name, size)
    left, top, right, bottom = font.getbbox(text)
    image = Image.new("L", (max(1, int(right - left)) + 4, max(1, int(bottom - top)) + 4))
    ImageDraw.Draw(image).text((2 - left, 2 - top), text, fill=255, font=font)
    pixels = np.asarray(image)
    rows, columns = np.flatnonzero(pixels.max(1) > 60), np.flatnonzero(pixels.max(0) > 60)
    if not len(rows):
        return np.zeros((size, size // 2), np.uint8)
    return pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


@lru_cache(maxsize=1024)
def _font(name: str, size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    if name == "default":
        return ImageFont.load_default(size)
    return ImageFont.truetype(str(_font_folder() / name), size)


@lru_cache(maxsize=1)
def _font_folder() -> Path:
    # Asking for the place of matplotlib, instead of importing it, keeps worker processes light.
    found = find_spec("matplotlib")
    if found is None or found.origin is None:
        raise LprError("rendered plates need the fonts of matplotlib; run `pip install -r requirements.txt`")
    return Path(found.origin).parent / "mpl-data" / "fonts" / "ttf"
