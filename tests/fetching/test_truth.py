"""What fetch_data says of a data set: which models it can train, and what its test split can judge."""

from __future__ import annotations

import json
from pathlib import Path

from lpr.fetching.truth import explain_truth
from tests.fetching.drawn_photos import save
from tests.fetching.fetch_run import Run

NONE = {"detection": 0, "recognition": 0, "end_to_end": 0}


def boxes(folder: Path, count: int, text: bool = False, first: int = 0) -> str:
    """Write photos with a box each, and its text if wanted."""
    entries = {}
    for number in range(first, first + count):
        save(folder / "images" / f"{number}.jpg", number)
        known = f"AB{number:05d}" if text else None
        entries[f"{number}.jpg"] = {"plates": [{"bbox": [20, 30, 60, 20], "text": known}]}
    (folder / "all.json").write_text(json.dumps(entries))
    return str(folder)


def crops(folder: Path, count: int, first: int = 500) -> str:
    """Write crops with their texts."""
    numbers = range(first, first + count)
    for number in numbers:
        save(folder / f"{number}.jpg", number, (100, 30))
    rows = "".join(f"{number}.jpg,CD{number:05d}\n" for number in numbers)
    (folder / "labels.csv").write_text(f"image_path,plate_text\n{rows}")
    return str(folder)


def said(metrics: dict) -> dict[str, str]:
    """Return what is said of each ability: `yes` or `no`, and why."""
    return dict(line.split(": ", 1) for line in explain_truth(metrics["truth"]))


def test_boxes_alone(run: Run, tmp_path: Path) -> None:
    metrics = run({"path": boxes(tmp_path / "boxes", 10)})
    assert metrics["truth"]["train"] == {**NONE, "detection": 6}
    assert metrics["truth"]["test"] == {**NONE, "detection": 2}
    assert json.loads((run.layout.results / "details.json").read_text())["truth"] == metrics["truth"]
    short = json.loads((run.layout.results / "metrics.json").read_text())
    assert short["truth"] == {"test": metrics["truth"]["test"]}
    lines = said(metrics)
    assert lines["train the detector"].startswith("yes (train 6, val 2")
    assert lines["train the OCR"] == (
        "no, there is no plate with text in train and val; the shipped OCR is taken as it is. To train it, add a "
        "source of crops or plates with text (use: reading or both)"
    )
    assert lines["judge detection"].startswith("yes (test 2")
    assert lines["judge recognition"].startswith("no, there is no plate with text in test.")
    assert "give plates that have a box their text too" in lines["judge end to end"]


def test_crops_with_texts_alone(run: Run, tmp_path: Path) -> None:
    metrics = run({"path": crops(tmp_path / "crops", 10)})
    assert metrics["truth"]["test"] == {**NONE, "recognition": 2}
    verdicts = {ability: why.split(" ")[0].strip(",") for ability, why in said(metrics).items()}
    assert verdicts == {
        "train the detector": "no", "train the OCR": "yes",
        "judge detection": "no", "judge recognition": "yes", "judge end to end": "no",
    }  # fmt: skip


def test_boxes_in_one_source_and_crops_in_another(run: Run, tmp_path: Path) -> None:
    metrics = run(
        {"path": boxes(tmp_path / "boxes", 10, text=True), "use": "detection"},
        {"path": crops(tmp_path / "crops", 10), "use": "reading"},
    )
    assert metrics["truth"]["train"] == {"detection": 6, "recognition": 6, "end_to_end": 0}
    lines = said(metrics)
    assert {ability for ability, why in lines.items() if why.startswith("no,")} == {"judge end to end"}


def test_photos_with_boxes_and_texts_judge_everything(run: Run, tmp_path: Path) -> None:
    metrics = run({"path": boxes(tmp_path / "both", 10, text=True)})
    assert metrics["truth"]["test"] == {"detection": 2, "recognition": 2, "end_to_end": 2}
    assert all(why.startswith("yes (") for why in said(metrics).values())
    # In photos for reading alone no plate is searched.
    metrics = run({"path": str(tmp_path / "both"), "use": "reading"})
    assert metrics["truth"]["test"] == {**NONE, "recognition": 2}


def test_a_split_without_truth_is_named_with_its_share(run: Run, tmp_path: Path) -> None:
    shares = {"train": 0.8, "val": 0.0, "test": 0.2}
    lines = said(run({"path": boxes(tmp_path / "both", 10, text=True)}, shares=shares))
    assert lines["train the OCR"].startswith("no, there is no plate with text in val; the shipped OCR is taken")
    assert "raise fetch_data.shares.val in params.yaml" in lines["train the OCR"]
