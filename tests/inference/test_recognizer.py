"""The recogniser on real ONNX Runtime sessions, with models whose answers can be computed by hand."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path
from typing import Any, cast

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from PIL import Image

from lpr.base.errors import LprError
from lpr.decoding.ctc import Reading
from lpr.inference import text_reader
from lpr.inference.plates import Found
from lpr.inference.recognizer import LicensePlateRecognizer
from lpr.runtime.onnx_model import Kind, OnnxModel
from tests.tiny import DETECTOR_CARD

GREEN, BLUE = 1, 2


def photo(width: int, height: int, *plates: tuple[int, int, int, int], green: int = 255) -> Image.Image:
    """A black photo with plates whose text the hand-made OCR reads as AB."""
    pixels = np.zeros((height, width, 3), np.uint8)
    for x, y, w, h in plates:
        pixels[y : y + h, x : x + w] = (255, green, 255)
    return Image.fromarray(pixels)


def close(box: tuple[float, ...], expected: tuple[float, ...], pixels: float) -> bool:
    return max(abs(a - b) for a, b in zip(box, expected, strict=True)) <= pixels


def test_a_large_plate_is_found_in_one_look(recognizer: LicensePlateRecognizer) -> None:
    # 224x224, so that nothing is resampled: 112/224 wide, confidence min(1, 4 * 0.5).
    ((found,),) = recognizer.find([photo(224, 224, (56, 90, 112, 30))])
    assert isinstance(found, Found)
    assert found.box == pytest.approx((56, 90, 112, 30), abs=1e-4) and found.detection == 1
    assert np.array(found.corners) == pytest.approx(np.array([[56, 90], [168, 90], [168, 120], [56, 120]]), abs=1e-3)


def test_boxes_are_in_pixels_of_the_photo(recognizer: LicensePlateRecognizer) -> None:
    # Each detector pixel is 4 x 2 photo pixels, and the plate's edges fall on multiples of them.
    (found,) = recognizer.find([photo(896, 448, (200, 100, 400, 60))])
    assert close(found[0].box, (200, 100, 400, 60), 4.01)
    assert found[0].detection == 1


def test_a_small_plate_gets_a_sharper_box_and_the_mean_confidence(hand_made: Path) -> None:
    # 100 of 1600 pixels: 14 of 224, first confidence 0.25, below the threshold of 0.5. Its window is 400 wide, where
    # it fills a quarter: second confidence 1, mean 0.625 (the first box is up to a pixel, 7 of the photo, off).
    image = photo(1600, 1200, (703, 501, 100, 26))
    (found,) = LicensePlateRecognizer(hand_made).find([image])
    assert len(found) == 1
    assert found[0].detection == pytest.approx((0.25 + 1) / 2, abs=0.03)
    assert close(found[0].box, (703, 501, 100, 26), 2)
    once = LicensePlateRecognizer(hand_made, second_look=False)
    assert once.find([image]) == [[]]
    (coarse,) = once.find([image], threshold=0.2)
    assert not close(coarse[0].box, (703, 501, 100, 26), 2)


@pytest.mark.parametrize("place", [(0, 0, 100, 26), (1500, 1174, 100, 26), (3, 600, 100, 26), (700, 2, 100, 26)])
def test_the_second_look_holds_at_the_edges(recognizer: LicensePlateRecognizer, place: tuple[int, ...]) -> None:
    (found,) = recognizer.find([photo(1600, 1200, place)])
    assert len(found) == 1 and close(found[0].box, place, 3)


def test_what_is_too_faint_gets_no_second_look(recognizer: LicensePlateRecognizer) -> None:
    # 100 of 4000 pixels: confidence 0.1, below 0.3 of the threshold of 0.5. A second look would be sure of it.
    assert recognizer.find([photo(4000, 3000, (1000, 1000, 100, 26))]) == [[]]


def test_found_at_any_threshold(recognizer: LicensePlateRecognizer) -> None:
    # 20 of 224 pixels: confidence 0.36, and a window of 64 pixels shows it as sure.
    image = photo(224, 224, (56, 90, 20, 8))
    (found,) = recognizer.find([image], threshold=0.0)
    assert len(found) == 1 and found[0].detection == pytest.approx((0.36 + 1) / 2, abs=0.03)
    assert recognizer.find([image], threshold=1.0) == [[]]


def test_places_come_best_first(hand_made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recognizer = LicensePlateRecognizer(hand_made, threads=1, second_look=False)
    real = recognizer.candidates_with_corners

    def apart(batch: np.ndarray) -> np.ndarray:
        """Put the less certain candidate first, and too far to the right for the two to be one plate."""
        rows = real(batch)[:, ::-1].copy()
        rows[:, 0, [0, 5, 7, 9, 11]] += 0.3
        return rows

    monkeypatch.setattr(recognizer._finder, "look", apart)
    (found,) = recognizer.find([photo(224, 224, (10, 90, 56, 16))])
    assert [place.detection for place in found] == pytest.approx([1, 0.9])
    assert found[0].box[0] < found[1].box[0]


def test_plates_come_best_first_and_captions_after_them(hand_made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recognizer = LicensePlateRecognizer(hand_made, threads=1)
    seen = [Reading("ALAMY", (0.9,) * 5, 0.9), Reading("KL65DKH", (0.5,) * 7, 0.5), Reading("ABC123", (0.6,) * 6, 0.6)]
    places = [Found((10.0 * number, 0, 9, 3), 0.8, ((0.0, 0.0),) * 4) for number in range(3)]
    monkeypatch.setattr(recognizer._finder, "find", lambda photos, looks, least, again: [places for _ in photos])
    monkeypatch.setattr(recognizer._text_reader, "decide", lambda cuts, grammar: seen)
    plates = recognizer.read(Image.new("RGB", (64, 32)))
    # 0.9 counts half, for there is no such format.
    assert [plate.text for plate in plates] == ["ABC123", "KL65DKH", "ALAMY"]
    assert [plate.box[0] for plate in plates] == [20, 10, 0]
    assert plates[1].region[0][0] == "GB" and plates[2].region == ()
    assert plates[2].confidence == 0.9


class Busy(OnnxModel):
    """A detector that at first takes eight places of every photo for small plates; keeps the images of each call."""

    def __init__(self, path: Path, kind: Kind, threads: int | None = None) -> None:
        super().__init__(path, kind, threads)
        self.sizes: tuple[int, ...] = ()

    def __call__(self, batch: Any, at_once: int | None = None) -> tuple[NDArray[np.float32], ...]:
        """Return what the model says, or the eight places."""
        self.sizes += (len(batch),)
        if self.card.kind == "ocr" or len(self.sizes) > 1:
            return super().__call__(batch, at_once)
        x = np.arange(8, dtype=np.float32) / 8
        corners = [x, x * 0, x + 0.1, x * 0, x + 0.1, x * 0 + 0.04, x, x * 0 + 0.04]
        rows = np.stack([x, x * 0, x * 0 + 0.1, x * 0 + 0.04, x * 0 + 0.4, *corners], axis=1)
        every = np.repeat(rows[None], len(batch), axis=0)
        return every[:, 0, :5], every[..., :5], every[..., 5:]


def test_many_second_looks_make_no_larger_calls(hand_made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lpr.inference.recognizer.OnnxModel", Busy)
    photos = [photo(1600, 1200, (200 * place + 20, 0, 120, 40)) for place in range(4)]
    together = LicensePlateRecognizer(hand_made, threads=1)
    found = together.find(photos)
    assert cast(Busy, together.detector).sizes == (4, 16, 16)
    # Of the eight places, one of each photo is a plate.
    assert [len(places) for places in found] == [1] * 4
    alone = [LicensePlateRecognizer(hand_made, threads=1).find([one])[0][0].box for one in photos]
    assert alone == [places[0].box for places in found]


def test_photos_in_a_batch_do_not_mix(recognizer: LicensePlateRecognizer) -> None:
    photos = [photo(224, 224, (10 + i, 20, 112, 30)) if i % 3 else photo(300, 200) for i in range(40)]
    readings = recognizer.read(photos)
    assert [len(plates) for plates in readings] == [1 if i % 3 else 0 for i in range(40)]
    assert [round(plates[0].box[0], 3) for plates in readings if plates] == [10 + i for i in range(40) if i % 3]


def test_text_confidence_and_characters(recognizer: LicensePlateRecognizer) -> None:
    # A's logit is 6, the other 34 are -9. B's is -9 + 12 green + 3: 6 at full green, 0 at half.
    (plate,) = recognizer.read(photo(224, 224, (56, 90, 112, 30)))
    sure = np.exp(6) / (1 + np.exp(6) + 35 * np.exp(-9))
    assert plate.text == "AB"
    assert plate.chars == pytest.approx((sure, sure), abs=1e-4)
    (plate,) = recognizer.read(photo(224, 224, (56, 90, 112, 30), green=140))
    logit = -6 + 12 * 140 / 255
    assert plate.chars[1] == pytest.approx(np.exp(logit) / (1 + np.exp(logit) + 35 * np.exp(-9)), abs=1e-3)
    assert plate.confidence == min(plate.chars) == plate.chars[1]


def test_a_place_without_text_is_found_but_not_read(recognizer: LicensePlateRecognizer) -> None:
    pixels = np.asarray(photo(224, 224, (56, 90, 112, 30))).copy()
    pixels[..., BLUE] = 0
    image = Image.fromarray(pixels)
    assert len(recognizer.find([image])[0]) == 1
    assert recognizer.read(image) == []
    (reading,) = recognizer.read_boxes([(image, (56, 90, 112, 30))])
    assert (reading.text, reading.chars, reading.confidence) == ("", (), 0.0)


@pytest.mark.parametrize(
    ("wide", "text", "confidence", "read"),
    [
        (100, "KL65DKH", 0.9, True),  # detection 0.4, below the threshold of 0.5; a British plate
        (100, "KL65DKH", 0.7, False),  # not sure at first sight
        (100, "SPEEDKILLS", 0.9, False),  # no plate's format
        (50, "KL65DKH", 0.9, False),  # detection 0.2, below half the threshold
        (200, "SPEEDKILLS", 0.1, True),  # detection 0.8: a plate of its owner's choice
        (150, "SPEEDKILLS", 0.7, False),  # detection 0.6: lettering
        (150, "SPEEDKILLS", 0.85, True),
        (150, "KL65DKH", 0.1, True),
        (200, "KL65DKH", 0.04, False),  # nothing can be read
    ],
)
def test_what_is_a_plate_both_models_decide(
    hand_made: Path, monkeypatch: pytest.MonkeyPatch, wide: int, text: str, confidence: float, read: bool
) -> None:
    recognizer = LicensePlateRecognizer(hand_made, threads=1, second_look=False)
    says = Reading(text, (confidence,) * len(text), confidence)
    # The same everywhere, by one cut and by several.
    monkeypatch.setattr("lpr.inference.text_reader.decode", lambda logits: says)
    monkeypatch.setattr("lpr.inference.text_reader.read_cuts", lambda cuts, grammar: says)
    plates = recognizer.read(photo(1000, 700, (300, 300, wide, 40)))
    assert [plate.text for plate in plates] == ([text] if read else [])


def test_a_weak_place_that_is_not_sure_at_first_sight_costs_no_further_cuts(
    hand_made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recognizer = LicensePlateRecognizer(hand_made, threads=1)
    cut: list[float] = []
    real = text_reader.ocr_input
    monkeypatch.setattr(text_reader, "ocr_input", lambda p, b, m, q: cut.append(m) or real(p, b, m, q))
    image, box = photo(1000, 700, (300, 300, 200, 40)), (300.0, 300.0, 200.0, 40.0)
    for detection, cuts in ((0.4, 1), (0.6, 3)):  # of 0.5; AB is no plate's format
        cut.clear()
        place = Found(box, detection, ((0.0, 0.0),) * 4)
        monkeypatch.setattr(recognizer._finder, "find", lambda *_, place=place: [[place]])
        recognizer.read(image)
        assert len(cut) == cuts


def test_one_photo_or_many_in_every_form(recognizer: LicensePlateRecognizer, tmp_path: Path) -> None:
    image = photo(224, 224, (56, 90, 112, 30))
    image.save(tmp_path / "photo.png")
    one = recognizer.read(image)
    assert recognizer.read(np.asarray(image)) == one
    assert recognizer.read(tmp_path / "photo.png") == one
    assert recognizer.read(str(tmp_path / "photo.png")) == one
    assert recognizer.read([image, np.asarray(image), tmp_path / "photo.png"]) == [one] * 3
    assert recognizer.read([]) == []
    assert recognizer.read_boxes([]) == []
    assert recognizer.find([]) == []


@pytest.mark.parametrize("size", [(1, 1), (10000, 10), (10, 10000), (2, 3), (223, 225)])
def test_photos_of_odd_shapes(recognizer: LicensePlateRecognizer, size: tuple[int, int]) -> None:
    assert recognizer.read(Image.new("RGB", size)) == []
    for plate in recognizer.read(Image.new("RGB", size, "white")):
        x, y, w, h = plate.box
        assert min(x, y) >= 0 and x + w <= size[0] and y + h <= size[1]


def test_batch_interfaces(recognizer: LicensePlateRecognizer) -> None:
    images = np.zeros((3, 3, 224, 224), np.float32)
    images[1, 0, 112:168, 56:112] = 1
    best = recognizer.detect(images)
    assert best.shape == (3, 5)
    assert best[1].tolist() == [0.25, 0.5, 0.25, 0.25, 1.0]
    assert best[0, 4] == 0
    assert recognizer.candidates(images).shape == (3, 2, 5)
    assert recognizer.candidates(images[:0]).shape == (0, 2, 5)
    assert recognizer.recognize_text(np.zeros((40, 3, 32, 128))).shape == (40, 3, 36)


@pytest.mark.parametrize(
    ("batch", "message"),
    [
        (np.zeros((3, 224, 224), np.float32), r"shape \(3, 224, 224\)"),
        (np.zeros((1, 224, 224, 3), np.float32), r"takes \(B, 3, 224, 224\)"),
        (np.zeros((1, 3, 224, 224), np.uint8), "divide bytes by 255"),
        (np.full((1, 3, 224, 224), np.nan), "nan"),
        (np.full((1, 3, 224, 224), np.inf), "inf"),
        (np.full((1, 3, 224, 224), -np.inf), "-inf"),
        ([], r"shape \(0,\)"),
    ],
)
def test_batches_are_checked(recognizer: LicensePlateRecognizer, batch: object, message: str) -> None:
    with pytest.raises(LprError, match=message):
        recognizer.detect(batch)


def test_batches_outside_the_range_are_clipped_with_one_warning(hand_made: Path) -> None:
    recognizer = LicensePlateRecognizer(hand_made, threads=1)
    images = np.zeros((1, 3, 224, 224), np.float32)
    images[0, 0, 112:168, 56:112] = 1
    wild = np.where(images == 1, 7.5, -3.0)
    with pytest.warns(UserWarning, match=r"from -3 to 7\.5 are clipped: the detector takes .* in \[0, 1\]") as caught:
        first = recognizer.detect(wild)
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = recognizer.detect(wild)
    assert first.tolist() == again.tolist() == recognizer.detect(images).tolist()
    with pytest.warns(UserWarning, match="the ocr takes"):
        recognizer.recognize_text(np.full((1, 3, 32, 128), 1.5))


def test_the_models_and_their_device_are_open_to_see(recognizer: LicensePlateRecognizer) -> None:
    assert recognizer.device == "cpu"
    assert recognizer.detector.card.kind == "detector" and recognizer.ocr.card.kind == "ocr"


def test_decode_plate(recognizer: LicensePlateRecognizer) -> None:
    logits = np.full((5, 36), -5.0)
    for step, character in ((0, 10), (1, 10), (3, 10), (4, 0)):
        logits[step, character] = 5
    assert recognizer.decode_plate(logits) == "AA0"
    assert recognizer.decode_plate(logits[None]) == "AA0"
    assert recognizer.decode_plate([15, 25, 10, 0, 1, 2]) == "FPA012"
    assert recognizer.decode_plate(np.array([10, 10, -1, 0, -1])) == "AA0"
    assert recognizer.decode_plate([35, -7]) == "Z"
    assert recognizer.decode_plate(np.zeros(0)) == ""
    for wrong in (logits[:, :35], np.stack([logits, logits]), np.array([0.5, 1.0]), [36], np.zeros((2, 2), int)):
        with pytest.raises(LprError):
            recognizer.decode_plate(wrong)


def test_models_that_cannot_be_used_are_named(hand_made: Path, tmp_path: Path) -> None:
    with pytest.raises(LprError, match=r"nowhere/detector\.onnx: no such model; run `dvc repro export`"):
        LicensePlateRecognizer(tmp_path / "nowhere")
    models = tmp_path / "models"
    shutil.copytree(hand_made, models)
    (models / "ocr.onnx").write_bytes(b"not a model")
    with pytest.raises(LprError, match=r"ocr\.onnx: not a usable ONNX model"):
        LicensePlateRecognizer(models)
    shutil.copy(models / "detector.onnx", models / "ocr.onnx")
    with pytest.raises(LprError, match=r"ocr\.onnx: does not fit this version of lpr: its kind is 'detector'"):
        LicensePlateRecognizer(models)
    foreign = onnx.load(hand_made / "ocr.onnx")
    del foreign.metadata_props[:]
    onnx.save(foreign, models / "ocr.onnx")
    with pytest.raises(LprError, match="not one that this project exported"):
        LicensePlateRecognizer(models)
    # The card of a detector on a model with other inputs.
    onnx.helper.set_model_props(foreign, {"lpr": DETECTOR_CARD.to_json()})
    onnx.save(foreign, models / "detector.onnx")
    with pytest.raises(LprError, match=r"detector\.onnx: has inputs \('crops',\)"):
        LicensePlateRecognizer(models)
    with pytest.raises(LprError, match="threads is 0"):
        LicensePlateRecognizer(hand_made, threads=0)
