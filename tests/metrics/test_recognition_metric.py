from __future__ import annotations

from collections import Counter

import pytest

from lpr.base.errors import LprError
from lpr.metrics.calibration import Calibration
from lpr.metrics.counts import Count, rounded, wilson
from lpr.metrics.recognition import NONE, READING_FIELDS, ReadingMetric, align, commonest_errors, similarity


def test_accuracies_by_hand():
    metric = ReadingMetric()
    metric.update("AB12", "AB12")  # right
    metric.update("XO1I", "X01I")  # right when folded, one of four characters wrong
    metric.update("AB12", "AB1")  # one of four missed
    metric.update("AB", "")  # nothing read
    assert metric.summary() == {
        "plate_accuracy": 0.25,
        "plate_accuracy_folded": 0.5,
        "character_accuracy": pytest.approx((1 + 0.75 + 0.75 + 0) / 4),
        "length_accuracy": 0.5,
        "plates": 4,
        "right": 1,
        "low": pytest.approx(0.0456, abs=1e-4),  # 1 of 4: (1/4 + z²/8 ± z·√(3/64 + z²/64)) / (1 + z²/4)
        "high": pytest.approx(0.6994, abs=1e-4),
    }
    assert tuple(metric.summary()) == READING_FIELDS


def test_similarity_divides_by_the_longer_text():
    assert similarity("AB", "ABCD") == 0.5
    assert similarity("", "") == 1
    assert similarity("A", "BCDE") == 0


def test_empty_metrics_raise():
    for metric in (ReadingMetric(), Calibration()):
        with pytest.raises(LprError, match="no "):
            metric.summary()


@pytest.mark.parametrize(
    ("truth", "read", "pairs"),
    [
        ("AB", "AB", [("A", "A"), ("B", "B")]),
        ("A0", "AO", [("A", "A"), ("0", "O")]),
        ("ABC", "AC", [("A", "A"), ("B", NONE), ("C", "C")]),
        ("AC", "ABC", [("A", "A"), (NONE, "B"), ("C", "C")]),
        ("AB", "", [("A", NONE), ("B", NONE)]),
        ("", "A", [(NONE, "A")]),
        ("KL65", "1KL6S", [(NONE, "1"), ("K", "K"), ("L", "L"), ("6", "6"), ("5", "S")]),
    ],
)
def test_alignment(truth, read, pairs):
    assert align(truth, read) == pairs


def test_confusion_counts_by_hand():
    confusion: Counter[tuple[str, str]] = Counter()
    for truth, read in (("O1", "01"), ("OO", "0O"), ("B", ""), ("8", "B8")):
        confusion.update(align(truth, read))
    assert confusion == {
        ("O", "0"): 2, ("1", "1"): 1, ("O", "O"): 1, ("B", NONE): 1, (NONE, "B"): 1, ("8", "8"): 1,
    }  # fmt: skip
    assert commonest_errors(confusion, 2) == [("O", "0", 2), ("B", NONE, 1)]


@pytest.mark.parametrize(
    ("right", "total", "low", "high"),
    [
        # Newcombe 1998, Statistics in Medicine 17, table I, method 3 (without continuity correction).
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (0, 0, 0.0, 1.0),
        (20, 20, 0.8389, 1.0),
    ],
)
def test_wilson_interval(right, total, low, high):
    assert wilson(right, total) == pytest.approx((low, high), abs=5e-5)


def test_wilson_refuses_what_is_no_share():
    with pytest.raises(ValueError, match="5 of 4"):
        wilson(5, 4)


def test_count_of_nothing_has_no_share():
    assert Count().summary() == {"accuracy": None, "low": None, "high": None, "right": 0, "total": 0}


def test_rounded_leaves_no_nan_and_no_minus_zero():
    value = rounded({"a": [0.123456, float("nan"), (float("inf"), -0.00001)], "b": 3, "c": True})
    assert value == {"a": [0.1235, None, [None, 0.0]], "b": 3, "c": True}
    assert str(value["a"][2][1]) == "0.0"


def test_calibration_error_by_hand():
    calibration = Calibration(bins=2)
    for confidence, right in ((0.1, False), (0.3, True), (0.9, True), (1.0, False)):
        calibration.update(confidence, right)
    # Lower half: mean 0.2, right 0.5. Upper half: mean 0.95, right 0.5.
    assert calibration.summary()["ece"] == pytest.approx((2 * 0.3 + 2 * 0.45) / 4)
    assert [(row.count, row.accuracy) for row in calibration.table()] == [(2, 0.5), (2, 0.5)]
    assert calibration.summary()["confidence"] == pytest.approx(0.575)


def test_adaptive_calibration_divides_by_count_not_by_width():
    calibration = Calibration(bins=2)
    for confidence, right in ((0.91, True), (0.92, False), (0.98, True), (0.99, True)):
        calibration.update(confidence, right)
    assert calibration.summary()["ece"] == pytest.approx(abs(0.95 - 0.75))
    assert calibration.summary()["adaptive_ece"] == pytest.approx((abs(1.83 - 1) + abs(1.97 - 2)) / 4)


def test_calibrated_confidences_have_no_error_and_nan_counts_as_nothing():
    calibration = Calibration()
    for index in range(10):
        calibration.update(0.8, index < 8)
    assert calibration.summary()["ece"] == pytest.approx(0)
    calibration.update(float("nan"), False)
    assert calibration.table()[0].count == 1
    assert calibration.summary()["ece"] == pytest.approx(0)


def test_a_confidence_on_a_bins_edge_belongs_to_the_upper_bin():
    calibration = Calibration(bins=2)
    calibration.update(0.5, True)
    assert [row.count for row in calibration.table()] == [0, 1]
