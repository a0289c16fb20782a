"""Version rules, refusals, and the folder registry."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lpr.base.errors import LprError
from lpr.base.files import sha256
from lpr.publishing.folder_target import FolderTarget, dataset_metadata
from lpr.publishing.publish import open_target, publish
from lpr.publishing.release import GatesNotMetError, Release, prepare
from lpr.publishing.versions import Decision, Version, decide
from lpr.records.gates_file import Gate, save_gates
from lpr.records.model_files import MODEL_FILES
from lpr.records.params import Publish, load_params
from tests.records_here import training_metadata

A, B, C = {"ocr.pt": "a"}, {"ocr.pt": "b"}, {"ocr.pt": "c"}
TWO = {Version(1, 0): A, Version(1, 9): B}


@pytest.mark.parametrize(
    ("content", "published", "wanted", "expected"),
    [
        (A, {}, "auto", ("v1.0", True)),
        (A, {}, "v0.3", ("v0.3", True)),
        (C, TWO, "auto", ("v1.10", True)),
        (C, TWO, "v2.0", ("v2.0", True)),
        (C, TWO, "v1.10", ("v1.10", True)),
        (A, TWO, "auto", ("v1.0", False)),
        (B, TWO, "v1.9", ("v1.9", False)),
        (B, TWO, "v3.0", ("v1.9", False)),
        (A, {Version(1, 0): A, Version(1, 1): A}, "v1.0", ("v1.0", False)),
        (A, {Version(1, 0): A, Version(1, 1): A}, "auto", ("v1.1", False)),
        (C, {Version(2, 3): A, Version(1, 7): B}, "auto", ("v2.4", True)),
    ],
)
def test_decide(content: dict, published: dict, wanted: str, expected: tuple[str, bool]) -> None:
    decision = decide(content, published, wanted)
    assert isinstance(decision, Decision)
    assert (str(decision.version), decision.fresh) == expected


@pytest.mark.parametrize(
    ("content", "wanted", "message"),
    [
        (C, "v1.9", "published with other models"),
        (A, "v1.9", "published with other models"),
        (C, "v1.8", r"below the latest, v1\.9"),
        (C, "v0.1", "below the latest"),
        (C, "1.9", "auto, or a version"),
        (C, "v01.9", "auto, or a version"),
    ],
)
def test_decide_refuses(content: dict, wanted: str, message: str) -> None:
    with pytest.raises(LprError, match=message):
        decide(content, TWO, wanted)


def make_bundle(folder: Path, seed: str = "x", date: str = "2026-01-01") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in MODEL_FILES:
        (folder / name).write_bytes(f"{name}{seed}".encode() * 50)
    (folder / "README.md").write_text("card")
    metadata = training_metadata(training_date=date, git_commit="abc1234")
    (folder / "training_metadata.json").write_text(json.dumps(metadata))
    return folder


def make_evaluation(folder: Path, bundle: Path, *failing: Gate) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    good = Gate("batch_seconds", 0.4, 2.0, "<", True, "10 images")
    save_gates(folder / "gates.json", [good, *failing], {name: sha256(bundle / name) for name in MODEL_FILES})
    metrics: dict[str, dict[str, float]] = {"end_to_end": {"right": 77, "total": 81, "accuracy": 0.9506}}
    metrics |= {"reading": {"right": 80, "plates": 81}, "detection": {"ap50": 0.9712}}
    (folder / "metrics.json").write_text(json.dumps(metrics))
    return folder


def settings(tmp_path: Path, **changes: str) -> Publish:
    value = {"target": "local", "dataset": "me/license-plate-models", "registry": str(tmp_path / "registry")}
    shipped = load_params(Path(__file__).parents[2] / "params.yaml").publish
    return Publish.model_validate({**shipped.model_dump(), **value, "version": "auto", "note": "", **changes})


def release(tmp_path: Path, seed: str = "x", note: str = "", date: str = "2026-01-01") -> Release:
    bundle = make_bundle(tmp_path / f"models{seed}{date}", seed, date)
    return prepare(bundle, make_evaluation(tmp_path / f"evaluate{seed}", bundle), note)


def run(tmp_path: Path, made: Release, **changes: str) -> dict:
    chosen = settings(tmp_path, **changes)
    published = publish(made, open_target(chosen), chosen)
    return {**published.receipt.model_dump(), "status": published.status}


def test_first_version_holds_the_bundle_and_its_dataset_metadata(tmp_path: Path) -> None:
    made = release(tmp_path, note="first\n try")
    receipt = run(tmp_path, made)
    folder = tmp_path / "registry" / "me_license-plate-models" / "v1.0"
    expected = {
        "version": "v1.0",
        "status": "published",
        "target": "local",
        "dataset": "me/license-plate-models",
        "where": folder.as_posix(),
        "message": "v1.0 - end-to-end 95.1% (77/81), AP50 0.97 - first try",
        "git_commit": "abc1234",
        "files": {
            name: {"bytes": (made.folder / name).stat().st_size, "sha256": sha256(made.folder / name)}
            for name in sorted(MODEL_FILES)
        },
    }
    assert {key: receipt[key] for key in expected} == expected
    for path in made.folder.iterdir():
        assert (folder / path.name).read_bytes() == path.read_bytes()
    metadata = json.loads((folder / "dataset-metadata.json").read_text())
    assert metadata == {
        "id": "me/license-plate-models", "title": "License plate models", "licenses": [{"name": "other"}]
    }  # fmt: skip
    index = json.loads((folder.parent / "index.json").read_text())
    assert index["versions"] == [{"version": "v1.0", "message": receipt["message"]}]


def test_same_models_change_nothing_even_with_another_date(tmp_path: Path) -> None:
    run(tmp_path, release(tmp_path))
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "registry").rglob("*")}
    receipt = run(tmp_path, release(tmp_path, date="2026-02-02"), version="v4.0")
    assert (receipt["version"], receipt["status"]) == ("v1.0", "unchanged")
    assert before == {path: path.stat().st_mtime_ns for path in (tmp_path / "registry").rglob("*")}


def test_folders_in_a_bundle_are_no_part_of_a_version(tmp_path: Path) -> None:
    made = release(tmp_path)
    (made.folder / "older").mkdir()
    where = Path(run(tmp_path, made)["where"])
    assert (where / "ocr.pt").is_file() and not (where / "older").exists()
    assert run(tmp_path, made)["status"] == "unchanged"


def test_versions_follow_each_other_and_old_ones_come_back(tmp_path: Path) -> None:
    assert run(tmp_path, release(tmp_path, "x"))["version"] == "v1.0"
    assert run(tmp_path, release(tmp_path, "y"))["version"] == "v1.1"
    assert run(tmp_path, release(tmp_path, "z"), version="v2.0")["version"] == "v2.0"
    assert run(tmp_path, release(tmp_path, "x"))["version"] == "v1.0"
    assert run(tmp_path, release(tmp_path, "w"))["version"] == "v2.1"
    index = json.loads((tmp_path / "registry/me_license-plate-models/index.json").read_text())
    assert [entry["version"] for entry in index["versions"]] == ["v1.0", "v1.1", "v2.0", "v2.1"]
    with pytest.raises(LprError, match="other models"):
        run(tmp_path, release(tmp_path, "q"), version="v1.1")


def test_datasets_do_not_share_versions(tmp_path: Path) -> None:
    assert run(tmp_path, release(tmp_path, "x"))["version"] == "v1.0"
    assert run(tmp_path, release(tmp_path, "y"), dataset="me/other-models")["version"] == "v1.0"


def test_a_publication_that_breaks_off_leaves_no_version(tmp_path: Path) -> None:
    made = release(tmp_path)
    record = made.record(Version(1, 0))
    (made.folder / "training_metadata.json").unlink()
    target = FolderTarget(tmp_path / "registry", "me/license-plate-models")
    with pytest.raises(FileNotFoundError, match="training_metadata"):
        target.add(record, made.folder)
    assert target.versions() == []
    assert list((tmp_path / "registry" / "me_license-plate-models").iterdir()) == []


def test_a_version_that_lacks_a_model_is_named(tmp_path: Path) -> None:
    receipt = run(tmp_path, release(tmp_path))
    (Path(receipt["where"]) / "ocr.pt").unlink()
    with pytest.raises(LprError, match=r"v1\.0: ocr\.pt missing"):
        run(tmp_path, release(tmp_path, "y"))


def test_failed_gates_are_named_with_value_and_threshold(tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path / "models")
    evaluation = make_evaluation(
        tmp_path / "evaluate",
        bundle,
        Gate("end_to_end", 0.41, 0.85, ">=", False, "33 of 81 plates read exactly right"),
        Gate("metadata_complete", 2, 0, "<=", False, "device is missing"),
    )
    with pytest.raises(GatesNotMetError) as caught:
        prepare(bundle, evaluation, "")
    assert "end_to_end: 0.41, required >= 0.85 (33 of 81" in str(caught.value)
    assert "metadata_complete: 2, required <= 0" in str(caught.value)
    assert "batch_seconds" not in str(caught.value)


def test_missed_gates_of_other_models_are_no_refusal_of_these(tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path / "models")
    evaluation = make_evaluation(tmp_path / "evaluate", bundle, Gate("end_to_end", 0.1, 0.85, ">=", False, "bad"))
    (bundle / "ocr.onnx").write_bytes(b"another")
    with pytest.raises(LprError, match="not about"):
        prepare(bundle, evaluation, "")


def test_gates_of_other_models_do_not_count(tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path / "models")
    evaluation = make_evaluation(tmp_path / "evaluate", bundle)
    prepare(bundle, evaluation, "")
    (bundle / "ocr.onnx").write_bytes(b"another")
    with pytest.raises(LprError, match=r"gates\.json: not about .*ocr\.onnx"):
        prepare(bundle, evaluation, "")


def test_missing_and_unreadable_files_are_named(tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path / "models")
    with pytest.raises(LprError, match=r"gates\.json: no such file"):
        prepare(bundle, tmp_path / "evaluate", "")
    evaluation = make_evaluation(tmp_path / "evaluate", bundle)
    rest = '"detection": {"ap50": 0.5}, "reading": {"right": 3, "plates": 4}}'
    (evaluation / "metrics.json").write_text('{"end_to_end": null, ' + rest)
    assert prepare(bundle, evaluation, "").accuracy == "true crops 75.0% (3/4), AP50 0.50"
    (evaluation / "metrics.json").write_text('{"detection": {"ap50": 0.5}}')
    with pytest.raises(LprError, match=r"metrics\.json: end_to_end: missing; reading: missing; run `dvc"):
        prepare(bundle, evaluation, "")
    nothing = {"end_to_end": None, "reading": {"right": None, "plates": None}, "detection": None}
    (evaluation / "metrics.json").write_text(json.dumps(nothing))
    with pytest.raises(LprError, match="holds no end-to-end accuracy, no reading and no AP50"):
        prepare(bundle, evaluation, "")
    for right in ("Infinity", "9" * 400):
        (evaluation / "metrics.json").write_text('{"end_to_end": {"right": ' + right + ', "total": 3}, ' + rest)
        with pytest.raises(LprError, match=r"metrics\.json: end_to_end\.right is .*; run `dvc repro evaluate`"):
            prepare(bundle, evaluation, "")
    (evaluation / "metrics.json").write_text("{")
    with pytest.raises(LprError, match=r"metrics\.json: not readable as JSON"):
        prepare(bundle, evaluation, "")
    (evaluation / "metrics.json").write_text("[" * 100_000)
    with pytest.raises(LprError, match=r"metrics\.json: not readable as JSON"):
        prepare(bundle, evaluation, "")
    (bundle / "detector.pt").unlink()
    with pytest.raises(LprError, match=r"detector\.pt missing; make the models with `dvc repro export`"):
        prepare(bundle, evaluation, "")


@pytest.mark.parametrize("slug", ["a", "abc", "license-plate-models", "x" * 80, "many-words-" * 9])
def test_titles_fit_kaggles_limits(slug: str) -> None:
    assert 6 <= len(dataset_metadata(f"me/{slug}")["title"]) <= 50
