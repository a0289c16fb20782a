from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image
from sandbox import lpr
from standin import StandIn

from lpr.kaggle.service.inputs import find_dataset


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small data set in the project's own format: unlike photos, one plate each."""
    folder = tmp_path / "plates"
    for number, split in enumerate(["train", "train", "val", "test"]):
        photo = Image.effect_noise((320, 240), 60 + 20 * number).convert("RGB")
        photo.paste((200, 40 * number, 90), (20 * number, 30, 160 + 20 * number, 200))
        path = folder / "images" / split / f"car{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        photo.save(path, quality=95)
        annotations = folder / "annotations" / f"{split}.json"
        annotations.parent.mkdir(exist_ok=True)
        known = json.loads(annotations.read_text()) if annotations.exists() else {}
        known[path.name] = {"plates": [{"bbox": [50, 60, 90, 30], "text": f"AB{number}2CD", "lines": 1}]}
        annotations.write_text(json.dumps(known))
    return folder


def test_push_then_find(kaggle: StandIn, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert lpr("kaggle", "data", "push", str(folder), "--dataset", "alice/my-plates") == 0
    assert "in params.yaml: dataset: alice/my-plates/1" in capsys.readouterr().out
    dataset = kaggle.state.datasets["alice/my-plates"]
    assert dataset.private and dataset.license == "unknown"
    found = find_dataset("alice/my-plates/1")
    sent = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    got = {path.relative_to(found.path): path.read_bytes() for path in found.path.rglob("*") if path.is_file()}
    sums = got.pop(Path("SHA256SUMS")).decode()
    assert got == sent
    assert len(sums.splitlines()) == len(sent)


def test_push_twice_sends_once_and_a_change_makes_a_version(kaggle: StandIn, folder: Path) -> None:
    assert lpr("kaggle", "data", "push", str(folder), "--dataset", "alice/my-plates", "--licence", "CC0-1.0") == 0
    assert lpr("kaggle", "data", "push", str(folder), "--dataset", "alice/my-plates") == 0
    assert len(kaggle.state.datasets["alice/my-plates"].versions) == 1
    (folder / "LICENSE.txt").write_text("do what you like")
    assert lpr("kaggle", "data", "push", str(folder), "--dataset", "alice/my-plates", "--note", "with a licence") == 0
    assert kaggle.state.datasets["alice/my-plates"].versions[1].notes == "with a licence"


def test_push_refuses_what_the_check_finds_fault_with(
    kaggle: StandIn, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "images" / "train" / "broken.jpg").write_bytes(b"\xff\xd8 not a photo")
    assert lpr("kaggle", "data", "push", str(folder), "--dataset", "alice/my-plates") == 1
    assert "broken.jpg" in capsys.readouterr().out
    assert kaggle.state.datasets == {}
    assert lpr("kaggle", "data", "push", str(folder), "--dataset", "alice/my-plates", "--despite-problems") == 0


def test_a_file_lost_on_the_way_is_an_error(kaggle: StandIn, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kaggle.state.forgets = {"annotations.zip"}
    assert lpr("kaggle", "data", "push", str(folder), "--dataset", "alice/my-plates") == 2
    assert "annotations/test.json is missing" in capsys.readouterr().err


def test_names_that_kaggle_would_refuse(kaggle: StandIn, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert lpr("kaggle", "data", "push", str(folder), "--dataset", "alice/cars") == 2
    assert "6 to 50 characters" in capsys.readouterr().err
    assert kaggle.asked == []


def test_one_duplicate_is_told_of_and_stops_nothing(
    kaggle: StandIn, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train = folder / "images" / "train"
    (train / "again.jpg").write_bytes((train / "car0.jpg").read_bytes())
    annotations = folder / "annotations" / "train.json"
    known = json.loads(annotations.read_text())
    annotations.write_text(json.dumps({**known, "again.jpg": known["car0.jpg"]}))
    assert lpr("kaggle", "data", "push", str(folder), "--dataset", "alice/my-plates") == 0
    said = capsys.readouterr().out
    assert "left out, without harm:" in said and "images/train/again.jpg: duplicate: same pixels as" in said


def test_credentials_are_asked_for_before_the_photos_are_checked(
    kaggle: StandIn, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("KAGGLE_USERNAME")
    monkeypatch.delenv("KAGGLE_KEY")
    assert lpr("kaggle", "data", "push", str(folder), "--dataset", "alice/my-plates") == 2
    said = capsys.readouterr()
    assert "no Kaggle credentials" in said.err and "format own" not in said.out


def test_broken_metadata_names_the_place(kaggle: StandIn, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "dataset-metadata.json").write_text('{"title": "Plates",\n "id" "alice/my-plates"}')
    assert lpr("kaggle", "data", "push", str(folder), "--dataset", "alice/my-plates") == 2
    error = capsys.readouterr().err
    assert "dataset-metadata.json: not readable as JSON: " in error and "line 2 column 7" in error
    (folder / "dataset-metadata.json").write_text('{"title": "Plates", "licenses": []}')
    assert lpr("kaggle", "data", "push", str(folder), "--dataset", "alice/my-plates") == 2
    error = capsys.readouterr().err
    assert "dataset-metadata.json: licenses" in error and "must be exactly one" in error
    (folder / "dataset-metadata.json").write_text('{"title": 5, "licenses": [{"name": ""}]}')
    assert lpr("kaggle", "data", "push", str(folder), "--dataset", "alice/my-plates") == 2
    error = capsys.readouterr().err
    assert "title is 5: " in error and "licenses.0.name is ''" in error and "exactly one" not in error


@pytest.mark.parametrize("name", ["OWNER/my-plates", "https://www.kaggle.com/datasets/alice/my-plates/data?select=a.jpg"])
def test_owner_and_a_pages_address_name_the_dataset(kaggle: StandIn, folder: Path, name: str) -> None:
    assert lpr("kaggle", "data", "push", str(folder), "--dataset", name) == 0
    assert list(kaggle.state.datasets) == ["alice/my-plates"]
    assert find_dataset(name).owner == "alice"
