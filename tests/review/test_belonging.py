"""Results of other models than those at hand give no verdict."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lpr.base.errors import LprError
from lpr.base.files import sha256
from lpr.records.gates_file import Gate, save_gates
from lpr.records.model_files import MODEL_FILES
from lpr.review.belonging import require_own_results
from lpr.review.report import make_report

GATE = Gate("end_to_end", 0.9, 0.85, ">=", True, "9 of 10")
GATES, MODELS = Path("results/evaluate/gates.json"), Path("models")


def write_models() -> None:
    MODELS.mkdir()
    for name in MODEL_FILES:
        (MODELS / name).write_text(f"the bytes of {name}")
    save_gates(GATES, [GATE], {name: sha256(MODELS / name) for name in MODEL_FILES})


@pytest.mark.parametrize("name", ["ocr.onnx", "detector.pt"])
def test_gates_of_other_models_are_no_verdict(without_data, name: str):
    write_models()
    require_own_results(GATES, MODELS)
    (MODELS / name).write_text("trained since")
    with pytest.raises(LprError, match=f"gates.json: not about models/{name}"):
        require_own_results(GATES, MODELS)
    title = make_report("HEAD")[0][0].title
    assert title.startswith("Models: no verdict")


def test_gates_of_a_model_that_is_gone_are_no_verdict(without_data):
    write_models()
    (MODELS / "ocr.onnx").unlink()
    with pytest.raises(LprError, match=r"not about models/ocr\.onnx"):
        require_own_results(GATES, MODELS)


def test_without_models_the_gates_are_those_of_a_lock_that_fits(without_data):
    require_own_results(GATES, MODELS)
    assert make_report("HEAD")[0][0].title == "Models: all 2 gates are met"


def test_a_run_that_was_stopped_leaves_an_earlier_ones_gates_which_are_no_verdict(without_data):
    """As a session does that trains with another parameter until its time is up: no models, the old results."""
    without_data.write("params.yaml", "train: {lr: 0.1}\n")
    assert json.loads(GATES.read_text())["passed"] is True
    with pytest.raises(LprError, match=r"dvc\.lock is stale \(train\)"):
        require_own_results(GATES, MODELS)
    assert make_report("HEAD")[0][0].title.startswith("Models: no verdict")
