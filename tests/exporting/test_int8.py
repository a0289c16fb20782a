"""The OCR in integers: what changes in its file, and that it is kept only where it reads as before."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper
from PIL import Image

from lpr.base.errors import LprError
from lpr.base.files import sha256
from lpr.data.annotations import SPLITS, Entry, write_entries
from lpr.decoding.ctc import decode
from lpr.evaluation.graph import flops, onnx_weights
from lpr.exporting.bundle import export_bundle
from lpr.exporting.checkpoint import load_checkpoint
from lpr.exporting.int8 import Crops, quantise, take_crops
from lpr.exporting.ocr_graph import OcrGraph
from lpr.exporting.onnx_file import write_onnx
from lpr.ocr.model import Ocr
from lpr.runtime.onnx_model import OnnxModel
from tests.tiny import CODE, DATA, OCR_CARD, checkpoint

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random OCR in float32 that sees characters everywhere, so that small changes change what it reads."""
    torch.manual_seed(1)
    module = Ocr(8).eval()
    torch.nn.init.zeros_(module.classify.bias)
    path = tmp_path_factory.mktemp("plain") / "ocr.onnx"
    write_onnx(OcrGraph(module), OCR_CARD, path, 18)
    return path


@pytest.fixture(scope="module")
def crops() -> np.ndarray:
    """Steps of light between coarse patches: random pixels would all look alike to the network."""
    coarse = RNG.random((48, 3, 4, 8), np.float32)
    return coarse.repeat(8, axis=2).repeat(16, axis=3)


@pytest.fixture(scope="module")
def quantised(plain: Path, crops: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    path = tmp_path_factory.mktemp("quantised") / "ocr.onnx"
    path.write_bytes(plain.read_bytes())
    return path, quantise(path, OCR_CARD, Crops(crops[:32], crops, 0.0))


def test_convolutions_and_linear_layers_have_weights_of_seven_bits_and_the_rest_stays_as_it_was(
    plain: Path, quantised: tuple[Path, float]
) -> None:
    before, after = (
        {t.name: numpy_helper.to_array(t) for t in onnx.load(p).graph.initializer} for p in (plain, quantised[0])
    )
    weights = [t for t in after.values() if t.dtype == np.int8 and t.ndim > 1]
    # Three strided convolutions, two in each of four residual blocks; three of the attention's inputs, its output, the
    # two of the MLP, the classifier.
    assert sorted(t.ndim for t in weights) == [2] * 7 + [4] * 11
    assert max(int(np.abs(weight.astype(int)).max()) for weight in weights) == 64
    kept = set(before) & set(after)
    assert "position" in kept
    assert all(np.array_equal(before[name], after[name]) for name in kept)


def test_it_computes_nearly_the_same_for_any_batch(
    plain: Path, quantised: tuple[Path, float], crops: np.ndarray
) -> None:
    before, after = OnnxModel(plain, "ocr"), OnnxModel(quantised[0], "ocr")
    assert after.card == before.card
    for size in (0, 1, 5):
        ours, theirs = (model(crops[:size])[0] for model in (before, after))
        assert ours.shape == theirs.shape
    ours, theirs = (model(crops)[0].ravel() for model in (before, after))
    assert np.corrcoef(ours, theirs)[0, 1] > 0.99
    assert not np.array_equal(ours, theirs)


def test_the_share_of_equal_readings_is_told_and_decides(
    plain: Path, quantised: tuple[Path, float], crops: np.ndarray, tmp_path: Path
) -> None:
    path, told = quantised
    before, after = OnnxModel(plain, "ocr")(crops)[0], OnnxModel(path, "ocr")(crops)[0]
    same = np.mean([decode(a).text == decode(b).text for a, b in zip(before, after, strict=True)])
    assert told == same
    assert 0 < same < 1
    again = tmp_path / "ocr.onnx"
    again.write_bytes(plain.read_bytes())
    with pytest.raises(LprError, match=r"ocr\.onnx: in integers it reads .* fewer than export\.same_readings \(100"):
        quantise(again, OCR_CARD, Crops(crops[:32], crops, 1.0))
    assert sha256(again) == sha256(plain)
    assert list(tmp_path.iterdir()) == [again]


def test_the_same_crops_give_the_same_bytes(
    plain: Path, quantised: tuple[Path, float], crops: np.ndarray, tmp_path: Path
) -> None:
    again = tmp_path / "ocr.onnx"
    again.write_bytes(plain.read_bytes())
    quantise(again, OCR_CARD, Crops(crops[:32], crops, 0.0))
    assert sha256(again) == sha256(quantised[0])


def test_the_evaluation_counts_its_weights_and_arithmetic(plain: Path, quantised: tuple[Path, float]) -> None:
    before, after = onnx_weights(plain), onnx_weights(quantised[0])
    assert before.parameters < after.parameters < before.parameters * 1.1  # scales and zero points come on top
    assert before.weight_bytes / 4 < after.weight_bytes < before.weight_bytes * 0.7
    assert flops(quantised[0], 2) == flops(plain, 2)


def write_crops(data: Path, texts: dict[str, int]) -> None:
    for split in SPLITS:
        (data / "images" / split).mkdir(parents=True)
        entries = []
        for number in range(texts[split]):
            pixels = np.full((20, 80, 3), number, np.uint8)
            Image.fromarray(pixels).save(data / "images" / split / f"{number:03}.png")
            entries.append(Entry(f"{number:03}.png", (), "AB1", 1, source="drawn", use="reading"))
        write_entries(data / "annotations" / f"{split}.json", entries)


def test_crops_are_taken_from_all_over_their_splits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_crops(tmp_path, {"train": 9, "val": 3, "test": 1})
    monkeypatch.setattr("lpr.exporting.int8.CALIBRATION", 3)
    taken = take_crops(tmp_path, 0.0, 0.5)
    assert (taken.calibration[:, 0, 16, 64] * 255).round().tolist() == [0, 4, 8]
    assert len(taken.validation) == 3


def test_a_split_without_text_is_named(tmp_path: Path) -> None:
    write_crops(tmp_path, {"train": 1, "val": 0, "test": 1})
    with pytest.raises(LprError, match=r"val\.json: no plate with text, which export\.int8 needs"):
        take_crops(tmp_path, 0.0, 0.5)


def test_a_bundle_records_the_file_that_it_holds(tmp_path: Path, crops: np.ndarray) -> None:
    loaded = {}
    for kind in ("detector", "ocr"):
        torch.save(checkpoint(kind), tmp_path / f"{kind}.pt")
        loaded[kind] = load_checkpoint(tmp_path / f"{kind}.pt", kind)
    exported = export_bundle(
        tmp_path / "models", loaded, opset=18, tolerance=1e-4, parameters={"seed": 7}, data=DATA, code=CODE,
        crops=Crops(crops, crops, 0.5),
    )  # fmt: skip
    assert exported.differences["ocr"].value <= 1e-4
    assert exported.same_readings is not None
    kinds = {t.data_type for t in onnx.load(tmp_path / "models" / "ocr.onnx").graph.initializer}
    assert onnx.TensorProto.INT8 in kinds
    recorded = (tmp_path / "models" / "training_metadata.json").read_text()
    assert sha256(tmp_path / "models" / "ocr.onnx") in recorded
