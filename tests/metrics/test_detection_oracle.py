"""Average precision against an implementation of COCO's evaluation that is not ours."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pytest
from faster_coco_eval import COCO, COCOeval_faster

from lpr.metrics.detection import AP_IOUS, DetectionMetric

PHOTOS = 60
RECALLS = 20001
"""COCO samples precision at fixed recalls; ours is the area under all points. So many samples are that area."""


@pytest.mark.parametrize("seed", range(4))
def test_average_precision_is_that_of_coco(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ours = DetectionMetric(0.5)
    images, truths, found = [], [], []
    for photo in range(1, PHOTOS + 1):
        count = int(rng.integers(0, 4))
        plates = np.hstack([rng.uniform(0, 400, (count, 2)), rng.uniform(20, 120, (count, 2))])
        # Each plate is found up to twice, more or less exactly, beside boxes that find nothing.
        moved = np.vstack([plates + rng.normal(0, 6, plates.shape), plates + rng.normal(0, 15, plates.shape)])
        stray = np.hstack([rng.uniform(0, 400, (2, 2)), rng.uniform(20, 120, (2, 2))])
        boxes = np.vstack([moved[rng.random(len(moved)) < 0.8], stray])
        boxes[:, 2:] = np.maximum(boxes[:, 2:], 5)
        scores = rng.random(len(boxes)).astype(np.float32)
        ours.update(boxes, scores, plates, 640)
        images.append({"id": photo, "width": 640, "height": 640})
        for box in plates:
            truths.append(
                {"id": len(truths) + 1, "image_id": photo, "category_id": 1, "bbox": box.tolist(), "iscrowd": 0,
                 "area": float(box[2] * box[3])}
            )  # fmt: skip
        found += [
            {"image_id": photo, "category_id": 1, "bbox": box.tolist(), "score": float(score)}
            for box, score in zip(boxes, scores, strict=True)
        ]
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO({"images": images, "annotations": truths, "categories": [{"id": 1, "name": "plate"}]})
        judge = COCOeval_faster(truth, truth.loadRes(found), "bbox")
        judge.params.recThrs = np.linspace(0, 1, RECALLS)
        judge.params.iouThrs = np.array(AP_IOUS)
        judge.evaluate()
        judge.accumulate()
    precision = judge.eval["precision"][:, :, 0, 0, -1]  # (IoUs, recalls) of all sizes, most detections
    summary = ours.summary()
    assert summary["ap50"] == pytest.approx(precision[0].mean(), abs=1e-3)
    assert summary["ap50_95"] == pytest.approx(precision.mean(), abs=1e-3)
