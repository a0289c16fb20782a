"""Which photos come first, and from which certainty on pre-labels count as sure: cases computed by hand."""

from __future__ import annotations

import pytest

from lpr.labelling.order import doubtful_first, near_duplicate_groups
from lpr.labelling.precision import measured_threshold, outcomes, stated_threshold


def test_near_duplicates_are_groups_by_chains_and_equal_hashes() -> None:
    # 0 and 2 differ in 4 bits, 2 and 3 in 4 others, 0 and 3 in 8: one group by way of 2. None is like nothing.
    hashes = [0, 0xFFFF0000, 0xF, 0xFF, None, 0xFFFF0000, None]
    assert near_duplicate_groups(hashes) == [0, 1, 0, 0, 4, 1, 6]
    assert near_duplicate_groups([]) == []


def test_the_doubtful_come_first_and_take_their_near_duplicates_with_them() -> None:
    certainties = [0.5, 0.9, 0.2, 0.99, 0.4]
    assert doubtful_first(certainties, [0, 1, 2, 2, 4]) == [2, 3, 4, 0, 1]


def test_measured_threshold_needs_the_lower_end_of_the_interval() -> None:
    # Wilson's lower end of 16 of 16 is 0.806, of 15 of 15 0.796.
    right = [(0.9, True)] * 15
    assert measured_threshold(right, 0.8) is None
    assert measured_threshold([*right, (0.7, True)], 0.8) == 0.7
    # An error below it does not count, an equal certainty does.
    assert measured_threshold([*right, (0.7, True), (0.6, False)], 0.8) == 0.7
    assert measured_threshold([*right, (0.7, True), (0.7, False)], 0.8) is None
    assert measured_threshold([], 0.8) is None


def test_stated_threshold_takes_certainties_at_their_word() -> None:
    assert stated_threshold([0.6, 1.0, 0.9], 0.94) == 0.9
    assert stated_threshold([0.6, 1.0, 0.9], 0.8) == 0.6
    assert stated_threshold([0.6], 0.7) is None


def test_outcomes_compare_what_overlaps_a_labelled_text() -> None:
    truths = [((0, 0, 40, 10), "AB1"), ((100, 0, 40, 10), "CD2"), ((200, 0, 40, 10), None)]
    found = [
        ((0, 0, 40, 10), "AB1", 0.9),
        ((100, 1, 40, 10), "CD7", 0.8),
        ((200, 0, 40, 10), "EF3", 0.7),
        ((300, 0, 40, 10), "BACK", 0.6),
        ((102, 30, 40, 10), "CD2", 0.5),
    ]
    assert outcomes(truths, found) == [(0.9, True), (0.8, False)]


@pytest.mark.parametrize("precision", [0.5, 0.9])
def test_thresholds_hold_what_they_promise_on_the_same_outcomes(precision: float) -> None:
    ranked = [(1 - i / 400, i % 10 != 9 or i < 100) for i in range(300)]
    threshold = measured_threshold(ranked, precision)
    assert threshold is not None
    kept = [right for certainty, right in ranked if certainty >= threshold]
    assert len(kept) > 100 and sum(kept) / len(kept) >= precision
