"""From checkpoints to .onnx files that compute the same."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from lpr.base.errors import LprError
from lpr.exporting.bundle import export_bundle
from lpr.exporting.checkpoint import load_checkpoint
from lpr.exporting.onnx_file import check_parity, largest_difference, write_onnx
from lpr.records.manifest import load_manifest
from lpr.records.metadata import load_metadata
from lpr.runtime.onnx_model import OnnxModel
from tests.records_here import MANIFEST
from tests.tiny import CODE, DATA, checkpoint, write_random_bundle

KINDS = ("detector", "ocr")


@pytest.fixture(scope="module")
def saved(random_bundle: Path) -> Path:
    return random_bundle.parent / "checkpoints"


@pytest.fixture(scope="module")
def models(random_bundle: Path) -> Path:
    return random_bundle


def test_bundle_holds_its_files_and_nothing_else(models: Path) -> None:
    assert {path.name for path in models.iterdir()} == {
        "detector.pt", "ocr.pt", "detector.onnx", "ocr.onnx", "training_metadata.json", "README.md"
    }  # fmt: skip
    assert {path.name for path in models.parent.iterdir()} == {"models", "checkpoints"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_batch_size_agrees_with_torch(models: Path, saved: Path, kind: str) -> None:
    module = load_checkpoint(saved / f"{kind}.pt", kind).module()
    model = OnnxModel(models / f"{kind}.onnx", kind)
    shape = (3, 224, 224) if kind == "detector" else (3, 32, 128)
    for size in (0, 1, 3, 11):
        images = np.random.default_rng(size).random((size, *shape), np.float32)
        with torch.no_grad():
            expected = module(torch.from_numpy(images))
        for ours, theirs in zip(expected if isinstance(expected, tuple) else (expected,), model(images), strict=True):
            assert theirs.shape == tuple(ours.shape)
            np.testing.assert_allclose(theirs, ours.numpy(), atol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_file_is_self_contained_folded_and_without_paths(models: Path, kind: str) -> None:
    model = onnx.load(models / f"{kind}.onnx")
    assert "BatchNormalization" not in {node.op_type for node in model.graph.node}
    assert model.opset_import[0].version == 18
    assert b".py" not in (models / f"{kind}.onnx").read_bytes()
    card = json.loads({entry.key: entry.value for entry in model.metadata_props}["lpr"])
    assert card["kind"] == kind
    assert card["settings"] == ({"threshold": 0.5, "nms_iou": 0.4} if kind == "detector" else {"margin": 0.0})
    inputs = model.graph.input[0].type.tensor_type.shape.dim
    assert inputs[0].dim_param and inputs[1].dim_value == 3


def test_export_of_the_same_weights_is_the_same_bytes(models: Path, tmp_path: Path) -> None:
    again = write_random_bundle(tmp_path)
    for name in ("detector.pt", "ocr.pt", "detector.onnx", "ocr.onnx", "README.md"):
        assert (again / name).read_bytes() == (models / name).read_bytes(), name


def test_weights_that_differ_fail_parity_and_are_located(models: Path, saved: Path) -> None:
    module = load_checkpoint(saved / "ocr.pt", "ocr").module()
    model = OnnxModel(models / "ocr.onnx", "ocr")
    assert largest_difference(module, model).value < 1e-4
    with torch.no_grad():
        module.classify.bias[3] += 0.25
    difference = largest_difference(module, model)
    assert difference.output == "logits"
    assert difference.value == pytest.approx(0.25, abs=1e-3)
    with pytest.raises(LprError, match=r"ocr\.onnx.*differ by 0\.25 in 'logits' for a batch of \d"):
        check_parity(module, model, 1e-4)


def test_parity_failure_leaves_the_old_bundle(models: Path, saved: Path, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "old").write_text("here")
    checkpoints = {kind: load_checkpoint(saved / f"{kind}.pt", kind) for kind in KINDS}
    with pytest.raises(LprError, match=r"export\.parity"):
        export_bundle(folder, checkpoints, opset=18, tolerance=1e-12, parameters={"seed": 7}, data=DATA, code=CODE)
    assert [path.name for path in tmp_path.rglob("*")] == ["models", "old"]


def test_nan_outputs_are_no_parity(models: Path, saved: Path) -> None:
    module = load_checkpoint(saved / "ocr.pt", "ocr").module()
    with torch.no_grad():
        module.classify.bias[0] = float("nan")
    assert largest_difference(module, OnnxModel(models / "ocr.onnx", "ocr")).value == float("inf")


def test_checkpoints_of_the_bundle_open_and_know_their_data(models: Path) -> None:
    value = torch.load(models / "detector.pt", weights_only=True)
    assert value["provenance"]["data"] == MANIFEST["fingerprint"]
    assert value["provenance"]["epoch"] == 3
    load_checkpoint(models / "detector.pt", "detector").module()


def test_metadata_say_where_the_models_come_from(models: Path) -> None:
    record = json.loads((models / "training_metadata.json").read_text())
    assert record["data"] == {"fingerprint": MANIFEST["fingerprint"], "sources": MANIFEST["sources"]}
    assert record["parameters"] == {"seed": 7}
    assert record["metrics"] == {"detector": {"ap50": 0.5}, "ocr": {"plate_accuracy": 0.25}}
    assert record["device"] == "cpu" and record["alphabet"] == "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    assert record["files"]["ocr.pt"]["bytes"] == (models / "ocr.pt").stat().st_size
    assert set(record["files"]) == {"detector.pt", "ocr.pt", "detector.onnx", "ocr.onnx"}
    assert load_metadata(models).git_commit == record["git_commit"]


def test_model_card_names_data_licences_and_metrics(models: Path) -> None:
    card = (models / "README.md").read_text()
    assert "| rendered | synthetic | MIT |" in card
    assert "| ocr | plate_accuracy | 0.25 |" in card
    assert "rendered plates only" in card


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 2}, "format is 2"),
        ({"kind": "ocr"}, "kind is 'ocr'"),
        ({"input_size": [192, 192]}, "input_size"),
        ({"settings": {"threshold": 0.5}}, "no nms_iou"),
        ({"settings": {"threshold": 1.5, "nms_iou": 0.4}}, "threshold is 1.5"),
        ({"weights": {"a": 1}}, "weight a is no tensor"),
        ({"weights": {"a": torch.tensor([float("nan")])}}, "NaN"),
        ({"metrics": None}, "metrics is no mapping"),
    ],
)
def test_foreign_checkpoints_are_refused(tmp_path: Path, change: dict, message: str) -> None:
    torch.save({**checkpoint("detector"), **change}, tmp_path / "detector.pt")
    with pytest.raises(LprError, match=message):
        load_checkpoint(tmp_path / "detector.pt", "detector")


def test_missing_damaged_and_pickled_files_are_refused(tmp_path: Path, saved: Path) -> None:
    with pytest.raises(LprError, match="no such checkpoint; train it with `dvc repro train_ocr`"):
        load_checkpoint(tmp_path / "ocr.pt", "ocr")
    (tmp_path / "ocr.pt").write_bytes((saved / "ocr.pt").read_bytes()[:5000])
    with pytest.raises(LprError, match="damaged"):
        load_checkpoint(tmp_path / "ocr.pt", "ocr")
    torch.save({"path": zipfile.Path}, tmp_path / "ocr.pt")
    with pytest.raises(LprError, match="damaged, or not a checkpoint"):
        load_checkpoint(tmp_path / "ocr.pt", "ocr")
    torch.save([1, 2], tmp_path / "ocr.pt")
    with pytest.raises(LprError, match="not a checkpoint of the ocr"):
        load_checkpoint(tmp_path / "ocr.pt", "ocr")


def test_weights_of_another_width_are_refused(tmp_path: Path) -> None:
    torch.save({**checkpoint("ocr"), "arguments": {"width": 8}}, tmp_path / "ocr.pt")
    with pytest.raises(LprError, match="does not fit the network"):
        load_checkpoint(tmp_path / "ocr.pt", "ocr").module()


def test_an_opset_that_cannot_be_written_is_named(saved: Path, tmp_path: Path) -> None:
    loaded = load_checkpoint(saved / "ocr.pt", "ocr")
    with pytest.raises(LprError, match=r"export\.opset is 999"):
        write_onnx(loaded.module(), loaded.card, tmp_path / "ocr.onnx", 999)


def test_manifest_is_checked(tmp_path: Path) -> None:
    with pytest.raises(LprError, match="no such file; make the data with"):
        load_manifest(tmp_path / "manifest.json")
    wrong = {**MANIFEST, "sources": [{"name": "a", "kind": "path", "use": "both"}]}
    for text, says in (
        ("{", "not readable as JSON"), ("[]", "the file is"), ("[" * 100_000, "not readable as JSON"),
        (json.dumps({**MANIFEST, "fingerprint": 3}), "fingerprint is 3"),
        (json.dumps({**MANIFEST, "sources": []}), "sources is"),
        (json.dumps(wrong), r"sources\.0\.licence: missing"),
    ):  # fmt: skip
        (tmp_path / "manifest.json").write_text(text)
        with pytest.raises(LprError, match=rf"manifest\.json: {says}.*dvc repro"):
            load_manifest(tmp_path / "manifest.json")
