from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from lpr.plate.box import clip, expand, iou, nms
from lpr.plate.crop import as_batch, detector_input, ocr_input
from lpr.plate.text import ALPHABET, edit_distance, fold_lookalikes, foreign, normalise


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("kl-65 dkh", "KL65DKH"),
        ("AB·123", "AB123"),
        ("１２３ａ", "123A"),  # full-width digits and letter
        ("  ", ""),
        ("ÄB12", "ÄB12"),
    ],
)
def test_normalise(raw: str, text: str) -> None:
    assert normalise(raw) == text


def test_foreign_characters_are_named_once_each() -> None:
    assert foreign("ÄB1Ä?Ж") == "Ä?Ж"
    assert foreign(ALPHABET) == ""


def test_lookalikes_fold_to_digits() -> None:
    assert fold_lookalikes("OI0B8") == "0108".replace("8", "B8", 1)


@pytest.mark.parametrize(("a", "b", "distance"), [("", "", 0), ("ABC", "", 3), ("ABC", "ABC", 0), ("AB12", "A8123", 2)])
def test_edit_distance(a: str, b: str, distance: int) -> None:
    assert edit_distance(a, b) == edit_distance(b, a) == distance


def test_iou_by_hand() -> None:
    a = np.array([[0, 0, 4, 2], [10, 10, 0, 0]])
    b = np.array([[2, 0, 4, 2], [0, 0, 4, 2], [10, 10, 0, 0]])
    assert iou(a, b).tolist() == [[pytest.approx(4 / 12), 1.0, 0.0], [0.0, 0.0, 0.0]]
    assert iou(np.zeros((0, 4)), b).shape == (0, 3)


def test_clip_and_expand() -> None:
    assert clip((-5, 2, 10, 100), 20, 30) == (0, 2, 5, 28)
    assert clip((50, 50, 5, 5), 20, 30)[2:] == (0, 0)
    assert expand((10, 10, 10, 20), 0.1) == (9, 8, 12, 24)


def test_nms_keeps_the_best_of_overlapping_boxes() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 0, 10, 10], [30, 0, 10, 10]])
    assert nms(boxes, np.array([0.5, 0.9, 0.1]), 0.4).tolist() == [1, 2]
    assert nms(boxes, np.array([0.5, 0.9, 0.1]), 0.9).tolist() == [1, 0, 2]
    assert nms(np.zeros((0, 4)), np.zeros(0), 0.4).tolist() == []


def ramp(width: int, height: int) -> Image.Image:
    """An image whose red says the column and whose green says the row, in 256ths of the size."""
    x, y = np.meshgrid((np.arange(width) + 0.5) / width * 256, (np.arange(height) + 0.5) / height * 256)
    return Image.fromarray(np.stack([x, y, np.zeros_like(x)], axis=-1).astype(np.uint8))


def test_detector_input_is_the_whole_photo_stretched() -> None:
    pixels = detector_input(ramp(640, 320))
    assert pixels.shape == (224, 224, 3)
    expected = (np.arange(224) + 0.5) / 224 * 256
    assert np.abs(pixels[100, :, 0] - expected).max() < 2
    assert np.abs(pixels[:, 100, 1] - expected).max() < 2


def test_a_window_over_the_edge_is_grey_there() -> None:
    pixels = detector_input(ramp(400, 400), window=(-100, 0, 200, 200))
    assert (pixels[:, :110] == 114).all()
    assert pixels[0, 115, 0] < 5
    assert abs(int(pixels[0, -1, 0]) - 63) <= 2


def test_a_window_outside_the_photo_is_grey() -> None:
    assert (detector_input(ramp(40, 40), window=(100, 100, 20, 20)) == 114).all()


def test_ocr_input_adds_the_margin() -> None:
    # A box 100 wide with 10% margin shows columns 90 to 210 of 400: 57.6 to 134.4 in 256ths.
    pixels = ocr_input(ramp(400, 400), (100, 100, 100, 50), 0.1)
    assert pixels.shape == (32, 128, 3)
    assert abs(int(pixels[16, 0, 0]) - 57) <= 1
    assert abs(int(pixels[16, -1, 0]) - 134) <= 1


def test_batch_is_in_unit_range_and_channels_first() -> None:
    image = np.zeros((2, 3, 3), np.uint8)
    image[0, 1] = (255, 51, 0)
    batch = as_batch([image, image])
    assert batch.shape == (2, 3, 2, 3)
    assert batch.dtype == np.float32
    assert batch[1, :, 0, 1].tolist() == pytest.approx([1.0, 0.2, 0.0])
