"""What a change makes run again, and nothing else: code, parameters, experiments, wrong values."""

from __future__ import annotations

import csv
from collections.abc import Callable

import pytest
from dvc_clone import Clone

pytestmark = pytest.mark.timeout(900)  # the whole pipeline runs in the first test's setup

CODE = {
    "lpr/ocr/loss.py": {"train_ocr"},
    # export builds the network, evaluate decodes.
    "lpr/ocr/model.py": {"train_ocr", "export"},
    "lpr/decoding/ctc.py": {"train_ocr", "export", "evaluate"},
    "lpr/detector/loss.py": {"train_detector"},
    "lpr/training/engine/loop.py": {"train_detector", "train_ocr"},
    "lpr/training/ocr/augment.py": {"train_ocr"},
    "lpr/metrics/recognition.py": {"evaluate"},
    # The detector is validated with the metric it is judged by.
    "lpr/metrics/detection.py": {"train_detector", "evaluate"},
    "lpr/metrics/matching.py": {"train_detector", "evaluate"},
    "lpr/synthetic/renderer.py": {"fetch_data"},
    "lpr/inference/recognizer.py": {"evaluate"},
    "lpr/cli.py": set(),
    "README.md": set(),
}
PARAMS = {
    # export records all that shaped the models.
    ("train.batch_size", 4): {"train_detector", "train_ocr", "export"},
    ("detector.zoom", 0.25): {"train_detector", "export"},
    ("ocr.blur", 0.25): {"train_ocr", "export"},
    ("fetch_data.jpeg_quality", 80): {"fetch_data", "export"},
    ("gates.end_to_end", 0.5): {"evaluate"},
    ("publish.note", "a note"): set(),
}


@pytest.fixture(scope="module")
def reached(committed: Clone) -> dict[object, set[str]]:
    """For each change, the stages whose own dependencies differ from those of their last run; publish never ran."""
    texts = {name: committed.path / name for name in CODE}
    changes = [
        {name: (path.read_text(encoding="utf-8") if path.exists() else "") + "\n# changed\n"}
        for name, path in texts.items()
    ]
    changes += [{"params.yaml": committed.params_with({key: value})} for key, value in PARAMS]
    stages = (
        {name for name, entries in status.items() if any("changed deps" in entry for entry in entries)} - {"publish"}
        for status in committed.statuses(changes)
    )
    return dict(zip([*CODE, *PARAMS], stages, strict=True))


@pytest.mark.parametrize("name", CODE)
def test_a_change_of_code_reaches_the_stages_that_use_it(name: str, reached: dict):
    assert reached[name] == CODE[name]


@pytest.mark.parametrize("change", PARAMS, ids=lambda change: change[0])
def test_a_change_of_a_parameter_reaches_the_stages_that_declare_it(change: tuple, reached: dict):
    assert reached[change] == PARAMS[change]


def test_what_follows_a_stage(following: Callable[[str], set[str]]):
    after_export = {"evaluate", "publish"}
    assert following("train_ocr") == following("train_detector") == {"export"} | after_export
    assert following("fetch_data") == {"train_ocr", "train_detector", "export"} | after_export
    assert following("evaluate") == {"publish"}


def test_an_unknown_key_is_refused(project: Clone):
    output = project.dvc("exp", "run", "-S", "train.nonsense=1", fails=True)
    assert "nonsense" in output and "Running stage" not in output
    assert project.git("status", "--porcelain") == ""


def test_wrong_values_are_named_before_anything_is_trained_even_those_of_later_stages(project: Clone):
    wrong = ("-S", "train.batch_size=0", "-S", "publish.version=latest")
    output = project.dvc("exp", "run", *wrong, fails=True)
    assert "params.yaml: train.batch_size is 0: input should be greater than or equal to 1" in output
    assert "params.yaml: publish.version is 'latest': string should match pattern" in output
    assert "Traceback" not in output and "epoch" not in output
    # The first training refuses; neither the other one nor anything before them runs.
    assert output.count("Running stage") == 1 and "Running stage 'fetch_data'" not in output


@pytest.fixture(scope="module")
def experiment(committed: Clone) -> tuple[Clone, str]:
    """The trainings of an experiment with another batch size."""
    clone = committed.copy(committed.path.parent / "experiment")
    return clone, clone.dvc("exp", "run", "-S", "train.batch_size=4", "train_detector", "train_ocr")


def test_an_experiment_with_another_batch_size_trains_both_models_and_fetches_nothing(
    experiment: tuple[Clone, str], committed: Clone
):
    clone, output = experiment
    ran = [line.split("'")[1] for line in output.splitlines() if line.startswith("Running stage")]
    assert sorted(ran) == ["train_detector", "train_ocr"]
    assert "detector: epoch 1/1" in output and "ocr: epoch 1/1" in output
    before, after = (c.read("dvc.lock")["stages"] for c in (committed, clone))
    assert after["fetch_data"] == before["fetch_data"]
    for name in ("train_detector", "train_ocr"):
        assert after[name]["params"]["params.yaml"]["train"]["batch_size"] == 4
        assert after[name]["outs"][0]["path"].startswith("checkpoints/")
        assert after[name]["outs"][0]["md5"] != before[name]["outs"][0]["md5"]
    # What follows is to be made anew.
    assert "changed deps" in clone.dvc_json("status")["export"][0]


def test_an_experiment_is_listed_with_its_parameters_and_metrics(experiment: tuple[Clone, str]):
    clone, _ = experiment
    table = csv.DictReader(clone.dvc("exp", "show", "--csv").splitlines())
    rows = {row["Experiment"] or row["rev"]: row for row in table}
    assert {"workspace", "main"} < set(rows) and len(rows) == 3
    (name,) = set(rows) - {"workspace", "main"}
    assert (rows["main"]["train.batch_size"], rows[name]["train.batch_size"]) == ("8", "4")
    assert {"ap50", "plate_accuracy", "end_to_end.accuracy", "detection.ap50"} <= set(rows[name])
