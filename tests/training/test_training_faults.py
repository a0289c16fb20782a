"""Data and parameters that change under a training."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from test_training_runs import killed, train

from lpr.base.errors import LprError


def cut(path: Path) -> None:
    content = path.read_bytes()
    path.unlink()  # it is a link to the image of other tests
    path.write_bytes(content[: len(content) // 2])


@pytest.mark.parametrize("damage", [Path.unlink, cut])
@pytest.mark.parametrize(("stage", "name"), [("train_detector", "photo_001.jpg"), ("train_ocr", "crop_003.jpg")])
def test_an_image_that_changed_after_fetch_data_is_named(
    project: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    stage: str,
    name: str,
    damage: Callable[[Path], None],
) -> None:
    monkeypatch.chdir(project())
    damage(Path("data/images/train", name))
    with pytest.raises(LprError) as caught:
        importlib.import_module(f"stages.{stage}").main()
    assert str(caught.value).startswith(f"data/images/train/{name}: ")
    assert str(caught.value).endswith("data/ has changed since fetch_data: run `dvc repro` again")
    assert not Path("checkpoints").exists() and [p for p in Path(".work").rglob("*") if p.is_file()] == []


def test_a_state_of_other_parameters_is_not_looked_at(
    project: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = project()
    state = killed(folder, monkeypatch)
    params = folder / "params.yaml"
    values = yaml.safe_load(params.read_text())
    values["ocr"]["blur"] = 0.5
    params.write_text(yaml.safe_dump(values))
    assert state.is_file()
    train(folder, "train_ocr")
    assert "goes on from step" not in capfd.readouterr().out
