"""What counts as a change that no commit holds: the code on which the models depend, and nothing else."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from lpr.base.pipeline import MODEL_STAGES, models_code
from lpr.exporting.training_record import git_state

ROOT = Path(__file__).parents[2]
CODE = [Path("lpr/detector"), Path("stages/export.py")]
FILES = ("lpr/detector/model.py", "stages/export.py", "lpr/cli.py", "params.yaml", "dvc.lock", "results/x/metrics.json")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("committed")
    identity = ("-c", "user.name=Test", "-c", "user.email=test@localhost")
    for arguments in (["init", "--quiet"], ["add", "--all"], [*identity, "commit", "--quiet", "--message", "one"]):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "dirty"),
    [
        *((name, name in FILES[:2]) for name in FILES),
        ("lpr/detector/new.py", True),
        ("lpr/detector/deep/new.py", True),
        ("notes.txt", False),
    ],
)
def test_only_the_models_code_can_be_dirty(repository: Path, name: str, dirty: bool):
    commit, before = git_state(CODE, repository)
    assert commit is not None and len(commit) == 40 and before is False
    (repository / name).parent.mkdir(parents=True, exist_ok=True)
    (repository / name).write_text("changed")
    assert git_state(CODE, repository) == (commit, dirty)


def test_without_git_nothing_is_known(tmp_path: Path):
    assert git_state(CODE, tmp_path) == (None, False)


def test_the_models_code_is_what_dvc_yaml_declares_for_the_stages_that_make_them():
    code = {path.as_posix() for path in models_code(ROOT / "dvc.yaml")}
    assert {f"stages/{stage}.py" for stage in MODEL_STAGES} <= code
    assert {"lpr/detector", "lpr/ocr", "lpr/exporting"} <= code
    assert not code & {"data", "checkpoints/ocr.pt", "stages/evaluate.py", "params.yaml", "dvc.lock"}
