"""Plates that lean are straightened before they are read; others, and those of older detectors, are cut as ever."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import onnx
import pytest
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageDraw

from lpr.inference.corners import leaning
from lpr.inference.recognizer import LicensePlateRecognizer
from lpr.plate.crop import as_batch, ocr_input
from lpr.runtime.onnx_model import OnnxModel

QUAD = [(300.0, 200.0), (676.0, 337.0), (642.0, 431.0), (266.0, 294.0)]
"""A plate of 400 x 100 pixels, turned by 20 degrees."""


class Watched(OnnxModel):
    """Keeps what it is shown first; a text without a format is cut anew afterwards."""

    first: NDArray[Any] | None = None

    def __call__(self, batch: ArrayLike, at_once: int | None = None) -> tuple[NDArray[np.float32], ...]:
        """Run the model."""
        self.first = np.asarray(batch) if self.first is None else self.first
        return super().__call__(batch, at_once)


@pytest.fixture(autouse=True)
def watched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lpr.inference.recognizer.OnnxModel", Watched)


def shown(recognizer: LicensePlateRecognizer) -> NDArray[Any]:
    """What the OCR's last reading began with."""
    ocr = cast(Watched, recognizer.ocr)
    assert ocr.first is not None
    first, ocr.first = ocr.first, None
    return first


def photo(corners: list[tuple[float, float]]) -> Image.Image:
    """A black photo with a white plate."""
    image = Image.new("RGB", (896, 672))
    ImageDraw.Draw(image).polygon(corners, fill="white")
    return image


@pytest.mark.parametrize("second_look", [True, False])
def test_a_plate_that_leans_fills_the_readers_input(hand_made: Path, second_look: bool) -> None:
    recognizer = LicensePlateRecognizer(hand_made, threads=1, second_look=second_look)
    (found,) = recognizer.find([photo(QUAD)])
    assert np.array(found[0].corners) == pytest.approx(np.array(QUAD), abs=8)
    (plate,) = recognizer.read(photo(QUAD))
    assert plate.text == "AB"
    # Along its box it would fill half of it: 400 x 100 of about 410 x 231.
    assert shown(recognizer)[0].mean() > 0.93


def test_an_upright_plate_is_cut_along_its_box(hand_made: Path) -> None:
    image = photo([(300, 200), (699, 208), (699, 308), (300, 300)])
    recognizer = LicensePlateRecognizer(hand_made, threads=1)
    (found,) = recognizer.find([image])
    recognizer.read(image)
    assert np.array_equal(shown(recognizer), as_batch([ocr_input(image, found[0].box, recognizer.margin)]))


def test_corners_that_are_known_straighten_a_plate(hand_made: Path) -> None:
    recognizer = LicensePlateRecognizer(hand_made, threads=1)
    box = (266.0, 200.0, 410.0, 231.0)
    recognizer.read_boxes([(photo(QUAD), box)])
    assert shown(recognizer)[0].mean() < 0.6
    recognizer.read_boxes([(photo(QUAD), box)], [QUAD])
    assert shown(recognizer)[0].mean() > 0.99


def test_a_detector_without_corners_still_reads(hand_made: Path, tmp_path: Path) -> None:
    older = onnx.load(str(hand_made / "detector.onnx"))
    del older.graph.output[2]
    onnx.save(older, str(tmp_path / "detector.onnx"))
    (tmp_path / "ocr.onnx").write_bytes((hand_made / "ocr.onnx").read_bytes())
    recognizer = LicensePlateRecognizer(tmp_path, threads=1)
    (found,) = recognizer.find([photo(QUAD)])
    x, y, w, h = found[0].box
    expected = np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]])
    assert np.array(found[0].corners) == pytest.approx(expected, abs=1e-3)
    (plate,) = recognizer.read(photo(QUAD))
    assert plate.text == "AB"
    assert shown(recognizer)[0].mean() < 0.7


@pytest.mark.parametrize(
    ("corners", "leans"),
    [
        ([[0, 0], [100, 8], [100, 33], [0, 25]], False),  # 4.6 degrees
        ([[0, 0], [100, -10], [100, 15], [0, 25]], True),  # 5.7 degrees
        ([[4, 0], [104, 0], [100, 25], [0, 25]], False),  # sides by 9.1 degrees
        ([[0, 0], [100, 0], [106, 25], [6, 25]], True),  # sides by 13 degrees
    ],
)
def test_which_plates_lean(corners: list[list[float]], leans: bool) -> None:
    assert (leaning(corners) is not None) == leans
