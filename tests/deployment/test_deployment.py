"""Where published models come from, and what is made of them: the checks and the bundle, on small folders."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from lpr.base.errors import LprError
from lpr.base.files import fingerprint, sha256
from lpr.base.pipeline import MODEL_STAGES, models_code
from lpr.cli import main
from lpr.deployment.bundle import read_bundle, write_bundle
from lpr.deployment.committed import get_committed
from lpr.deployment.fetched import note_version, read_version
from lpr.deployment.verification import verify
from lpr.inference.shipped import SHIPPED
from lpr.records.gates_file import Gate, save_gates
from lpr.records.model_files import MODEL_FILES
from lpr.records.record import ModelFile
from tests.records_here import training_metadata

FILES = {"ocr.onnx": {"bytes": 1, "sha256": "a" * 64}}
PUBLICATION = {"target": "kaggle", "dataset": "a/b", "version": "v1.0", "files": FILES}
MISSED = {"name": "end_to_end", "value": 0.2, "threshold": 0.85, "direction": ">=", "detail": "2 of 10"}
REFUSAL = {"refused": [MISSED], "git_commit": None, "files": FILES}


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git repository with one commit, in which the tests run."""
    monkeypatch.chdir(tmp_path)
    git("init", "--quiet")
    (tmp_path / "code.py").write_text("A = 0\n")
    git("add", "code.py")
    git("commit", "--quiet", "--message", "one")
    return tmp_path


def git(*arguments: str) -> str:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@localhost")
    done = subprocess.run(["git", *identity, *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(repository: Path, message: str) -> None:
    """Commit all but the models."""
    git("add", *(path.name for path in repository.glob("*.*") if path.is_file()))
    git("commit", "--quiet", "--message", message)


@pytest.fixture
def models(repository: Path) -> Path:
    """A folder of models that tells the truth about itself."""
    folder = repository / "models"
    folder.mkdir()
    for name in MODEL_FILES:
        (folder / name).write_text(f"the bytes of {name}")
    files = {name: ModelFile.of(folder / name).model_dump() for name in MODEL_FILES}
    record = training_metadata(git_commit=git("rev-parse", "HEAD"), code=fingerprint([Path("code.py")]), files=files)
    (folder / "training_metadata.json").write_text(json.dumps(record))
    (folder / "README.md").write_text("# Models\n")
    note_version(folder, "v1.2", "v1.2 - end-to-end 90.0%", {name: sha256(folder / name) for name in MODEL_FILES})
    return folder


def change(models: Path, **values: Any) -> None:
    path = models / "training_metadata.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_models_that_tell_the_truth_have_no_faults(models: Path):
    assert verify(models) == []


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"git_commit": "1" * 40}, "git_commit 111111111111 is not in this history"),
        ({"git_dirty": True}, "git_dirty is true"),
        ({"git_dirty": None}, "git_dirty is None: input should be a valid boolean"),
        ({"files": {}}, "detector.onnx: not the file that training_metadata.json records"),
        ({"device": ""}, "device is ''"),
        ({"files": {"detector.onnx": "x", "ocr.pt": [1]}}, "files.detector.onnx is 'x'"),
        ({"git_commit": None}, "git_commit None is not in this history"),
        ({"git_commit": "--help"}, "git_commit is '--help'"),
        ({"git_commit": "a\0b"}, "git_commit is "),
        ({"git_commit": "a" * 1_000_000}, "git_commit is "),
    ],
)
def test_each_untruth_is_named(models: Path, values: dict[str, Any], says: str):
    change(models, **values)
    assert any(says in fault for fault in verify(models))


def test_code_that_is_not_that_of_its_commit_is_named(repository: Path, models: Path):
    for stage in MODEL_STAGES:
        (repository / f"{stage}.py").write_text("A = 1\n")
    stages = {stage: {"cmd": "a", "deps": [f"{stage}.py"], "outs": [stage]} for stage in MODEL_STAGES}
    (repository / "dvc.yaml").write_text(json.dumps({"stages": stages}))
    commit(repository, "Code")
    head = git("rev-parse", "HEAD")
    change(models, git_commit=head, code=fingerprint(models_code()))
    assert verify(models) == []
    # What came after the commit that made the models is nobody's fault.
    (repository / "export.py").write_text("A = 2\n")
    assert verify(models) == []
    commit(repository, "Later")
    assert verify(models) == []
    change(models, code=fingerprint(models_code()))
    (fault,) = verify(models)
    assert f"is not that of commit {head[:12]}" in fault and "train them again with `dvc repro`" in fault


def test_other_bytes_than_recorded_are_named(models: Path):
    (models / "ocr.onnx").write_text("other bytes")
    (models / "ocr.pt").unlink()
    assert [fault.split(": ")[0] for fault in verify(models)] == [str(models / "ocr.onnx"), str(models / "ocr.pt")]


@pytest.fixture
def evaluation(models: Path) -> Path:
    folder = models.parent / "evaluate"
    gate = Gate("end_to_end", 0.9, 0.85, ">=", True, "9 of 10")
    save_gates(folder / "gates.json", [gate], {name: sha256(models / name) for name in MODEL_FILES})
    return folder


def test_the_same_models_give_the_same_archive(models: Path, evaluation: Path, repository: Path):
    first = write_bundle(models, evaluation, repository / "one")
    assert write_bundle(models, evaluation, repository / "two").sha256 == first.sha256
    assert read_bundle(repository / "one") == first
    assert first.archive.name == "license-plate-models-v1.2.zip"


