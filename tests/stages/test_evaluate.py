"""The stage on real models, whose weights are random: it measures them, says that they fail, and ends well."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from lpr.base.files import sha256
from lpr.data.annotations import Entry, Plate, write_entries
from lpr.records.gates_file import load_gates

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory, random_bundle) -> Path:
    """A folder in which the stage can run: parameters, a test split of three photos and a crop, the models."""
    tmp_path = tmp_path_factory.mktemp("workspace")
    (tmp_path / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    (tmp_path / "models").symlink_to(random_bundle)
    folder = tmp_path / "data" / "images" / "test"
    folder.mkdir(parents=True)
    entries = [
        Entry("a.jpg", (Plate((40, 50, 90, 24), "AB123", 1),), source="drawn"),
        Entry("b.jpg", (Plate((60, 80, 60, 40), "XY987", 2), Plate((5, 5, 8, 4), None)), source="drawn"),
        Entry("c.jpg", (), source="drawn"),
        Entry("d.jpg", text="KL65DKH", lines=1, source="drawn", use="reading"),
    ]
    generator = np.random.default_rng(0)
    for entry in entries:
        Image.fromarray(generator.integers(0, 255, (160, 240, 3), np.uint8)).save(folder / entry.name)
    write_entries(tmp_path / "data" / "annotations" / "test.json", entries)
    return tmp_path


def run(workspace: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stages.evaluate"],
        cwd=workspace, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


@pytest.fixture(scope="module")
def done(workspace) -> subprocess.CompletedProcess[str]:
    return run(workspace)


def test_random_models_are_measured_and_fail_their_gates(workspace, random_bundle, done):
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == f"report: {Path('results/evaluate/report.html')}"
    assert "FAIL  end_to_end" in done.stdout
    assert "4/4" in done.stderr
    out = workspace / "results" / "evaluate"
    verdicts = {gate.name: gate.passed for gate in load_gates(out / "gates.json")}
    assert not verdicts["end_to_end"]
    assert not verdicts["input_sensitivity"]
    assert verdicts["repeatability"]
    assert verdicts["batch_seconds"]
    assert verdicts["metadata_complete"]
    metrics = json.loads((out / "metrics.json").read_text())
    assert metrics["end_to_end"]["total"] == 2
    assert metrics["reading"]["plates"] == 3
    details = json.loads((out / "details.json").read_text())
    assert details["end_to_end"]["sources"].keys() == {"drawn"} and "sources" not in metrics["end_to_end"]
    described = json.loads((out / "latency.json").read_text())["models"]
    assert described["detector.onnx"]["flops"] > 1e6
    assert described["ocr.onnx"]["flops"] > 1e6
    judged = json.loads((out / "gates.json").read_text())["models"]
    assert judged == {path.name: sha256(path) for path in random_bundle.iterdir() if path.suffix in (".pt", ".onnx")}
    assert str(workspace) not in "".join(path.read_text() for path in out.glob("*.json"))


def test_the_stage_writes_exactly_what_dvc_yaml_declares(workspace, done):
    assert done.returncode == 0
    stage = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]["evaluate"]
    declared = [out if isinstance(out, str) else next(iter(out)) for key in ("outs", "metrics") for out in stage[key]]
    written = sorted(
        path.relative_to(workspace).as_posix() for path in (workspace / "results").rglob("*") if path.is_file()
    )
    assert all((workspace / path).exists() for path in declared)
    assert [path for path in written if not any(path == out or path.startswith(f"{out}/") for out in declared)] == []


def test_what_the_user_can_mend_ends_in_one_line(tmp_path):
    (tmp_path / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    done = run(tmp_path)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "dvc repro fetch_data" in done.stderr


def test_missing_models_end_in_a_message(tmp_path):
    (tmp_path / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    write_entries(tmp_path / "data" / "annotations" / "test.json", [Entry("a.jpg", ())])
    done = run(tmp_path)
    assert done.returncode == 2
    assert "detector.onnx" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "results").exists()
