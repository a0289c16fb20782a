"""What DVC shows of a run: metrics, differences, plots, the graph. Names stay, since users and reports rely on them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from dvc_clone import Clone

pytestmark = pytest.mark.timeout(900)  # the whole pipeline runs in the first test's setup

COUNTS = ("photos", "crops", "plates", "with_text", "two_line")
TASKS = ("detection", "recognition", "end_to_end")
SHARE = ("accuracy", "low", "high", "right", "total")
DETECTION = ("ap50", "ap50_95", "precision", "recall", "mean_iou", "plates", "photos", "not_finite")
READING = (
    *("plate_accuracy", "plate_accuracy_folded", "character_accuracy", "length_accuracy"),
    *("plates", "right", "low", "high"),
)


def under(prefix: str, names: tuple[str, ...]) -> set[str]:
    return {f"{prefix}.{name}" for name in names}


METRICS = {
    "fetch_data": under("total", COUNTS) | under("truth.test", TASKS),
    "train_detector": {"ap50", "precision", "recall", "step"},
    "train_ocr": {"plate_accuracy", "character_accuracy", "step"},
    "evaluate": set().union(
        under("end_to_end", ("accuracy", "right", "total", "one_line.accuracy", "two_line.accuracy")),
        under("detection", ("ap50", "precision", "recall")),
        {"detection_large.ap50", "calibration.ece", "false_readings.photos_read"},
        under("reading", ("plate_accuracy", "character_accuracy", "right", "plates", "one_line.plate_accuracy")),
    ),
}
DETAILS = {
    "fetch_data": set().union(
        under("total", COUNTS),
        *(under(f"truth.{split}", TASKS) for split in ("train", "val", "test")),
        *(under(f"splits.{split}", COUNTS) for split in ("train", "val", "test")),
        *(under(f"sources.rendered.splits.{split}", COUNTS) for split in ("train", "val", "test")),
        under("sources.rendered.total", COUNTS),
        under("sources.rendered", ("entries", "rejected.entries", "rejected.share", "converted.rendered")),
    ),
    "evaluate": set().union(
        under("end_to_end", SHARE),
        under("end_to_end.two_line", SHARE),
        under("end_to_end.folded", SHARE),
        under("end_to_end.public_rule_iou_over_40", SHARE),
        under("end_to_end.sources.rendered", SHARE),
        under("end_to_end.one_line", SHARE),
        under("detection", DETECTION),
        under("detection_large", DETECTION),
        under("reading", READING),
        under("reading.one_line", READING),
        under("reading.sources.rendered", READING),
        under("calibration", ("ece", "adaptive_ece", "confidence", "plates")),
        under("false_readings", ("photos", "photos_read", "readings")),
        {"images"},
    ),
}
"""What is written down beside the metrics, those included, and is no column of a comparison."""
WHERE_SEEN = {"reading.two_line"} | under("reading.two_line", READING)
"""Metrics of what a small test split may not hold: each of the section, or the section, which is null."""


def flat(value: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return a nested mapping as one of dotted keys."""
    result: dict[str, Any] = {}
    for key, inner in value.items():
        result.update(flat(inner, f"{prefix}{key}.") if isinstance(inner, dict) else {f"{prefix}{key}": inner})
    return result


@pytest.fixture(scope="module")
def better(committed: Clone) -> Clone:
    """The run as if its detector had found something: tiny ones find nothing, which leaves nothing to show."""
    clone = committed.copy(committed.path.parent / "better")
    path = clone.path / "results/evaluate/metrics.json"
    metrics = json.loads(path.read_text(encoding="utf-8"))
    metrics["detection"]["ap50"] = 0.75
    path.write_text(json.dumps(metrics), encoding="utf-8")
    for name in ("precision_recall", "precision_recall_large"):
        curve = clone.path / "results/evaluate/plots" / f"{name}.csv"
        curve.write_text("recall,precision,score\n0.0,1.0,0.9\n0.5,0.75,0.4\n", encoding="utf-8")
    return clone


