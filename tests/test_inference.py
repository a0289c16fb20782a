"""What the models under models/ (else the shipped ones) do, whatever they were trained on; what the latter read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lpr.base.errors import LprError
from lpr.inference.recognizer import LicensePlateRecognizer
from lpr.plate.text import ALPHABET
from lpr.synthetic.renderer import Rendered, Renderer
from tests.models_here import models_folder

SIZES = range(1, 18)
TOLERANCE = 1e-4
"""The contract's: how far an image's output may depend on what stands beside it in the batch."""


@pytest.fixture(scope="module")
def recognizer() -> LicensePlateRecognizer:
    return LicensePlateRecognizer(models_folder())


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    """17 images of every kind that a detector meets: noise, flat ones, ramps."""
    return _inputs(224, 224)


@pytest.fixture(scope="module")
def crops() -> np.ndarray:
    return _inputs(32, 128)


def _inputs(height: int, width: int) -> np.ndarray:
    noise = np.random.default_rng(11)
    inputs = noise.random((max(SIZES), 3, height, width), np.float32)
    inputs[1], inputs[2] = 0, 1
    inputs[3] = np.linspace(0, 1, width, dtype=np.float32)
    inputs[4] = inputs[4] > 0.5
    return inputs


@pytest.mark.parametrize("size", SIZES)
def test_detector_output_shape(recognizer, images, size: int):
    best, candidates = recognizer.detect(images[:size]), recognizer.candidates(images[:size])
    assert best.shape == (size, 5)
    assert (candidates.shape[0], candidates.shape[2]) == (size, 5)
    assert best.dtype == candidates.dtype == np.float32
    for boxes in (best, candidates):
        assert np.isfinite(boxes).all() and boxes.min() >= 0 and boxes.max() <= 1


@pytest.mark.parametrize("size", SIZES)
def test_ocr_output_shape(recognizer, crops, size: int):
    logits = recognizer.recognize_text(crops[:size])
    assert logits.shape[::2] == (size, 36)
    assert logits.dtype == np.float32 and np.isfinite(logits).all()


def test_models_load_on_the_cpu(recognizer):
    assert recognizer.device == "cpu"
    assert recognizer.detector.card.kind == "detector" and recognizer.ocr.card.kind == "ocr"


def test_batches_of_any_range_are_taken(images, crops):
    recognizer = LicensePlateRecognizer(models_folder())
    wild = np.random.default_rng(4)
    with pytest.warns(UserWarning, match="are clipped: the detector takes"):
        boxes = recognizer.detect(wild.normal(size=(2, 3, 224, 224)).astype(np.float32))
    with pytest.warns(UserWarning, match="are clipped: the ocr takes"):
        logits = recognizer.recognize_text(wild.normal(size=(2, 3, 32, 128)).astype(np.float32))
    assert boxes.shape == (2, 5) and ((boxes >= 0) & (boxes <= 1)).all()
    assert np.isfinite(logits).all()
    for bad in (np.nan, np.inf):
        with pytest.raises(LprError, match="the detector takes"):
            recognizer.detect(np.full((1, 3, 224, 224), bad, np.float32))


def test_the_best_plate_is_the_most_confident_candidate(recognizer, images):
    best, candidates = recognizer.detect(images), recognizer.candidates(images)
    assert np.array_equal(best[:, 4], candidates[..., 4].max(axis=1))


@pytest.mark.parametrize("size", [2, 7, 17])
def test_an_image_does_not_notice_its_batch_mates(recognizer, images, crops, size: int):
    for model, inputs in ((recognizer.candidates, images), (recognizer.recognize_text, crops)):
        together = model(inputs[:size])
        backwards = model(inputs[:size][::-1].copy())[::-1]
        alone = np.concatenate([model(inputs[index : index + 1]) for index in range(size)])
        assert np.abs(together - alone).max() <= TOLERANCE
        assert np.abs(together - backwards).max() <= TOLERANCE


def test_the_same_input_gives_the_same_output_also_after_loading_anew(recognizer, images, crops):
    again = LicensePlateRecognizer(models_folder())
    for other in (recognizer, again):
        assert np.array_equal(recognizer.candidates(images), other.candidates(images))
        assert np.array_equal(recognizer.recognize_text(crops), other.recognize_text(crops))


def test_the_detector_looks_at_its_input(recognizer, images):
    outputs = recognizer.candidates(images)
    assert len(np.unique(outputs.reshape(len(outputs), -1).round(6), axis=0)) > 1


@pytest.mark.parametrize("text", ["A", "AB1122Z", "00", ALPHABET])
def test_logits_and_indices_decode_to_their_text(recognizer, text: str):
    indices = [ALPHABET.index(letter) for letter in text]
    # Each character for two steps, then one of nothing: repeats collapse, doubled letters stay.
    logits = np.full((3 * len(indices), 36), -9, np.float32)
    for place, index in enumerate(indices):
        logits[3 * place : 3 * place + 2, index] = 9
    assert recognizer.decode_plate(logits) == recognizer.decode_plate(indices) == text


def test_places_in_the_alphabet_are_characters(recognizer):
    assert recognizer.decode_plate([15, 25, 10, 0, 1, 2]) == "FPA012"
    assert recognizer.decode_plate([1, 1, -1, 1]) == "111"


@pytest.fixture(scope="module")
def drawn() -> list[Rendered]:
    """Scenes with plates that are easy to read."""
    renderer = Renderer("legible", 7)
    return [renderer.scene(index) for index in range(4)]


def test_the_shipped_models_read_plates_that_are_drawn(drawn):
    read = [{plate.text for plate in LicensePlateRecognizer().read(scene.image)} for scene in drawn]
    truths = [{plate.text for plate in scene.plates if plate.text} for scene in drawn]
    assert sum(bool(found & true) for found, true in zip(read, truths, strict=True)) >= 2


def test_a_photo_reads_the_same_as_file_image_and_array(drawn, tmp_path: Path):
    recognizer = LicensePlateRecognizer()
    read = 0
    for scene in drawn:
        pixels = scene.image
        Image.fromarray(pixels).save(tmp_path / "photo.png")
        readings = [recognizer.read(photo) for photo in (tmp_path / "photo.png", Image.fromarray(pixels), pixels)]
        assert readings[0] == readings[1] == readings[2]
        for plate in readings[0]:
            assert 1 <= len(plate.text) == len(plate.chars)
            assert plate.confidence == min(plate.chars) <= 1
        read += len(readings[0])
    assert read >= 2
