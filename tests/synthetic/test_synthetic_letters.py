"""Letters: every glyph has its own shape, and annotated centres lie where the ink is."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from lpr.plate.text import ALPHABET, INDEX
from lpr.synthetic.camera import place, pose
from lpr.synthetic.families import FAMILIES
from lpr.synthetic.layouts import draw_text
from lpr.synthetic.letters import FontFace, draw_line
from lpr.synthetic.plate import draw_plate
from lpr.synthetic.typeface import GLYPH_HEIGHT, Typeface
from lpr.synthetic.world import LAYOUTS

CONFUSABLE = ("0O", "1I", "8B", "2Z", "5S", "6G", "WM", "0D", "0Q", "UV", "VY", "CG", "PR", "EF")


def face(family: str, seed: int, distinct: bool = True) -> Typeface:
    return Typeface.draw(np.random.default_rng(seed), family, distinct)


def difference(a: np.ndarray, b: np.ndarray) -> float:
    """Share of the ink in which two glyphs differ, both stretched to the wider one's width."""
    width = max(a.shape[1], b.shape[1])
    a, b = (
        np.pad(glyph, ((0, 0), ((width - glyph.shape[1]) // 2, width - glyph.shape[1] - (width - glyph.shape[1]) // 2)))
        for glyph in (a, b)
    )
    return float(np.abs(a.astype(int) - b).sum() / np.maximum(a, b).sum(dtype=float))


@pytest.mark.parametrize("family", FAMILIES)
def test_glyphs_fill_their_height_and_differ_from_each_other(family: str) -> None:
    drawn = face(family, 1)
    glyphs = {character: drawn.mask(character) for character in ALPHABET}
    for character, glyph in glyphs.items():
        assert glyph.shape[0] == GLYPH_HEIGHT, character
        rows = np.flatnonzero(glyph.max(1) > 100)
        assert rows[0] <= 8 and rows[-1] >= GLYPH_HEIGHT - 9, character
    for index, first in enumerate(ALPHABET):
        for second in ALPHABET[index + 1 :]:
            assert difference(glyphs[first], glyphs[second]) > 0.02, (first, second)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("pair", CONFUSABLE)
def test_confusable_characters_differ_clearly_in_a_distinct_typeface(family: str, pair: str) -> None:
    for seed in range(4):
        drawn = face(family, seed)
        assert difference(drawn.mask(pair[0]), drawn.mask(pair[1])) > 0.08, seed


def test_a_typeface_need_not_be_distinct() -> None:
    plain = [face("uk", seed, distinct=False) for seed in range(10)]
    # Some typefaces draw the two as one shape, as most real plates do.
    assert min(difference(drawn.mask("0"), drawn.mask("O")) for drawn in plain) < 0.2


def test_a_line_gives_the_middle_of_each_character() -> None:
    drawn = face("din", 0)
    line = draw_line("AB-C*1", drawn, spacing=0.2, gap=0.3)
    assert line.mask.shape[0] == GLYPH_HEIGHT
    assert len(line.centres) == 4
    assert len(line.emblems) == 1
    first = drawn.mask("A").shape[1]
    assert line.centres[0] == first / 2
    assert line.centres[1] == first + round(0.2 * GLYPH_HEIGHT) + drawn.mask("B").shape[1] / 2
    assert line.centres[2] < line.emblems[0] < line.centres[3]
    half = line.resized(line.mask.shape[1] // 2, 20)
    np.testing.assert_allclose(half.centres, line.centres / 2, atol=0.5)


def test_fonts_of_dependencies_draw_every_character() -> None:
    for name in ("DejaVuSans-Bold.ttf", "DejaVuSansMono.ttf", "default"):
        glyphs = [FontFace(name, 0.8).mask(character) for character in ALPHABET]
        assert all(glyph.shape[0] == GLYPH_HEIGHT and glyph.max() > 200 for glyph in glyphs)
        assert len({glyph.tobytes() for glyph in glyphs}) == len(ALPHABET)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_each_layout_gives_texts_of_the_alphabet(layout) -> None:  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(0)
    assert layout.weight > 0
    for pattern in layout.patterns:
        assert pattern.count("|") <= 1
        assert ("|" in pattern) == ("|" in layout.patterns[0])
        for distinct in (True, False):
            drawn = draw_text(rng, pattern, distinct)
            text = [character for character in drawn if character in INDEX]
            assert 2 <= len(text) <= 11
            assert set(drawn) <= set(INDEX) | set(" -.*|:")
            assert len(drawn) == len(pattern)


def test_in_distinct_texts_no_o_stands_where_a_digit_could() -> None:
    rng = np.random.default_rng(0)
    texts = "".join(draw_text(rng, "aaaaaaaaaa", True) for _ in range(200))
    assert not set(texts) & set("OIQ")
    assert set("OI") <= set("".join(draw_text(rng, "llllllllll", True) for _ in range(200)))


@pytest.mark.parametrize("seed", range(25))
def test_centres_lie_on_the_ink_after_the_warp(seed: int) -> None:
    """A spot painted at a character's middle is warped to the centre that is given for it."""
    rng = np.random.default_rng(seed)
    flat = draw_plate(rng, "legible", 90)
    for number, centre in enumerate(flat.centres):
        image = np.zeros_like(flat.image)
        x, y = centre
        cv2.circle(image, (round((x - 0.5) * 16), round((y - 0.5) * 16)), 5 * 16, (255, 255, 255), -1, cv2.LINE_AA, 4)
        marked = type(flat)(
            image, np.full_like(flat.alpha, 255), flat.area, flat.text, flat.lines, flat.centres, flat.letters
        )
        quad = pose(np.random.default_rng(seed), flat.aspect, 60, "harsh") + np.array([300, 200])
        canvas = np.zeros((400, 600, 3), np.uint8)
        placed = place(canvas, marked, quad, 1.0)
        weight = canvas[..., 0].astype(float)
        rows, columns = np.indices(weight.shape)
        found = ((columns + 0.5) * weight).sum() / weight.sum(), ((rows + 0.5) * weight).sum() / weight.sum()
        np.testing.assert_allclose(placed.centres[number], found, atol=0.35)


@pytest.mark.parametrize("seed", range(25))
def test_flat_centres_lie_on_letters(seed: int) -> None:
    """Around each centre, within half a letter, the plate is not of one colour; between centres the order is kept."""
    flat = draw_plate(np.random.default_rng(seed), "legible", 90)
    grey = cv2.cvtColor(flat.image, cv2.COLOR_RGB2GRAY).astype(float)
    height = (flat.area[3] - flat.area[1]) * flat.letters
    for x, y in flat.centres:
        part = grey[round(y - height / 2) : round(y + height / 2), round(x - height / 5) : round(x + height / 5) + 1]
        assert np.ptp(part) > 60


def test_every_letter_is_drawn_where_a_letter_stands_and_none_like_a_digit_where_either_may() -> None:
    rng = np.random.default_rng(2)
    drawn = [draw_text(rng, "lad", distinct=True) for _ in range(2000)]
    assert {text[0] for text in drawn} == set(ALPHABET[10:])
    assert {text[1] for text in drawn} == set(ALPHABET) - set("OIQ")
    assert {text[2] for text in drawn} == set(ALPHABET[:10])
