"""Whether the models under models/ (else the shipped ones) are good enough: each gate, and the recorded results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lpr.base.files import sha256
from lpr.evaluation import gates
from lpr.evaluation.cost import measure_cost
from lpr.evaluation.results import Evaluation
from lpr.evaluation.run import evaluate
from lpr.evaluation.samples import Samples
from lpr.inference.recognizer import LicensePlateRecognizer
from lpr.inference.shipped import SHIPPED
from lpr.records.gates_file import Gate
from lpr.records.model_files import MODEL_FILES
from lpr.records.params import Params, load_params
from lpr.review.reproduction import PLATES, SHARE
from tests.models_here import ROOT, models_folder

RESULTS = ROOT / "results" / "evaluate"


@pytest.fixture(scope="module")
def models() -> Path:
    return models_folder()


@pytest.fixture(scope="module")
def params() -> Params:
    return load_params(ROOT / "params.yaml")


@pytest.fixture(scope="module")
def recorded(models: Path) -> dict[str, Any]:
    """The recorded gates; skipped if they are those of other models, which the first test below tells apart."""
    gates = _json("gates.json")
    if gates["models"] != _hashes(models):
        pytest.skip("the recorded results are those of other models")
    return gates


@pytest.fixture(scope="module")
def evaluation(models: Path, params: Params) -> Evaluation:
    """A real evaluation on the test split, where that is here."""
    data = ROOT / "data"
    if not (data / "annotations" / "test.json").is_file():
        pytest.skip("no data here: `dvc repro fetch_data` or `dvc pull data`")
    return evaluate(
        lambda: LicensePlateRecognizer(models, second_look=params.evaluate.second_look),
        data, models, params.evaluate, params.gates,
    )  # fmt: skip


def test_the_recorded_results_are_those_of_the_models_under_models(models: Path):
    if models.resolve() != (ROOT / "models").resolve():
        pytest.skip("other models than the repository's are tested")
    assert _json("gates.json")["models"] == _hashes(models), "run `dvc repro evaluate`"


def test_each_file_is_large_enough_and_mostly_weights(models: Path, params: Params):
    _assert_met(gates.model_kilobytes(models, params.gates.model_kilobytes))


def test_inference_speed(models: Path, params: Params):
    if models == SHIPPED:
        pytest.skip("timings of the shipped models are taken where nothing else runs: benchmarks/")
    noise = np.random.default_rng(2)
    images = noise.random((10, 3, 224, 224), np.float32)
    crops = noise.random((10, 3, 32, 128), np.float32)
    cost = measure_cost(lambda: LicensePlateRecognizer(models), Samples(images, crops, []), models)
    _assert_met(gates.batch_seconds(cost["batch_ms"], cost["batch"], params.gates.batch_seconds))


def test_the_metadata_say_where_the_models_come_from(models: Path):
    _assert_met(gates.metadata_complete(models))


def test_the_recorded_gates_are_met_at_the_thresholds_of_params(recorded: dict[str, Any], params: Params):
    gates = {gate["name"]: gate for gate in recorded["gates"]}
    thresholds = params.gates.model_dump()
    missing = sorted(thresholds.keys() - gates.keys())
    assert not missing, f"gates.json lacks the gates {missing} of params.yaml: run `dvc repro evaluate`"
    assert {name: gates[name]["threshold"] for name in thresholds} == thresholds
    assert [name for name, gate in gates.items() if gate["passed"] is not True] == []
    assert recorded["passed"] is True


def test_the_recorded_accuracy_follows_from_its_counts_and_meets_the_gate(recorded: dict[str, Any], params: Params):
    metrics = _json("metrics.json")["end_to_end"]
    assert metrics["accuracy"] == pytest.approx(metrics["right"] / metrics["total"], abs=1e-4)
    assert metrics["accuracy"] >= params.gates.end_to_end


def test_a_real_evaluation_meets_every_gate(evaluation: Evaluation):
    for gate in evaluation.gates:
        _assert_met(gate)


def test_a_real_evaluation_gives_the_recorded_accuracy(evaluation: Evaluation, recorded: dict[str, Any]):
    old, new = _json("metrics.json")["end_to_end"], evaluation.metrics["end_to_end"]
    assert new["total"] == old["total"]
    assert abs(new["right"] - old["right"]) <= max(PLATES, SHARE * old["total"])


def _assert_met(gate: Gate) -> None:
    assert gate.passed, f"{gate.name}: {gate.value}, required {gate.direction} {gate.threshold} ({gate.detail})"


def _hashes(models: Path) -> dict[str, str]:
    return {name: sha256(models / name) for name in MODEL_FILES if (models / name).is_file()}


def _json(name: str) -> Any:
    return json.loads((RESULTS / name).read_text(encoding="utf-8"))
