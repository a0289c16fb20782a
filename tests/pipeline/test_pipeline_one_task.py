"""`dvc repro` on what users bring: boxes alone, crops with texts alone, or each in a file of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from dvc_clone import Clone
from PIL import Image

from lpr.base.files import sha256
from lpr.synthetic import Renderer

pytestmark = pytest.mark.timeout(900)

SHIPPED = Path(__file__).parents[2] / "lpr/assets/models"
# What trains starts from the shipped weights and hardly moves, so that it meets the real gates of accuracy.
LEARNS: dict[str, Any] = {"train.start": "shipped", "train.lr": 1e-7, "gates.batch_seconds": 3600.0}
PHOTOS, CROPS = 30, 40


@pytest.fixture(scope="module")
def boxes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A source of photos whose plates have boxes in Pascal VOC files, and no text."""
    folder = tmp_path_factory.mktemp("boxes")
    renderer = Renderer("legible", 11)
    for number in range(PHOTOS):
        rendered = renderer.scene(number)
        Image.fromarray(rendered.image).save(folder / f"{number}.jpg", quality=92)
        height, width = rendered.image.shape[:2]
        objects = ""
        for plate in rendered.plates:
            x, y, w, h = plate.box
            sides = f"<xmin>{x}</xmin><ymin>{y}</ymin><xmax>{x + w}</xmax><ymax>{y + h}</ymax>"
            objects += f"<object><name>licence</name><bndbox>{sides}</bndbox></object>"
        size = f"<size><width>{width}</width><height>{height}</height><depth>3</depth></size>"
        (folder / f"{number}.xml").write_text(
            f"<annotation><filename>{number}.jpg</filename>{size}{objects}</annotation>"
        )
    return {"name": "boxes", "kind": "path", "path": str(folder), "use": "detection", "licence": "CC0-1.0"}


@pytest.fixture(scope="module")
def crops(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A source of crops with their texts in a CSV file."""
    folder = tmp_path_factory.mktemp("crops")
    renderer = Renderer("legible", 12)
    rows = ["image_path,plate_text"]
    for number in range(CROPS):
        rendered = renderer.crop(number)
        (plate,) = rendered.plates
        x, y, w, h = plate.box
        Image.fromarray(rendered.image).crop((int(x), int(y), int(x + w) + 1, int(y + h) + 1)).save(
            folder / f"{number}.png"
        )
        rows.append(f"{number}.png,{plate.text}")
    (folder / "labels.csv").write_text("\n".join(rows) + "\n")
    return {"name": "crops", "kind": "path", "path": str(folder), "use": "reading", "licence": "CC0-1.0"}


def published(source: Clone, path: Path, sources: list[dict[str, str]], changes: dict[str, Any]) -> tuple[Clone, str]:
    """Run the pipeline on the sources in a clone, which must end in a publication; return it and what was printed."""
    clone = source.clone(path)
    values = {"fetch_data.sources": sources, **LEARNS, **changes}
    (clone.path / "params.yaml").write_text(clone.params_with(values), encoding="utf-8")
    clone.commit("Our data")
    output = clone.dvc("repro")
    assert "published v1.0" in output, output
    assert clone.dvc("repro").splitlines()[-1] == "Data and pipelines are up to date."
    return clone, output


def gates(clone: Clone) -> dict[str, str]:
    """Return the verdict on each quality of accuracy: `passed` or `n/a`."""
    found = {gate["name"]: gate for gate in clone.read("results/evaluate/gates.json")["gates"]}
    named = ("detection", "recognition", "end_to_end")
    return {name: "n/a" if not found[name]["applies"] else str(found[name]["passed"]) for name in named}


def training_data(folder: Path) -> str:
    """Return the fingerprint of the data that a folder of models was made with."""
    record = json.loads((folder / "training_metadata.json").read_text())
    return str(record["data"]["fingerprint"])


def is_the_shipped_one(clone: Clone, kind: str) -> bool:
    """Return whether the published metadata and card say that a model is the shipped one, and of which hash."""
    receipt = clone.read("results/publish/receipt.json")
    folder = clone.path / receipt["where"]
    training = json.loads((folder / "training_metadata.json").read_text())["training"][kind]
    metrics = clone.read(f"results/train_{kind}/metrics.json")
    marks = {
        bool(training.get("shipped")),
        training["epochs"] == 0,
        bool(metrics.get("shipped")),
        f"The {kind} was not trained on them" in (folder / "README.md").read_text(),
        f"shipped {kind}" in receipt["message"],
        f"{kind}: the shipped model" in (clone.path / "results/evaluate/report.html").read_text(),
    }
    assert len(marks) == 1, f"{kind}: some say that it is the shipped one, others do not"
    if not marks.pop():
        return False
    assert training["start_sha256"] == sha256(SHIPPED / f"{kind}.pt")
    ours, theirs = (torch.load(path / f"{kind}.pt", weights_only=True) for path in (folder, SHIPPED))
    # The temperature of the OCR too, by which its confidences are calibrated.
    assert all(torch.equal(ours["weights"][name], weight) for name, weight in theirs["weights"].items())
    assert ours["provenance"]["data"] == theirs["provenance"]["data"] != training_data(folder)
    return True


def test_boxes_alone_train_and_publish_a_detector(source: Clone, tmp_path: Path, boxes: dict[str, str]) -> None:
    # Integers need crops to be found by: without any the OCR stays as it is.
    changes = {"detector.width": 16, "export.int8": True}
    clone, output = published(source, tmp_path / "project", [boxes], changes)
    assert "judge end to end: no" in output and "train the OCR: no" in output
    assert "ocr: takes the shipped ocr (lpr/assets/models/ocr.pt) as it is" in output
    assert gates(clone) == {"detection": "True", "recognition": "n/a", "end_to_end": "n/a"}
    assert is_the_shipped_one(clone, "ocr") and not is_the_shipped_one(clone, "detector")
    assert "AP50" in clone.read("results/publish/receipt.json")["message"]


def test_crops_with_texts_alone_train_and_publish_an_ocr(source: Clone, tmp_path: Path, crops: dict[str, str]) -> None:
    clone, output = published(source, tmp_path / "project", [crops], {"ocr.width": 32})
    assert "judge detection: no" in output and "train the detector: no" in output
    assert "detector: takes the shipped detector (lpr/assets/models/detector.pt) as it is" in output
    assert gates(clone) == {"detection": "n/a", "recognition": "True", "end_to_end": "n/a"}
    assert is_the_shipped_one(clone, "detector") and not is_the_shipped_one(clone, "ocr")
    assert "true crops" in clone.read("results/publish/receipt.json")["message"]


def test_boxes_and_crops_of_two_sources_publish_both(
    source: Clone, tmp_path: Path, boxes: dict[str, str], crops: dict[str, str]
) -> None:
    changes = {"detector.width": 16, "ocr.width": 32}
    clone, output = published(source, tmp_path / "project", [boxes, crops], changes)
    assert output.count(": yes (") == 4 and "judge end to end: no, there is no plate with box and text" in output
    assert gates(clone) == {"detection": "True", "recognition": "True", "end_to_end": "n/a"}
    assert not is_the_shipped_one(clone, "detector") and not is_the_shipped_one(clone, "ocr")
