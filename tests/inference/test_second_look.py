"""Geometry and verdict of the second look, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from lpr.inference.second_look import combine, to_photo, window_for


def test_window_is_centred_and_three_plates_wide() -> None:
    assert window_for((700, 500, 100, 30), 0.9, 1600, 1200) == (600, 365, 300, 300)


def test_window_stays_inside_the_photo() -> None:
    assert window_for((0, 0, 100, 30), 0.9, 1600, 1200) == (0, 0, 300, 300)
    assert window_for((1590, 1190, 10, 10), 0.9, 1600, 1200) == (1536, 1136, 64, 64)
    assert window_for((700, 50, 100, 30), 0.9, 1600, 100) == (600, 0, 300, 100)


@pytest.mark.parametrize(
    ("box", "confidence", "looked_at"),
    [
        ((10, 10, 239, 60), 0.99, True),  # just below 0.15 of 1600
        ((10, 10, 241, 60), 0.99, False),  # not small, and sure
        ((10, 10, 241, 60), 0.69, True),  # not small, but not sure
        ((10, 10, 390, 90), 0.5, False),  # its window would show hardly less than the photo
    ],
)
def test_who_gets_a_second_look(box: tuple[float, ...], confidence: float, looked_at: bool) -> None:
    assert (window_for(box, confidence, 1600, 1200) is not None) == looked_at


def test_rows_are_mapped_from_window_to_photo() -> None:
    rows = np.array([[[0.25, 0.5, 0.5, 0.1, 0.7]]], np.float32)
    assert to_photo(rows, (100, 200, 400, 300))[0, 0] == pytest.approx([200, 350, 200, 30, 0.7])
    assert rows[0, 0, 0] == 0.25


FIRST = np.array([100, 100, 100, 30, 0.6])


def test_agreement_moves_the_box_and_averages() -> None:
    seen = np.array([[104, 101, 96, 28, 0.9], [300, 100, 100, 30, 0.99]])
    assert combine(FIRST, seen, 0.5) == pytest.approx([104, 101, 96, 28, 0.75])


def test_a_doubtful_second_look_keeps_the_box() -> None:
    seen = np.array([[104, 101, 96, 28, 0.2]])
    assert combine(FIRST, seen, 0.5) == pytest.approx([100, 100, 100, 30, 0.4])


def test_no_agreement_halves() -> None:
    assert combine(FIRST, np.array([[300, 100, 100, 30, 0.99]]), 0.5) == pytest.approx([100, 100, 100, 30, 0.3])
    assert combine(FIRST, np.empty((0, 5)), 0.5) == pytest.approx([100, 100, 100, 30, 0.3])
