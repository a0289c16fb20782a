"""Models, checkpoints and images that were damaged: they are named, and give no result."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from lpr.base.errors import LprError
from lpr.base.files import sha256
from lpr.inference.recognizer import LicensePlateRecognizer

Ends = Callable[[str], tuple[int, str]]


def contents(folder: Path) -> dict[str, str]:
    """Every file, hidden ones too, with its hash."""
    return {path.relative_to(folder).as_posix(): sha256(path) for path in folder.rglob("*") if path.is_file()}


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


@pytest.mark.parametrize("damage", [flip_a_bit, cut])
@pytest.mark.parametrize("name", ["detector.onnx", "ocr.onnx", "detector.pt", "ocr.pt"])
def test_damaged_models_are_neither_measured_nor_used(
    place: Path, ends: Ends, name: str, damage: Callable[[Path], None]
) -> None:
    before = contents(place / "results")
    damage(place / "models" / name)
    status, line = ends("evaluate")
    assert status == 2 and line.startswith(f"error: models/{name}: damaged or exchanged")
    assert contents(place / "results") == before
    if name.endswith(".onnx"):
        with pytest.raises(LprError, match=rf"models/{name}: damaged or exchanged"):
            LicensePlateRecognizer("models")
    else:
        LicensePlateRecognizer("models")  # reads with the others


@pytest.mark.parametrize("damage", [flip_a_bit, cut])
def test_a_damaged_checkpoint_is_not_exported(place: Path, ends: Ends, damage: Callable[[Path], None]) -> None:
    before = contents(place / "models")
    damage(place / "checkpoints" / "ocr.pt")
    assert ends("export") == (
        2,
        "error: checkpoints/ocr.pt: damaged, or not a checkpoint of this project; train it with `dvc repro train_ocr`",
    )
    assert contents(place / "models") == before


def test_a_checkpoint_of_another_version_is_not_exported(place: Path, ends: Ends) -> None:
    path = place / "checkpoints" / "detector.pt"
    torch.save({**torch.load(path, weights_only=True), "format": 2}, path)
    status, line = ends("export")
    assert status == 2
    assert line.startswith("error: checkpoints/detector.pt: not a checkpoint of the detector (its format is 2, ")
    assert line.endswith("train it with `dvc repro train_detector`")


@pytest.mark.parametrize("damage", [Path.unlink, cut])
def test_an_image_that_changed_after_fetch_data_is_named(
    place: Path, ends: Ends, damage: Callable[[Path], None]
) -> None:
    damage(place / "data" / "images" / "test" / "b.jpg")
    status, line = ends("evaluate")
    assert status == 2 and line.startswith("error: data/images/test/b.jpg: not readable as an image (")
    assert "dvc repro" in line
