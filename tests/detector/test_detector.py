from __future__ import annotations

import math

import pytest
import torch

from lpr.detector.loss import aligned_iou, detection_loss, quality_focal_loss
from lpr.detector.model import STRIDE, Detector, cell_centres
from lpr.detector.targets import assign

CELLS = cell_centres()


def owned(boxes: list[list[float]]) -> dict[tuple[int, int], int]:
    """Cells `(column, row)` that answer for a plate, and for which."""
    owner = assign(CELLS, torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4), STRIDE)
    return {(i % 28, i // 28): int(plate) for i, plate in enumerate(owner.tolist()) if plate >= 0}


def test_cells_are_strides_apart_row_by_row() -> None:
    assert CELLS[0].tolist() == [4, 4]
    assert CELLS[1].tolist() == [12, 4]
    assert CELLS[28].tolist() == [4, 12]


def test_cells_near_the_middle_answer() -> None:
    # Middle (84, 44) is that of cell (10, 5); 1.5 strides reach one cell each way, and all lie inside the plate.
    assert owned([[44, 30, 124, 58]]) == {(x, y): 0 for x in (9, 10, 11) for y in (4, 5, 6)}


def test_a_flat_plate_keeps_to_the_row_inside_it() -> None:
    assert set(owned([[44, 40, 124, 48]])) == {(9, 5), (10, 5), (11, 5)}


def test_a_plate_between_cells_is_still_answered_for() -> None:
    assert list(owned([[81, 41, 83, 43]]).values()) == [0]


def test_the_smaller_of_two_plates_wins() -> None:
    cells = owned([[20, 20, 148, 68], [76, 40, 92, 48]])
    assert cells[(10, 5)] == 1
    assert 0 in cells.values()


def test_a_photo_without_plates_has_no_owner() -> None:
    assert owned([]) == {}


def test_quality_focal_loss_by_hand() -> None:
    # p = 0.5, quality 1: (1 - 0.5)^2 * -log(0.5)
    assert float(quality_focal_loss(torch.zeros(1), torch.ones(1))) == pytest.approx(0.25 * math.log(2))


def test_aligned_iou_by_hand() -> None:
    a = torch.tensor([[0.0, 0, 4, 2], [0, 0, 1, 1]])
    b = torch.tensor([[2.0, 0, 6, 2], [5, 5, 6, 6]])
    assert aligned_iou(a, b).tolist() == [pytest.approx(1 / 3), 0.0]


def test_loss_prefers_right_boxes_with_high_scores() -> None:
    truths = torch.tensor([[[44.0, 30, 124, 58]]])
    owners = assign(CELLS, truths[0], STRIDE)[None]
    boxes = truths.expand(1, 784, 4).clone()
    sure = torch.where(owners >= 0, 8.0, -8.0)
    right = detection_loss(sure, boxes, owners, truths)
    unsure = detection_loss(-sure, boxes, owners, truths)
    shifted = detection_loss(sure, boxes + 20, owners, truths)
    assert float(right["loss"]) < 0.01
    assert float(unsure["score_loss"]) > 1
    assert float(shifted["box_loss"]) > 0.3


def test_loss_of_a_batch_without_plates_is_finite_and_teaches_low_scores() -> None:
    scores = torch.zeros(2, 784, requires_grad=True)
    terms = detection_loss(scores, torch.zeros(2, 784, 4), torch.full((2, 784), -1), torch.zeros(2, 1, 4))
    terms["loss"].backward()
    assert float(terms["box_loss"]) == 0
    assert (scores.grad > 0).all()


def test_model_keeps_its_contract() -> None:
    model = Detector(**Detector(8).arguments).eval()
    with torch.inference_mode():
        best, candidates = model(torch.rand(3, 3, 224, 224))
        scores, boxes = model.dense(torch.rand(3, 3, 224, 224))
    assert best.shape == (3, 5)
    assert candidates.shape == (3, 784, 5)
    assert (scores.shape, boxes.shape) == ((3, 784), (3, 784, 4))
    assert ((candidates >= 0) & (candidates <= 1)).all()
    assert torch.equal(best[:, 4], candidates[..., 4].max(dim=1).values)


def test_a_cells_box_is_decoded_from_its_sides() -> None:
    model = Detector(4).eval()
    with torch.inference_mode():
        model.score.weight.zero_()
        model.sides.weight.zero_()
        model.sides.bias.copy_(torch.tensor([2.0, 1.0, 3.0, 0.5]).log())
        _, candidates = model(torch.zeros(1, 3, 224, 224))
    # Cell (10, 5) lies at (84, 44): sides of 2, 1, 3 and 0.5 strides of 8 pixels.
    x, y, w, h, _ = candidates[0, 5 * 28 + 10].tolist()
    assert [x * 224, y * 224, w * 224, h * 224] == pytest.approx([68, 36, 40, 12], abs=1e-3)
