"""`lpr data prelabel` and `lpr data changes`, with models whose answers can be computed by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lpr.fetching.formats import read_entries
from lpr.fetching.formats.raw import RawEntry

Lpr = Callable[..., tuple[int, str, str]]
BOX = (56, 90, 112, 30)


def save(path: Path, green: int | None, grain: int) -> None:
    """Write a 224 x 224 photo with a plate at `BOX`, read as AB, the surer the more green; None: without a plate."""
    pixels = np.random.default_rng(grain).integers(0, 90, (7, 7, 3), np.uint8).repeat(32, 0).repeat(32, 1)
    if green is not None:
        x, y, w, h = BOX
        pixels[y : y + h, x : x + w] = (255, green, 255)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


@pytest.fixture()
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    save(folder / "empty.png", None, 1)
    save(folder / "sure.png", 255, 2)
    save(folder / "street/doubtful one.png", 140, 3)
    save(folder / "street/again.png", 141, 3)
    (folder / "broken.png").write_bytes(b"no photo")
    return folder


@pytest.fixture()
def prelabels(photos: Path, hand_made: Path, lpr: Lpr) -> Path:
    out = photos.parent / "pre"
    status, output, errors = lpr("data", "prelabel", photos, "--out", out, "--models", hand_made)
    assert status == 2 and "broken.png" in errors
    assert "4 photos, 3 plates, 1 photos without one" in output and "3 groups" in output
    assert "sure at a precision of 0.95 (by the models' own word; --labelled measures it): 1 plates, 1 photos" in output
    return out


def test_the_doubtful_and_its_near_duplicate_come_first(prelabels: Path) -> None:
    record = json.loads((prelabels / "prelabels.json").read_text())
    seen = [(photo["image"], photo["group"], photo["sure"]) for photo in record["photos"]]
    assert seen == [
        ("street/doubtful one.png", 1, False),
        ("street/again.png", 1, False),
        ("sure.png", 2, True),
        ("empty.png", 3, False),
    ]
    # B's logit is 12 * 140/255 - 6 = 0.588, against 0 of no character.
    assert record["photos"][0]["plates"][0]["certainty"] == pytest.approx(1 / (1 + np.exp(-0.588)), abs=0.01)
    assert [entry["image"] for entry in record["rejected"]] == ["broken.png"]


def test_every_format_says_the_same_and_can_be_read_again(prelabels: Path, tmp_path: Path) -> None:
    tasks = json.loads((prelabels / "label-studio" / "tasks.json").read_text())
    assert tasks[0]["data"]["image"] == "/data/local-files/?d=images/street/doubtful%20one.png"
    assert [task["data"]["sure"] for task in tasks] == [False, False, True, False]
    # As Label Studio gives predictions back that somebody submitted as they were.
    submitted = [{**task, "id": i, "annotations": task.pop("predictions")} for i, task in enumerate(tasks)]
    exports = {"own": prelabels, "label_studio": tmp_path / "ls", "cvat": tmp_path / "cvat"}
    for name in ("label_studio", "cvat"):
        exports[name].mkdir()
        (exports[name] / "images").symlink_to(prelabels / "images")
    (exports["label_studio"] / "export.json").write_text(json.dumps(submitted))
    (exports["cvat"] / "annotations.xml").write_bytes((prelabels / "cvat" / "annotations.xml").read_bytes())
    for name, folder in exports.items():
        raws = list(read_entries(folder, name))
        assert all(isinstance(raw, RawEntry) for raw in raws)
        found = {raw.image: raw for raw in raws if isinstance(raw, RawEntry)}
        assert set(found) == {
            f"images/{image}" for image in ("street/doubtful one.png", "street/again.png", "sure.png", "empty.png")
        }
        assert found["images/empty.png"].plates == ()
        (plate,) = found["images/sure.png"].plates
        scale = 224 if found["images/sure.png"].fractions else 1
        assert plate.text == "AB" and plate.bbox is not None
        assert [number * scale for number in plate.bbox] == pytest.approx(BOX, abs=0.5)


def test_sure_is_measured_on_labelled_photos(photos: Path, hand_made: Path, tmp_path: Path, lpr: Lpr) -> None:
    (photos / "broken.png").unlink()
    labelled = tmp_path / "labelled"
    entries = {}
    for number in range(20):
        # As doubtful as the doubtful photos, and yet all right: the models' own word says less than is measured.
        save(labelled / f"images/{number}.png", 140, 10 + number)
        entries[f"{number}.png"] = {"plates": [{"bbox": BOX, "text": "AB"}]}
    (labelled / "annotations").mkdir()
    place = labelled / "annotations" / "all.json"
    place.write_text(json.dumps(entries))
    arguments = ("--models", hand_made, "--labelled", labelled, "--precision", 0.8)
    status, output, _ = lpr("data", "prelabel", photos, "--out", tmp_path / "a", *arguments)
    assert status == 0 and f"(measured on {labelled}): 3 plates, 3 photos" in output
    place.write_text(json.dumps(entries).replace('"AB"', '"XY"'))
    _, output, _ = lpr("data", "prelabel", photos, "--out", tmp_path / "b", *arguments)
    assert "nothing is sure at a precision of 0.8" in output
    place.write_text(json.dumps(entries).replace('"AB"', "null"))
    status, _, errors = lpr("data", "prelabel", photos, "--out", tmp_path / "c", *arguments)
    assert status == 2 and "no pre-label could be compared" in errors
    assert not (tmp_path / "c").exists()


def test_what_cannot_be_done_is_said_and_nothing_is_written(photos: Path, hand_made: Path, lpr: Lpr) -> None:
    def error(*arguments: object) -> str:
        status, _, errors = lpr("data", "prelabel", *arguments, "--models", hand_made)
        assert status == 2
        return errors

    out = photos.parent / "out"
    (photos.parent / "none").mkdir()
    assert "no photos in this folder or below it" in error(photos.parent / "none", "--out", out)
    assert "no such folder" in error(photos.parent / "nowhere", "--out", out)
    assert "there is something already" in error(photos, "--out", photos)
    assert "give a share between 0 and 1" in error(photos, "--out", out, "--precision", 95)
    assert not out.exists()


def region(box: tuple[float, ...], text: str | None) -> list[dict[str, Any]]:
    x, y, w, h = (number / 2.24 for number in box)
    value = {"x": x, "y": y, "width": w, "height": h, "rotation": 0}
    identity = f"{box}"
    parts = [{"id": identity, "type": "rectanglelabels", "value": {**value, "rectanglelabels": ["plate"]}}]
    if text:
        parts.append({"id": identity, "type": "textarea", "value": {**value, "text": [text]}})
    return parts


def test_changes_are_counted_by_kind_and_by_annotator(prelabels: Path, tmp_path: Path, lpr: Lpr) -> None:
    def done(image: str, who: Any, *results: list[dict[str, Any]]) -> dict[str, Any]:
        result = [part for parts in results for part in parts]
        return {"data": {"image": image}, "annotations": [{"completed_by": who, "result": result}]}

    export = tmp_path / "export"
    export.mkdir()
    x, y, w, h = BOX
    # IoU of the moved box: 100 x 30 of 112 x 30, 0.893.
    tasks = [
        done("/data/local-files/?d=images/street/doubtful%20one.png", 1, region(BOX, "A8")),
        done("/data/upload/1/0a1b2c3d-sure.png", {"email": "b@example.org"}, region((x + 12, y, w - 12, h), "AB")),
        done("images/empty.png", {"email": "b@example.org"}, region((10, 10, 40, 12), "NEW1")),
        done("images/other.png", 1),
        {"data": {"image": "images/street/again.png"}, "annotations": []},
    ]
    (export / "export.json").write_text(json.dumps(tasks))
    status, output, _ = lpr("data", "changes", prelabels, export)
    assert status == 0
    lines = output.splitlines()
    assert lines[0] == "3 photos came back, 1 did not, 1 are not of the pre-labels"
    counts = "0 kept, 1 text changed, 0 text added, 0 text removed, 1 box moved, 1 plate added, 0 plate removed"
    assert lines[1] == f"plates: {counts}"
    assert lines[2].startswith("  annotator 1: 0 kept, 1 text changed, 0 text added")
    assert lines[3].startswith("  annotator b@example.org: 0 kept, 0 text changed") and "1 box moved" in lines[3]
    assert lines[4].startswith("sure ones kept: 1 of 1")
    assert lines[5] == "not read: 1 x the task has no annotation: it was skipped, or nobody has come to it yet"
    status, _, errors = lpr("data", "changes", export, export)
    assert status == 2 and "prelabels.json" in errors
