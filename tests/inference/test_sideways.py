"""Photos that lie on their side."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from lpr import LicensePlateRecognizer
from lpr.inference.sideways import QUARTERS, box_before
from lpr.plate.box import iou
from lpr.synthetic import Renderer


@pytest.fixture(scope="module")
def recognizer() -> LicensePlateRecognizer:
    return LicensePlateRecognizer()


@pytest.fixture(scope="module")
def upright(recognizer: LicensePlateRecognizer) -> Image.Image:
    """Return a scene whose only plate is read surely."""
    renderer = Renderer("legible", 41)
    for index in range(40):
        scene = renderer.scene(index)
        image = Image.fromarray(scene.image)
        if len(scene.plates) != 1 or scene.plates[0].box[2] < 120:
            continue
        plates = recognizer.read(image)
        if [plate.text for plate in plates] == [scene.plates[0].text] and plates[0].confidence > 0.9:
            return image
    pytest.fail("no scene with one plate that is read")


@pytest.mark.parametrize("turn", QUARTERS)
def test_a_photo_on_its_side_is_read_where_its_plate_lies(
    recognizer: LicensePlateRecognizer, upright: Image.Image, turn: Image.Transpose
) -> None:
    (expected,) = recognizer.read(upright)
    lying = upright.transpose(turn)
    plate = recognizer.read(lying)[0]
    assert plate.text == expected.text
    # Turned the other way, the photo lies as before.
    other = next(quarter for quarter in QUARTERS if quarter is not turn)
    wanted = box_before(expected.box, other, lying.width, lying.height)
    assert iou(np.array([plate.box]), np.array([wanted]))[0, 0] > 0.6
    assert recognizer.read([upright, lying])[1][0] == plate


def test_boxes_turn_back() -> None:
    # A photo of 100 x 60; its box (10, 20, 30, 5) turned counterclockwise lies at (20, 60, 5, 30), clockwise at
    # (35, 10, 5, 30).
    assert box_before((20, 60, 5, 30), Image.Transpose.ROTATE_90, 100, 60) == (10, 20, 30, 5)
    assert box_before((35, 10, 5, 30), Image.Transpose.ROTATE_270, 100, 60) == (10, 20, 30, 5)


def test_a_tall_box_is_read_up_and_down(recognizer: LicensePlateRecognizer, upright: Image.Image) -> None:
    (expected,) = recognizer.read(upright)
    for turn in QUARTERS:
        other = next(quarter for quarter in QUARTERS if quarter is not turn)
        lying = upright.transpose(turn)
        box = box_before(expected.box, other, lying.width, lying.height)
        (reading,) = recognizer.read_boxes([(lying, box)])
        assert reading.text == expected.text
