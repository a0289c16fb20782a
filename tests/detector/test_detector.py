from __future__ import annotations

import math

import pytest
import torch

from lpr.detector.loss import aligned_iou, detection_loss, quality_focal_loss
from lpr.detector.model import GRID, STRIDE, Detector, cell_centres, corners_at
from lpr.detector.targets import match_cells

CELLS = cell_centres()


def answering(boxes: list[list[float]]) -> dict[tuple[int, int], int]:
    """Cells `(column, row)` that answer for a plate, and for which."""
    matched = match_cells(boxes, GRID, STRIDE)
    return {(i % 28, i // 28): int(plate) for i, plate in enumerate(matched.tolist()) if plate >= 0}


def test_cells_are_strides_apart_row_by_row() -> None:
    assert CELLS[0].tolist() == [4, 4]
    assert CELLS[1].tolist() == [12, 4]
    assert CELLS[28].tolist() == [4, 12]


def test_cells_near_the_middle_answer() -> None:
    # Middle (84, 44) is that of cell (10, 5); 1.5 strides reach one cell each way, and all lie inside the plate.
    assert answering([[44, 30, 124, 58]]) == {(x, y): 0 for x in (9, 10, 11) for y in (4, 5, 6)}


def test_a_flat_plate_keeps_to_the_row_inside_it() -> None:
    assert set(answering([[44, 40, 124, 48]])) == {(9, 5), (10, 5), (11, 5)}


def test_a_plate_between_cells_is_still_answered_for() -> None:
    assert list(answering([[81, 41, 83, 43]]).values()) == [0]


def test_the_smaller_of_two_plates_wins() -> None:
    cells = answering([[20, 20, 148, 68], [76, 40, 92, 48]])
    assert cells[(10, 5)] == 1
    assert 0 in cells.values()


def test_in_a_photo_without_plates_no_cell_answers() -> None:
    assert answering([]) == {}


def test_quality_focal_loss_by_hand() -> None:
    # p = 0.5, quality 1: (1 - 0.5)^2 * -log(0.5)
    assert float(quality_focal_loss(torch.zeros(1), torch.ones(1))) == pytest.approx(0.25 * math.log(2))


def test_aligned_iou_by_hand() -> None:
    a = torch.tensor([[0.0, 0, 4, 2], [0, 0, 1, 1]])
    b = torch.tensor([[2.0, 0, 6, 2], [5, 5, 6, 6]])
    assert aligned_iou(a, b).tolist() == [pytest.approx(1 / 3), 0.0]


def test_loss_prefers_right_boxes_with_high_scores() -> None:
    truths = torch.tensor([[[44.0, 30, 124, 58]]])
    matched = match_cells(truths[0].numpy(), GRID, STRIDE)[None]
    boxes = truths.expand(1, 784, 4).clone()
    sure = torch.where(matched >= 0, 8.0, -8.0)
    corners = (torch.zeros(1, 784, 4, 2), matched, truths, torch.zeros(1, 1, 4, 2), torch.zeros(1, 1).bool())
    right = detection_loss(sure, boxes, *corners)
    unsure = detection_loss(-sure, boxes, *corners)
    shifted = detection_loss(sure, boxes + 20, *corners)
    assert float(right["loss"]) < 0.01
    assert float(unsure["score_loss"]) > 1
    assert float(shifted["box_loss"]) > 0.3
    assert float(shifted["corner_loss"]) == 0


def test_corner_loss_by_hand() -> None:
    # A plate of 80 x 20 pixels whose top left corner lies a quarter of the height lower, and one without corners.
    truths = torch.tensor([[[40.0, 30, 120, 50], [140, 100, 220, 120]]])
    quads = torch.tensor([[[[40.0, 35], [120, 30], [120, 50], [40, 50]], [[0, 0]] * 4]])
    known = torch.tensor([[True, False]])
    matched = match_cells(truths[0].numpy(), GRID, STRIDE)[None]
    boxes = truths[0][matched.clamp(min=0)]
    offsets = torch.zeros(1, 784, 4, 2, requires_grad=True)
    shape = (offsets, matched, truths, quads, known)
    # Smooth L1 of an error of 0.25 of the box's height, quadratic up to 0.05.
    terms = detection_loss(torch.zeros(1, 784), boxes, *shape)
    assert terms["corner_loss"].item() == pytest.approx(0.25 - 0.05 / 2, abs=1e-5)
    terms["corner_loss"].backward()
    assert set(offsets.grad[0].flatten(1).abs().sum(1).nonzero().flatten().tolist()) == set(
        (matched[0] == 0).nonzero().flatten().tolist()
    )
    true = torch.zeros(1, 784, 4, 2)
    true[..., 0, 1] = 0.25
    assert float(detection_loss(torch.zeros(1, 784), boxes, true, *shape[1:])["corner_loss"]) == pytest.approx(
        0, abs=1e-9
    )
    # It is measured beside the predicted box, in shares of the true one.
    shifted = detection_loss(torch.zeros(1, 784), boxes + torch.tensor([8.0, 0, 8, 0]), true, *shape[1:])
    assert float(shifted["corner_loss"]) == pytest.approx(4 * (0.1 - 0.05 / 2), abs=1e-5)


def test_corner_loss_leaves_the_box_as_it_is() -> None:
    truths = torch.tensor([[[40.0, 30, 120, 50]]])
    matched = match_cells(truths[0].numpy(), GRID, STRIDE)[None]
    boxes = (truths.expand(1, 784, 4) + 3).clone().requires_grad_()
    quads, known = torch.tensor([[[[40.0, 30], [120, 30], [120, 50], [40, 50]]]]), torch.ones(1, 1).bool()
    offsets = torch.zeros(1, 784, 4, 2, requires_grad=True)
    detection_loss(torch.zeros(1, 784), boxes, offsets, matched, truths, quads, known)["corner_loss"].backward()
    assert boxes.grad is None or not boxes.grad.any()
    assert offsets.grad.any()


def test_loss_of_a_batch_without_plates_is_finite_and_teaches_low_scores() -> None:
    scores = torch.zeros(2, 784, requires_grad=True)
    boxes, offsets, matched = torch.zeros(2, 784, 4), torch.zeros(2, 784, 4, 2), torch.full((2, 784), -1)
    truths, quads, known = torch.zeros(2, 1, 4), torch.zeros(2, 1, 4, 2), torch.zeros(2, 1).bool()
    terms = detection_loss(scores, boxes, offsets, matched, truths, quads, known)
    terms["loss"].backward()
    assert float(terms["box_loss"]) == 0
    assert (scores.grad > 0).all()


def test_model_keeps_its_contract() -> None:
    model = Detector(**Detector(8).arguments).eval()
    with torch.inference_mode():
        best, candidates, corners = model(torch.rand(3, 3, 224, 224))
        scores, boxes, offsets = model.dense(torch.rand(3, 3, 224, 224))
    assert best.shape == (3, 5)
    assert candidates.shape == (3, 784, 5)
    assert corners.shape == (3, 784, 8)
    assert (scores.shape, boxes.shape, offsets.shape) == ((3, 784), (3, 784, 4), (3, 784, 4, 2))
    assert ((candidates >= 0) & (candidates <= 1)).all()
    assert torch.equal(best[:, 4], candidates[..., 4].max(dim=1).values)


def test_a_cells_box_is_decoded_from_its_sides() -> None:
    model = Detector(4).eval()
    with torch.inference_mode():
        model.score.weight.zero_()
        model.sides.weight.zero_()
        model.sides.bias.copy_(torch.tensor([2.0, 1.0, 3.0, 0.5]).log())
        _, candidates, corners = model(torch.zeros(1, 3, 224, 224))
    # Cell (10, 5) lies at (84, 44): sides of 2, 1, 3 and 0.5 strides of 8 pixels.
    x, y, w, h, _ = candidates[0, 5 * 28 + 10].tolist()
    assert [x * 224, y * 224, w * 224, h * 224] == pytest.approx([68, 36, 40, 12], abs=1e-3)
    # An untrained head places the corners on the box's, clockwise from the top left.
    expected = [68, 36, 108, 36, 108, 48, 68, 48]
    assert (corners[0, 5 * 28 + 10] * 224).tolist() == pytest.approx(expected, abs=1e-3)


def test_corners_lie_beside_the_boxs_in_shares_of_its_sides() -> None:
    offsets = torch.tensor([[0.1, 0.0], [0.0, 0.5], [-0.1, 0.0], [0.0, -0.5]])
    corners = corners_at(torch.tensor([10.0, 20, 50, 30]), offsets)
    assert corners.tolist() == [[14, 20], [50, 25], [46, 30], [10, 25]]
