from __future__ import annotations

import pytest

from lpr.base.errors import LprError
from lpr.metrics.end_to_end import EmptyPhotos, EndToEnd, Labelled

BOX, NEAR, FAR = (0, 0, 100, 20), (10, 0, 100, 20), (300, 0, 100, 20)


def share(truths, found, match_iou=0.5):
    metric = EndToEnd(match_iou)
    metric.update([Labelled(*t) for t in truths], [Labelled(*f) for f in found], "s")
    summary = metric.summary()
    return summary["right"], summary["folded"]["right"], summary["public_rule_iou_over_40"]["right"]


def test_text_and_place_must_both_be_right():
    assert share([(BOX, "AB1")], [(NEAR, "AB1")]) == (1, 1, 1)
    assert share([(BOX, "AB1")], [(FAR, "AB1")]) == (0, 0, 0)
    assert share([(BOX, "AB1")], [(NEAR, "AB2")]) == (0, 0, 0)
    assert share([(BOX, "AB1")], []) == (0, 0, 0)


def test_lookalikes_count_only_when_folded():
    assert share([(BOX, "O1I0")], [(NEAR, "0II0")]) == (0, 1, 0)


def test_public_rule_needs_an_overlap_above_40_percent():
    # Shifted by d of 100: IoU (100 - d) / (100 + d).
    assert share([(BOX, "A")], [((40, 0, 100, 20), "A")]) == (0, 0, 1)  # 0.43
    assert share([(BOX, "A")], [((0, 0, 40, 20), "A")]) == (0, 0, 0)  # 0.40 exactly
    assert share([(BOX, "A")], [((0, 0, 50, 20), "A")]) == (1, 1, 1)  # 0.50 exactly


def test_one_prediction_serves_one_plate():
    assert share([(BOX, "AB1"), (NEAR, "AB1")], [(BOX, "AB1")])[0] == 1
    assert share([(BOX, "AB1"), (NEAR, "AB1")], [(BOX, "AB1"), (BOX, "AB1")])[0] == 2


def test_a_wrong_reading_on_top_does_not_hide_a_right_one():
    assert share([(BOX, "AB1")], [(BOX, "XX9"), (NEAR, "AB1")])[0] == 1


def test_boxes_that_are_not_finite_serve_nothing():
    assert share([(BOX, "A")], [((float("nan"), 0, 100, 20), "A")]) == (0, 0, 0)


def test_sources_lines_and_interval():
    metric = EndToEnd(0.5)
    metric.update([Labelled(BOX, "A1", 1), Labelled(FAR, "B2", 2)], [Labelled(BOX, "A1")], "near")
    metric.update([Labelled(BOX, "C3", None)], [Labelled(BOX, "C3")], "far")
    summary = metric.summary()
    assert (summary["right"], summary["total"]) == (2, 3)
    assert summary["accuracy"] == pytest.approx(2 / 3)
    assert (summary["low"], summary["high"]) == pytest.approx((0.2077, 0.9385), abs=5e-5)
    assert {name: value["total"] for name, value in summary["sources"].items()} == {"far": 1, "near": 2}
    assert (summary["one_line"]["right"], summary["one_line"]["total"]) == (1, 1)
    assert (summary["two_line"]["right"], summary["two_line"]["total"]) == (0, 1)


def test_false_readings_on_photos_without_plates():
    metric = EmptyPhotos()
    assert metric.summary() == {"photos": 0, "photos_read": 0, "readings": 0}
    metric.update([])
    metric.update([Labelled(BOX, "TAXI"), Labelled(FAR, "")])
    metric.update([Labelled(BOX, "BUS"), Labelled(FAR, "STOP")])
    assert metric.summary() == {"photos": 3, "photos_read": 2, "readings": 3}


def test_empty_raises():
    with pytest.raises(LprError, match="no plate with box and text"):
        EndToEnd(0.5).summary()
