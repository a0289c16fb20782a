"""What is read of dvc.yaml."""

from __future__ import annotations

from pathlib import Path

import pytest

from lpr.base.errors import LprError
from lpr.base.pipeline import declared_code

TEXT = """
stages:
  fetch: {cmd: a, deps: [a.py], outs: [data, made.csv: {cache: false}], metrics: [m.json: {cache: false}]}
  train: {cmd: b, deps: [a.py, lib, data, made.csv, m.json], outs: [model]}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "dvc.yaml").write_text(TEXT)
    (tmp_path / "a.py").touch()
    (tmp_path / "lib").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_declared_code_is_what_no_stage_makes(folder: Path) -> None:
    assert declared_code("train") == [Path("a.py"), Path("lib")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "dvc.yaml: no such file"),
        ("stages: {train: {cmd: b}}", "dvc.yaml: declares no deps of the stage train"),
        ("stages: {}", "dvc.yaml: declares no train of the stage train"),
        ("[", "dvc.yaml: not readable as a pipeline"),
        ("[1]", "dvc.yaml: not readable as a pipeline"),
        (TEXT.replace("lib", "gone"), "depends on gone, which is missing"),
    ],
)
def test_a_damaged_file_is_an_error(folder: Path, text: str | None, message: str) -> None:
    (folder / "dvc.yaml").unlink()
    if text is not None:
        (folder / "dvc.yaml").write_text(text)
    with pytest.raises(LprError, match=message):
        declared_code("train")
