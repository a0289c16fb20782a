"""Stages `export` and `publish` as DVC runs them, in a folder with what the stages before them leave."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lpr.base import torch_file
from lpr.base.files import sha256
from lpr.records.gates_file import Gate, save_gates
from tests.records_here import MANIFEST

ROOT = Path(__file__).parents[2]


def stage(name: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", f"stages.{name}"],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=200,
    )  # fmt: skip


@pytest.fixture()
def workplace(tmp_path: Path, random_bundle: Path) -> Path:
    shutil.copy(ROOT / "params.yaml", tmp_path)
    shutil.copytree(random_bundle.parent / "checkpoints", tmp_path / "checkpoints")
    (tmp_path / "data" / "annotations").mkdir(parents=True)
    # Nothing to set the OCR's temperature by: it stays as in the bundle that the stage's is compared with.
    (tmp_path / "data" / "annotations" / "val.json").write_text("{}")
    (tmp_path / "data" / "manifest.json").write_text(json.dumps(MANIFEST))
    return tmp_path


def test_export_writes_the_bundle(
    workplace: Path, random_bundle: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # In this process, where the exporter is warm: a fresh one takes three times as long.
    from stages.export import main

    monkeypatch.chdir(workplace)
    main()
    assert "models/ocr.onnx: agrees with torch to" in capsys.readouterr().out
    for name in ("detector.pt", "detector.onnx", "ocr.onnx"):
        assert sha256(workplace / "models" / name) == sha256(random_bundle / name)
    # The temperature is set anew, so that the file is another one with the same weights.
    ours, theirs = (torch_file.load(folder / "ocr.pt")["weights"] for folder in (workplace / "models", random_bundle))
    assert ours.keys() == theirs.keys()
    assert all(bool((ours[name] == theirs[name]).all()) for name in theirs)
    parameters = json.loads((workplace / "models" / "training_metadata.json").read_text())["parameters"]
    assert set(parameters) == {"seed", "fetch_data", "train", "detector", "ocr", "export"}


def test_export_says_what_is_missing(workplace: Path) -> None:
    (workplace / "checkpoints" / "ocr.pt").unlink()
    done = stage("export", workplace)
    assert done.returncode == 2
    assert done.stderr == "error: checkpoints/ocr.pt: no such checkpoint; train it with `dvc repro train_ocr`\n"
    assert not (workplace / "models").exists()


def judged(workplace: Path, models: Path, passed: bool) -> None:
    shutil.copytree(models, workplace / "models")
    out = workplace / "results" / "evaluate"
    out.mkdir(parents=True)
    gate = Gate("end_to_end", 0.95 if passed else 0.2, 0.85, ">=", passed, "of the test split")
    save_gates(out / "gates.json", [gate], {path.name: sha256(path) for path in models.glob("*.[op][nt]*")})
    reading = {"right": None, "plates": None}
    metrics = {"end_to_end": {"right": 19, "total": 20}, "reading": reading, "detection": {"ap50": 0.97}}
    (out / "metrics.json").write_text(json.dumps(metrics))


def test_models_that_fail_a_gate_leave_a_refusal_and_no_version(workplace: Path, random_bundle: Path) -> None:
    judged(workplace, random_bundle, passed=False)
    done = stage("publish", workplace)
    assert done.returncode == 0, done.stderr
    assert "end_to_end: 0.2, required >= 0.85" in done.stdout
    assert not (workplace / "registry").exists()
    receipt = json.loads((workplace / "results" / "publish" / "receipt.json").read_text())
    (missed,) = receipt["refused"]
    assert (missed["name"], missed["value"]) == ("end_to_end", 0.2) and "version" not in receipt


def test_publish_writes_a_version_and_says_when_nothing_is_new(workplace: Path, random_bundle: Path) -> None:
    judged(workplace, random_bundle, passed=True)
    done = stage("publish", workplace)
    assert done.returncode == 0, done.stderr
    receipt = json.loads((workplace / "results" / "publish" / "receipt.json").read_text())
    assert receipt["message"] == "v1.0 - end-to-end 95.0% (19/20), AP50 0.97"
    assert (workplace / receipt["where"] / "detector.onnx").is_file()
    again = stage("publish", workplace)
    assert again.returncode == 0 and "published already as v1.0" in again.stdout
    assert json.loads((workplace / "results" / "publish" / "receipt.json").read_text()) == receipt
    assert len(list((workplace / receipt["where"]).parent.glob("v*"))) == 1
