"""The temperature that export gives the OCR: as confident as it is right, by what is read of the validation crops."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from lpr.data.annotations import Entry, write_entries
from lpr.exporting.checkpoint import Checkpoint
from lpr.exporting.temperature import MOST, best_temperature, with_temperature
from lpr.ocr.model import Ocr
from lpr.plate.text import ALPHABET
from lpr.world.grammar import Grammar
from tests.tiny import OCR_CARD


def plates(share: float, number: int) -> np.ndarray:
    """`(N, 1, T, 36)`: plates that read ABC1 surely, then 2 with a probability."""
    logits = np.full((10, 36), -30, np.float32)
    for place, character in enumerate("ABC12"):
        logits[2 * place, ALPHABET.index(character)] = 20 if character != "2" else np.log(share / (1 - share))
    return np.stack([logits[None]] * number)


def test_confidence_becomes_accuracy() -> None:
    # Sure by 0.95 and right in 15 of 20: log-odds 2.944 / T must be those of 0.75, 1.0986, so T is 2.68.
    truths = ["ABC12"] * 15 + ["ABC13"] * 5
    found = best_temperature(plates(0.95, 20), truths, Grammar())
    assert found.accuracy == 0.75 and found.plates == 20
    assert found.confidence == pytest.approx(0.75, abs=0.01)
    assert found.temperature == pytest.approx(np.log(0.95 / 0.05) / np.log(3), rel=0.02)


def test_too_modest_an_ocr_is_pressed() -> None:
    found = best_temperature(plates(0.7, 20), ["ABC12"] * 16 + ["X"] * 4, Grammar())
    assert found.temperature == pytest.approx(np.log(0.7 / 0.3) / np.log(4), rel=0.05)


@pytest.mark.parametrize("truth", ["ABC12", "X"])
def test_all_or_nothing_right_says_nothing(truth: str) -> None:
    assert best_temperature(plates(0.7, 4), [truth] * 4, Grammar()).temperature == 1


def test_a_hopeless_ocr_is_not_stretched_without_end() -> None:
    found = best_temperature(plates(0.9999999, 20), ["ABC12"] + ["X"] * 19, Grammar())
    assert 0.9 * MOST < found.temperature <= MOST


def write_validation(data: Path, texts: list[str]) -> None:
    (data / "images" / "val").mkdir(parents=True)
    (data / "annotations").mkdir()
    noise = np.random.default_rng(5)
    entries = []
    for number, text in enumerate(texts):
        Image.fromarray(noise.integers(0, 255, (32, 128, 3), np.uint8)).save(data / f"images/val/{number}.png")
        entries.append(Entry(f"{number}.png", (), text))
    write_entries(data / "annotations" / "val.json", entries)


def checkpoint(tmp_path: Path) -> Checkpoint:
    torch.manual_seed(0)
    ocr = Ocr(8)
    ocr.temperature.fill_(3.0)
    # Whatever it sees, it reads one A at the log-odds 2, and else nothing: positions outweigh the image.
    with torch.no_grad():
        ocr.position[..., 1] = 1e5
        ocr.position[:, 20, :2] = torch.tensor([1e5, 0])
        ocr.classify.weight.zero_()
        ocr.classify.bias.fill_(-30.0)
        hot = (ocr.position.shape[2] - 1) ** 0.5
        slope = 16 / (hot + 1 / hot)
        ocr.classify.weight[10, :2] = torch.tensor([slope, -slope])
        ocr.classify.bias[10] = -14
    value = {"arguments": ocr.arguments, "weights": ocr.state_dict(), "settings": {}, "metrics": {}, "provenance": {}}
    return Checkpoint(tmp_path / "ocr.pt", OCR_CARD, value)


def test_the_checkpoint_that_is_exported_carries_it(tmp_path: Path) -> None:
    write_validation(tmp_path, ["A", "A", "A", "B"])
    old = checkpoint(tmp_path)
    new, fit = with_temperature(old, tmp_path)
    assert (fit.accuracy, fit.plates) == (0.75, 4)
    assert fit.confidence == pytest.approx(0.75, abs=0.02)
    assert float(new.module().temperature) == pytest.approx(fit.temperature) != 1
    assert float(old.value["weights"]["temperature"]) == 3.0
    # What it was before does not matter.
    again, _ = with_temperature(replace(new), tmp_path)
    assert float(again.value["weights"]["temperature"]) == pytest.approx(fit.temperature)


def test_without_validation_texts_the_temperature_is_1(tmp_path: Path) -> None:
    write_validation(tmp_path, [])
    new, fit = with_temperature(checkpoint(tmp_path), tmp_path)
    assert (float(new.value["weights"]["temperature"]), fit.plates) == (1.0, 0)
