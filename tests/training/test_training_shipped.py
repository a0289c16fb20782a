"""A training for which the data set holds nothing: the shipped model stands in, and everything says so."""

from __future__ import annotations

import contextlib
import importlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from lpr.base.errors import LprError
from lpr.base.files import sha256
from lpr.data.annotations import Entry, Plate, write_entries
from lpr.training import stage

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "lpr/assets/models"
Project = Callable[..., Path]


def without(folder: Path, kind: str, split: str = "train") -> Path:
    """Take the entries with `kind` out of a split of a project's data."""
    path = folder / f"data/annotations/{split}.json"
    lines = [line.rstrip(",") for line in path.read_text().splitlines() if kind not in line and line not in "{}"]
    path.unlink()
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    return folder


def train(folder: Path, name: str) -> dict[str, Any]:
    """Run a training stage in this process and return its checkpoint."""
    with contextlib.chdir(folder):
        assert importlib.import_module(f"stages.train_{name}").main() == 0
    saved: dict[str, Any] = torch.load(folder / f"checkpoints/{name}.pt", weights_only=True)
    return saved


@pytest.mark.parametrize("split", ["train", "val"])
@pytest.mark.parametrize(("name", "kind"), [("ocr", '"text": "'), ("detector", '"plates": [{')])
def test_the_shipped_model_stands_in_and_is_marked(
    project: Project, capfd: pytest.CaptureFixture[str], name: str, kind: str, split: str
) -> None:
    # Its width is not that of the parameters.
    folder = without(project(), kind, split)
    saved = train(folder, name)
    first = capfd.readouterr().out.splitlines()[0]
    assert first.startswith(f"{name}: takes the shipped {name} (lpr/assets/models/{name}.pt) as it is")
    assert f"data/annotations/{split}.json holds no" in first and "fetch_data.sources in params.yaml" in first
    shipped = torch.load(SHIPPED / f"{name}.pt", weights_only=True)
    assert saved["arguments"] == shipped["arguments"] != {"width": 4}
    assert saved["settings"] == shipped["settings"] and saved["metrics"] == shipped["metrics"]
    assert saved["weights"].keys() == shipped["weights"].keys()
    assert all(torch.equal(saved["weights"][key], shipped["weights"][key]) for key in shipped["weights"])
    record = json.loads((SHIPPED / "training_metadata.json").read_text())
    provenance = saved["provenance"]
    assert (provenance["epoch"], provenance["epochs"]) == (0, 0)
    assert provenance["start_sha256"] == sha256(SHIPPED / f"{name}.pt")
    assert provenance["data"] == record["data"]["fingerprint"]
    assert provenance["shipped"]["git_commit"] == record["git_commit"]
    assert [source["name"] for source in provenance["shipped"]["sources"]] == [
        source["name"] for source in record["data"]["sources"]
    ]
    metrics = json.loads((folder / f"results/train_{name}/metrics.json").read_text())
    assert (metrics["shipped"], metrics["epochs"]) == (True, 0)
    for declared in ("plots", "speed"):
        assert any(path.is_file() for path in (folder / f"results/train_{name}/{declared}").rglob("*"))


def test_plates_that_lie_on_their_side_teach_the_ocr_nothing(
    project: Project, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = project()
    path = folder / "data/annotations/train.json"
    path.unlink()  # it is a link to that of other tests
    lying = Plate((10.0, 10.0, 100.0, 300.0), "AB123CD")
    write_entries(path, [Entry("photo_000.jpg", (lying,), source="rendered", use="both")])
    train(folder, "ocr")
    first = capfd.readouterr().out.splitlines()[0]
    assert "takes the shipped ocr" in first and "does not lie on its side" in first


@pytest.mark.parametrize("fault", ["missing", "other", "cut", "unrecorded"])
def test_a_shipped_model_that_is_not_the_recorded_one_is_an_error(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    shipped = tmp_path / "shipped"
    shutil.copytree(SHIPPED, shipped)
    path = shipped / "ocr.pt"
    if fault == "missing":
        path.unlink()
    elif fault == "cut":
        path.write_bytes(path.read_bytes()[:10000])
    elif fault == "other":
        value = torch.load(path, weights_only=True)
        torch.save({**value, "metrics": {}}, path)
    else:
        (shipped / "training_metadata.json").unlink()
    monkeypatch.setattr(stage, "SHIPPED", shipped)
    folder = without(project(), '"text": "')
    with pytest.raises(LprError, match=r"ocr\.pt.*; restore the folder with git"):
        train(folder, "ocr")
    assert not (folder / "checkpoints").exists() and not (folder / "results").exists()
