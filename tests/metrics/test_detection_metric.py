from __future__ import annotations

import numpy as np
import pytest

from lpr.base.errors import LprError
from lpr.metrics.detection import DetectionMetric, average_precision, match_boxes, precision_recall

NONE = np.zeros((0, 4))
A, B, C = (0, 0, 100, 20), (200, 0, 100, 20), (0, 100, 100, 20)
ELSEWHERE = (500, 500, 100, 20)


def shifted(box: tuple[int, ...], dx: float) -> tuple[float, ...]:
    return (box[0] + dx, *box[1:])


def test_average_precision_of_five_detections_by_hand():
    metric = DetectionMetric(threshold=0.65)
    # .9 hit, .8 miss, .7 hit, .6 the same plate again, .5 hit:
    # precision 1, 1/2, 2/3, 2/4, 3/5 at recall 1/3, 1/3, 2/3, 2/3, 1.
    metric.update([A, ELSEWHERE], [0.9, 0.8], [A], 1000)
    metric.update([B, B, C], [0.7, 0.6, 0.5], [B, C], 1000)
    summary = metric.summary()
    assert summary["ap50"] == pytest.approx((1 + 2 / 3 + 3 / 5) / 3)
    assert summary["ap50_95"] == pytest.approx(summary["ap50"])
    assert summary["precision"] == pytest.approx(2 / 3)
    assert summary["recall"] == pytest.approx(2 / 3)
    assert summary["mean_iou"] == 1
    assert (summary["plates"], summary["photos"]) == (3, 2)


def test_ap50_95_falls_with_loose_boxes():
    metric = DetectionMetric(threshold=0.5)
    # Shifted by 25 of 100: IoU 75/125 = 0.6, a hit at 0.5, 0.55 and 0.6.
    metric.update([shifted(A, 25)], [0.9], [A], 1000)
    summary = metric.summary()
    assert summary["ap50"] == 1
    assert summary["ap50_95"] == pytest.approx(0.3)
    assert summary["mean_iou"] == pytest.approx(0.6)


def test_match_iou_rules_precision_and_recall_but_not_ap50():
    metric = DetectionMetric(threshold=0.5, match_iou=0.7)
    metric.update([shifted(A, 25)], [0.9], [A], 1000)
    summary = metric.summary()
    assert (summary["ap50"], summary["precision"], summary["recall"], summary["mean_iou"]) == (1, 0, 0, None)


def test_equal_scores_make_one_point_whatever_their_order():
    hits = np.array([True, False, True, False])
    for order in ([0, 1, 2, 3], [3, 2, 1, 0], [1, 0, 3, 2]):
        curve = precision_recall(np.array([0.5, 0.5, 0.5, 0.5])[order], hits[order], 2)
        assert curve.precision.tolist() == [0.5]
        assert curve.recall.tolist() == [1.0]
        assert average_precision(curve) == 0.5


def test_no_detections_and_only_wrong_ones():
    for boxes, scores in ((NONE, []), ([ELSEWHERE], [0.9])):
        metric = DetectionMetric(threshold=0.5)
        metric.update(boxes, scores, [A], 1000)
        summary = metric.summary()
        assert (summary["ap50"], summary["ap50_95"], summary["recall"], summary["mean_iou"]) == (0, 0, 0, None)
        assert summary["precision"] == (0 if scores else None)


def test_detections_on_photos_without_plates_are_errors():
    metric = DetectionMetric(threshold=0.5)
    metric.update([A], [0.9], NONE, 1000)
    metric.update([A], [0.8], [A], 1000)
    assert metric.summary()["ap50"] == 0.5
    assert metric.summary()["precision"] == 0.5


def test_no_true_plate_is_an_error():
    metric = DetectionMetric(threshold=0.5)
    with pytest.raises(LprError, match="no true plate"):
        metric.summary()
    metric.update([A], [0.9], NONE, 1000)
    with pytest.raises(LprError, match="no true plate"):
        metric.curve()


def test_the_better_box_takes_the_plate_and_a_worse_one_the_plate_that_is_left():
    two = np.array([A, shifted(A, 30)], float)
    boxes = np.array([shifted(A, 10), shifted(A, 5)], float)
    # The first overlaps A (90/110) more than its neighbour (80/120), takes A, and leaves the neighbour (75/125).
    assert match_boxes(boxes, two, np.zeros(2, bool), 0.5).tolist() == [0, 1]
    assert match_boxes(boxes, two, np.zeros(2, bool), 0.7).tolist() == [0, -1]


def test_small_plates_are_neither_missed_nor_found():
    small = (400, 0, 50, 10)
    metric = DetectionMetric(threshold=0.5, least_share=0.06)
    metric.update([A, small, ELSEWHERE], [0.9, 0.8, 0.7], [A, small], 1000)
    metric.update(NONE, [], [small], 1000)
    summary = metric.summary()
    assert summary["plates"] == 1
    assert summary["recall"] == 1
    assert summary["precision"] == 0.5  # only the box elsewhere is an error
    assert summary["ap50"] == 1


def test_a_plate_of_exactly_the_share_counts():
    metric = DetectionMetric(threshold=0.5, least_share=0.06)
    metric.update([(0, 0, 60, 10)], [0.9], [(0, 0, 60, 10)], 1000)
    assert metric.summary()["plates"] == 1


def test_outputs_that_are_not_finite_are_counted_and_dropped():
    nan = float("nan")
    metric = DetectionMetric(threshold=0.5)
    metric.update([A, (nan, 0, 1, 1), B], [0.6, 0.9, nan], [A, B], 1000)
    summary = metric.summary()
    assert summary["not_finite"] == 2
    assert summary["recall"] == 0.5
    assert summary["ap50"] == 0.5


def test_order_of_photos_and_boxes_does_not_matter():
    photos = [([A, B], [0.3, 0.9], [A], 1000), ([C], [0.3], [C], 1000), ([ELSEWHERE], [0.9], [B], 1000)]
    summaries = []
    for order in ([0, 1, 2], [2, 0, 1]):
        metric = DetectionMetric(threshold=0.5)
        for index in order:
            boxes, scores, truths, width = photos[index]
            metric.update(boxes[::-1], scores[::-1], truths, width)
        summaries.append(metric.summary())
    assert summaries[0] == summaries[1]


def test_of_many_photos_none_is_lost() -> None:
    # A thousand photos, of which every fourth is missed; each hit overlaps by 0.8, and the surest are found first.
    metric = DetectionMetric(0.5)
    truth = [[0.0, 0.0, 100.0, 100.0]]
    for photo in range(1000):
        shift = 1000.0 if photo % 4 == 3 else 0.0
        metric.update([[shift, 0.0, 80.0, 100.0]], [1 - photo / 2500], truth, 200)
    found = metric.summary()
    assert (found["photos"], found["plates"]) == (1000, 1000)
    assert found["precision"] == found["recall"] == 0.75
    assert found["mean_iou"] == pytest.approx(0.8)
    curve = metric.curve()
    assert len(curve.scores) == 1000
    assert curve.recall[-1] == 0.75
    assert np.allclose(curve.scores, 1 - np.arange(1000) / 2500)