def test_gates_of_other_models_make_no_bundle(models: Path, evaluation: Path, repository: Path):
    (models / "detector.onnx").write_text("other bytes")
    with pytest.raises(LprError, match=r"not about .*detector\.onnx"):
        write_bundle(models, evaluation, repository / "one")
    assert not (repository / "one").exists()


def test_gates_without_models_make_no_bundle(models: Path, evaluation: Path, repository: Path):
    record = json.loads((evaluation / "gates.json").read_text())
    (evaluation / "gates.json").write_text(json.dumps({**record, "models": ["x"]}))
    with pytest.raises(LprError, match=r"gates\.json: models is \['x'\]"):
        write_bundle(models, evaluation, repository / "one")


@pytest.mark.parametrize("name", ["../ocr.pt", "/etc/passwd", "x" * 5000])
def test_a_note_about_other_files_is_no_published_version(models: Path, name: str):
    (models / ".version.json").write_text(json.dumps({"version": "v1.0", "message": "", "content": {name: "a" * 64}}))
    with pytest.raises(LprError, match=r"\.version\.json: content\.") as caught:
        read_version(models)
    assert len(str(caught.value)) < 1000


def test_a_note_that_is_nested_too_deeply_is_no_published_version(models: Path):
    (models / ".version.json").write_text("[" * 100_000)
    with pytest.raises(LprError, match=r"not readable as JSON.*bring a published version"):
        read_version(models)


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "[]", '{"version": 1}', '{"version": "../x", "message": "", "sha256": ""}']
)
def test_facts_that_nobody_wrote_are_no_bundle(repository: Path, text: str):
    (repository / "bundle.json").write_text(text)
    with pytest.raises(LprError, match=r"bundle\.json: .*make one with `lpr models bundle`"):
        read_bundle(repository)


def test_models_that_were_trained_since_are_no_published_version(models: Path, evaluation: Path, repository: Path):
    (models / "ocr.pt").write_text("other bytes")
    with pytest.raises(LprError, match=r"ocr\.pt: not that of v1\.2 any more"):
        write_bundle(models, evaluation, repository / "one")


def test_an_archive_that_was_changed_is_no_bundle(models: Path, evaluation: Path, repository: Path):
    write_bundle(models, evaluation, repository / "one").archive.write_bytes(b"other bytes")
    with pytest.raises(LprError, match="not the bytes"):
        read_bundle(repository / "one")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "no such file, so no published models belong to this commit"),
        ("[]", r"receipt\.json: .*run `dvc repro --force publish`"),
        ("[" * 100_000, "not readable as JSON"),
        ('{"target": "local", "dataset": "a/b", "version": "v1.0", "files": {}}', r"publication\.files is \{\}"),
        (json.dumps({**PUBLICATION, "target": "local"}), "which no other machine can read; to publish, run"),
        (json.dumps(REFUSAL), "a refusal, since these gates were not met: `end_to_end`"),
        (json.dumps({**PUBLICATION, **REFUSAL}), r"refusal\.version: unknown key"),
        (json.dumps({**PUBLICATION, "refused": []}), r"refusal\.refused is \[\]"),
    ],
)
def test_a_commit_without_a_publication_on_kaggle_has_no_models(
    repository: Path, text: str | None, says: str
):
    receipt = repository / "receipt.json"
    if text is not None:
        receipt.write_text(text)
    with pytest.raises(LprError, match=says):
        get_committed(receipt, repository / "models")


@pytest.mark.parametrize(
    ("record", "status", "version", "says"),
    [
        (PUBLICATION, 0, "v1.0", "`a/b`, v1.0: a message"),
        ({**PUBLICATION, "target": "local"}, 1, None, "to publish, run `lpr params recipes/kaggle.yaml`"),
        (REFUSAL, 1, None, "a refusal, since these gates were not met: `end_to_end`"),
        (None, 1, None, "no such file, so no published models belong to this commit"),
    ],
    ids=["kaggle", "folder", "refusal", "nothing"],
)
def test_the_committed_version_or_why_there_is_none(
    repository: Path, capsys: pytest.CaptureFixture[str], record: Any, status: int, version: str | None, says: str
):
    if record is not None:
        (repository / "results" / "publish").mkdir(parents=True)
        message = {"message": "a message"} if "version" in record else {}
        (repository / "results" / "publish" / "receipt.json").write_text(json.dumps({**record, **message}))
    assert lpr("models", "committed") == status
    assert says in capsys.readouterr().out
    assert lpr("models", "committed", "--json") == status
    said = json.loads(capsys.readouterr().out)
    assert said["version"] == version and says in said["note"]


def test_a_receipt_that_cannot_be_read_is_no_verdict(repository: Path, capsys: pytest.CaptureFixture[str]):
    (repository / "results" / "publish").mkdir(parents=True)
    (repository / "results" / "publish" / "receipt.json").write_text("{")
    assert lpr("models", "committed") == 2
    assert "receipt.json: not readable as JSON" in capsys.readouterr().err


def test_the_shipped_models_are_brought_whole(repository: Path):
    (repository / "models").mkdir()
    (repository / "models" / "old.txt").touch()
    assert lpr("models", "get", "shipped") == 0
    names = {*MODEL_FILES, "training_metadata.json", "README.md"}
    assert {path.name for path in (repository / "models").iterdir()} == names
    assert all(sha256(repository / "models" / name) == sha256(SHIPPED / name) for name in names)


def lpr(*arguments: str) -> int:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    return int(caught.value.code or 0)
