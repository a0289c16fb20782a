"""Fonts of a folder: which are taken, and that their letters stand on plates."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from fontTools.ttLib import TTFont

from lpr.base.errors import LprError
from lpr.synthetic import Renderer
from lpr.synthetic.fonts import Fonts, read_fonts
from lpr.synthetic.letters import FontFace, draw_face, glyph

SANS, MONO, SYMBOLS = "DejaVuSans.ttf", "DejaVuSansMono-Bold.ttf", "STIXSizOneSymReg.ttf"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    origin = find_spec("matplotlib").origin  # type: ignore[union-attr]
    fonts = Path(str(origin)).parent / "mpl-data" / "fonts" / "ttf"
    (tmp_path / "deep").mkdir()
    for name in (SANS, SYMBOLS):
        shutil.copy(fonts / name, tmp_path / name)
    shutil.copy(fonts / MONO, tmp_path / "deep" / MONO)
    (tmp_path / "broken.otf").write_bytes(b"not a font")
    return tmp_path


def test_what_looks_like_plates_is_taken_in_the_order_of_names(folder: Path) -> None:
    fonts = read_fonts(folder)
    assert [Path(file).name for file in fonts.every] == [SANS, MONO]
    # Both have a narrow or slashed zero, and a 1 with a flag.
    assert fonts.distinct == fonts.every


def test_a_folder_without_fonts_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LprError, match="no font"):
        read_fonts(tmp_path)


def test_given_fonts_stand_on_a_share_of_the_plates(folder: Path) -> None:
    given = read_fonts(folder).every
    rng = np.random.default_rng(3)
    faces = [draw_face(rng, ("din",), 0.0, False, given) for _ in range(400)]
    names = [face.name for face in faces if isinstance(face, FontFace)]
    assert set(names) == set(given)
    assert 0.3 < len(names) / len(faces) < 0.5
    assert not any(isinstance(draw_face(rng, ("din",), 0.0, False), FontFace) for _ in range(50))


def test_rendered_plates_take_their_letters_from_them(folder: Path) -> None:
    fonts = read_fonts(folder)
    plain, given = (Renderer("legible", 5, some) for some in (None, Fonts(fonts.every, fonts.distinct)))
    same = [np.array_equal(plain.crop(index).image, given.crop(index).image) for index in range(12)]
    assert not all(same)


def test_a_web_font_draws_what_its_source_draws(folder: Path) -> None:
    font = TTFont(folder / SANS)
    font.flavor = "woff"
    font.save(folder / "sans.woff")
    assert str(folder / "sans.woff") in read_fonts(folder).every
    assert np.array_equal(glyph(str(folder / "sans.woff"), "R"), glyph(str(folder / SANS), "R"))
