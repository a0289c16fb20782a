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


def test_a_plate_that_leans_gets_one_of_any_size() -> None:
    assert window_for((10, 10, 300, 60), 0.99, 1600, 1200) is None
    assert window_for((10, 10, 300, 60), 0.99, 1600, 1200, leans=True) is not None
    assert window_for((10, 10, 390, 90), 0.99, 1600, 1200, leans=True) is None  # it would show hardly less


def test_rows_are_mapped_from_window_to_photo() -> None:
    rows = np.array([[[0.25, 0.5, 0.5, 0.1, 0.7, 0.25, 0.5, 0.75, 0.52, 0.75, 0.6, -0.1, 0.58]]], np.float32)
    assert to_photo(rows, (100, 200, 400, 300))[0, 0] == pytest.approx(
        [200, 350, 200, 30, 0.7, 200, 350, 400, 356, 400, 380, 60, 374]
    )
    assert rows[0, 0, 0] == 0.25


def row(x: float, y: float, w: float, h: float, confidence: float) -> list[float]:
    """A candidate whose corners lie a pixel above those of its box."""
    return [x, y, w, h, confidence, x, y - 1, x + w, y - 1, x + w, y + h - 1, x, y + h - 1]


FIRST = np.array(row(100, 100, 100, 30, 0.6))


def test_agreement_moves_box_and_corners_and_averages() -> None:
    seen = np.array([row(104, 101, 96, 28, 0.9), row(300, 100, 100, 30, 0.99)])
    assert combine(FIRST, seen, 0.5) == pytest.approx(row(104, 101, 96, 28, 0.75))
    assert FIRST.tolist() == row(100, 100, 100, 30, 0.6)


def test_a_doubtful_second_look_keeps_box_and_corners() -> None:
    seen = np.array([row(104, 101, 96, 28, 0.2)])
    assert combine(FIRST, seen, 0.5) == pytest.approx(row(100, 100, 100, 30, 0.4))


def test_no_agreement_halves() -> None:
    assert combine(FIRST, np.array([row(300, 100, 100, 30, 0.99)]), 0.5) == pytest.approx(row(100, 100, 100, 30, 0.3))
    assert combine(FIRST, np.empty((0, 13)), 0.5) == pytest.approx(row(100, 100, 100, 30, 0.3))
