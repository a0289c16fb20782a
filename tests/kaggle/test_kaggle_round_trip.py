"""What fetch_data writes is a data set like any other: checked, pushed, fetched again, and trained on alike."""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from sandbox import ROOT, lpr
from standin import StandIn

from lpr.assessment.data_check import check_dataset
from lpr.data.annotations import SPLITS, read_entries, to_json

RENDERED = {"name": "rendered", "kind": "synthetic", "use": "both", "photos": 30, "crops": 60, "style": "legible"}
PUSHED = {"name": "again", "kind": "kaggle", "dataset": "alice/rendered-plates/1", "use": "both"}


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    # The bits of a sum depend on how many threads share it.
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def project(folder: Path, source: dict[str, Any]) -> Path:
    """A folder in which the stages run: one source, tiny networks."""
    folder.mkdir()
    for package in ("lpr", "stages"):
        (folder / package).symlink_to(ROOT / package)
    shutil.copy(ROOT / "dvc.yaml", folder)
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    params["fetch_data"].update(sources=[source], shares={"train": 0.6, "val": 0.2, "test": 0.2})
    params["train"].update(batch_size=8, workers=0, device="cpu")
    params["detector"].update(width=4, epochs=1, cache_side=224)
    params["ocr"].update(width=4, epochs=1)
    (folder / "params.yaml").write_text(yaml.safe_dump(params))
    return folder


def run(folder: Path, *stages: str) -> None:
    with contextlib.chdir(folder):
        for stage in stages:
            assert not importlib.import_module(f"stages.{stage}").main()


def content(data: Path, source: str) -> dict[str, list[tuple[dict[str, Any], bytes]]]:
    """What each split holds, without names and sources: they say who brought it."""
    return {
        split: [
            ({key: value for key, value in to_json(entry).items() if key != "source"},
             (data / "images" / split / entry.name).read_bytes())
            for entry in read_entries(data / "annotations" / f"{split}.json")
            if entry.source == source
        ]
        for split in SPLITS
    }  # fmt: skip


def test_from_fetch_data_over_kaggle_to_the_same_weights(
    kaggle: StandIn, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = project(tmp_path / "first", RENDERED)
    run(first, "fetch_data", "train_detector", "train_ocr")

    report = check_dataset(first / "data", workers=1)
    assert report.ok, report.text()
    assert report.counts["train"]["crops"] > report.counts["train"]["photos"] > 0
    assert lpr("kaggle", "data", "push", str(first / "data"), "--dataset", "alice/rendered-plates") == 0

    second = project(tmp_path / "second", PUSHED)
    run(second, "fetch_data", "train_detector", "train_ocr")
    assert content(second / "data", "again") == content(first / "data", "rendered")
    for name in ("detector", "ocr"):
        ours, theirs = (torch.load(at / "checkpoints" / f"{name}.pt", weights_only=True) for at in (first, second))
        assert theirs["metrics"] == ours["metrics"]
        assert all(torch.equal(theirs["weights"][key], value) for key, value in ours["weights"].items())


def test_a_folder_of_fetch_data_is_a_path_source_too(kaggle: StandIn, tmp_path: Path) -> None:
    first = project(tmp_path / "first", {**RENDERED, "photos": 8, "crops": 12})
    run(first, "fetch_data")
    copied = tmp_path / "copied"
    shutil.copytree(first / "data", copied, copy_function=os.link)
    second = project(tmp_path / "second", {"name": "mine", "kind": "path", "path": str(copied), "use": "both"})
    run(second, "fetch_data")
    assert content(second / "data", "mine") == content(first / "data", "rendered")