@pytest.mark.parametrize("stage", METRICS)
def test_metrics_keep_their_names_and_are_numbers(stage: str, committed: Clone):
    found = flat(committed.read(f"results/{stage}/metrics.json"))
    assert set(found) - WHERE_SEEN == METRICS[stage]
    # DVC compares numbers and skips null; NaN would reach it as text.
    assert {key: value for key, value in found.items() if not isinstance(value, int | float | None)} == {}


@pytest.mark.parametrize("stage", DETAILS)
def test_details_hold_the_metrics_and_more(stage: str, committed: Clone):
    metrics, details = (flat(committed.read(f"results/{stage}/{name}.json")) for name in ("metrics", "details"))
    assert set(details) - WHERE_SEEN == DETAILS[stage]
    assert metrics.items() <= details.items()


def test_metrics_show_holds_every_file_and_no_timing(better: Clone):
    shown = better.dvc_json("metrics", "show")[""]["data"]
    assert set(shown) == {f"results/{stage}/metrics.json" for stage in METRICS}
    assert shown["results/evaluate/metrics.json"]["data"]["detection"]["ap50"] == 0.75
    names = {key for file in shown.values() for key in flat(file["data"])}
    assert {name for name in names if re.search(r"second|_ms|time|date", name)} == set()


def test_metrics_diff_names_what_differs_from_the_last_commit(better: Clone):
    assert better.dvc_json("metrics", "diff", "HEAD") == {
        "results/evaluate/metrics.json": {"detection.ap50": {"old": 0.0, "new": 0.75, "diff": 0.75}}
    }


def test_a_comparison_fits_on_a_screen(project: Clone):
    def other(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: other(inner) for key, inner in value.items()}
        return 0.5 if value is None else value + 0.25

    path = project.path / "results/evaluate/metrics.json"
    path.write_text(json.dumps(other(json.loads(path.read_text(encoding="utf-8")))), encoding="utf-8")
    assert len(project.dvc("metrics", "diff").splitlines()) <= 25
    columns = project.dvc("exp", "show", "--csv", "--only-changed").splitlines()[0].split(",")
    assert "end_to_end.accuracy" in columns and len(columns) <= 40


def test_plots_show_draws_the_four_plots_and_the_curves_of_both_trainings(better: Clone):
    output = better.dvc("plots", "show")
    page = (better.path / "dvc_plots/index.html").read_text(encoding="utf-8")
    assert (better.path / "dvc_plots/index.html").as_uri() in output
    for title in ("Precision and recall at IoU 0.5", "Reliability of confidences", "Character confusion"):
        assert f'"text": "{title}"' in page
    (picture,) = (better.path / "dvc_plots/static").glob("*results_evaluate_errors.jpg")
    assert f"static/{picture.name}" in page and picture.stat().st_size > 1000
    for curve in ("train_detector/plots/metrics/val/ap50.tsv", "train_ocr/plots/metrics/train/loss.tsv"):
        assert f"results/{curve}" in page
    # The page is no part of the project.
    assert "dvc_plots" not in better.git("status", "--porcelain")


def test_dag_shows_the_six_stages_and_their_order(committed: Clone):
    graph = committed.dvc("dag", "--md")
    assert graph.startswith("```mermaid")
    names = dict(re.findall(r'(node\d+)\["([^"]+)"\]', graph))
    edges = {(names[a], names[b]) for a, b in re.findall(r"(node\d+)-->(node\d+)", graph)}
    assert edges == {
        ("fetch_data", "train_detector"),
        ("fetch_data", "train_ocr"),
        ("fetch_data", "export"),
        ("fetch_data", "evaluate"),
        ("train_detector", "export"),
        ("train_ocr", "export"),
        ("export", "evaluate"),
        ("export", "publish"),
        ("evaluate", "publish"),
    }
