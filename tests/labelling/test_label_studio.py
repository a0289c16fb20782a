"""The way of docs/labels.md through a real Label Studio: pre-labels in, corrected labels out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lpr.fetching.formats import read_entries
from lpr.fetching.formats.raw import RawEntry
from tests.labelling.rendered_photos import render
from tests.labelling.running_label_studio import label_studio, program

NAMES = ("street/first one.jpg", "second.jpg")
TYPED = "CORRECTED1"


def retyped(result: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a prediction as somebody submits it who typed another text into each of its fields."""
    texts = [{**part, "value": {**part["value"], "text": [TYPED]}} for part in result if part["type"] == "textarea"]
    return [part for part in result if part["type"] != "textarea"] + texts


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_label_studio_takes_pre_labels_and_gives_corrected_labels_back(
    tmp_path: Path, lpr: Callable[..., tuple[int, str, str]]
) -> None:
    command = program()
    if command is None:
        pytest.skip("needs Label Studio: pip install label-studio into an environment of its own, its bin/ on PATH")
    render(tmp_path / "photos", NAMES)
    prelabels, labelled = tmp_path / "prelabels", tmp_path / "labelled"
    assert lpr("data", "prelabel", tmp_path / "photos", "--out", prelabels)[0] == 0
    config = (prelabels / "label-studio" / "config.xml").read_text()
    tasks = (prelabels / "label-studio" / "tasks.json").read_text()
    with label_studio(command, tmp_path / "label-studio", prelabels, prelabels / "images") as service:
        project = service.make_project(config, tasks)
        for task in service.tasks(project):
            place = task["data"]["image"]
            name = next(name for name in NAMES if place.endswith(name.replace(" ", "%20")))
            assert service.ask("GET", place).content == (prelabels / "images" / name).read_bytes()
            (prediction,) = task["predictions"]
            assert {part["type"] for part in prediction["result"]} == {"rectanglelabels", "textarea"}
            first = name == NAMES[0]
            service.submit(task["id"], retyped(prediction["result"]) if first else prediction["result"])
        export = service.export(project)
    labelled.mkdir()
    (labelled / "images").symlink_to(prelabels / "images")
    (labelled / "export.json").write_bytes(export)
    assert lpr("data", "check", labelled)[0] == 0
    known = {photo["image"]: photo for photo in json.loads((prelabels / "prelabels.json").read_text())["photos"]}
    entries = {raw.image: raw for raw in read_entries(labelled, "label_studio") if isinstance(raw, RawEntry)}
    for name in NAMES:
        entry, (width, height) = entries[f"images/{name}"], known[name]["size"]
        assert len(entry.plates) == len(known[name]["plates"]) > 0
        for plate, before in zip(entry.plates, known[name]["plates"], strict=True):
            assert plate.bbox is not None
            bbox = [number * side for number, side in zip(plate.bbox, (width, height) * 2, strict=True)]
            assert bbox == pytest.approx(before["bbox"], abs=0.5)
            assert plate.text == (TYPED if name == NAMES[0] and before["text"] else before["text"])
    status, said, _ = lpr("data", "changes", prelabels, labelled)
    assert status == 0
    kept, typed = (len(known[name]["plates"]) for name in reversed(NAMES))
    assert "2 photos came back, 0 did not, 0 are not of the pre-labels" in said
    assert f"plates: {kept} kept, {typed} text changed," in said
    assert "annotator 1: " in said  # the export names people by number
