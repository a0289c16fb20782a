from __future__ import annotations

import numpy as np

from lpr.metrics.matching import match


def test_the_cheapest_pair_goes_first() -> None:
    costs = np.array([[1.0, 2.0], [0.5, 9.0]])
    # Row 1 takes column 0 though row 0 would like it best too.
    assert match(np.ones((2, 2), bool), costs).tolist() == [1, 0]
    assert match(np.array([[True, False], [True, True]]), costs).tolist() == [-1, 0]


def test_a_first_cost_goes_before_a_second() -> None:
    costs = np.array([[1.0, 2.0], [0.5, 9.0]])
    by_row = np.arange(2)[:, None]
    assert match(np.ones((2, 2), bool), by_row, costs).tolist() == [0, 1]
    last_column_first = np.array([1, 0])
    assert match(np.ones((2, 2), bool), by_row, last_column_first, costs).tolist() == [1, 0]


def test_of_equal_costs_the_first_row_and_column_win() -> None:
    assert match(np.ones((3, 2), bool), np.zeros((3, 2))).tolist() == [0, 1, -1]


def test_nothing_to_match() -> None:
    assert match(np.zeros((2, 0), bool), np.zeros((2, 0))).tolist() == [-1, -1]
    assert match(np.zeros((0, 3), bool), np.zeros((0, 3))).tolist() == []
    assert match(np.zeros((2, 2), bool), np.zeros((2, 2))).tolist() == [-1, -1]
