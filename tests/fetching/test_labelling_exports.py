"""Label Studio's and CVAT's exports as `fetch_data` reads them, from files as those tools write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from lpr.assessment.data_check import check_dataset
from lpr.fetching.formats import detect_format, read_entries
from lpr.fetching.formats.raw import RawEntry, RawRejection


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.effect_noise((200, 100), 60 + len(name)).convert("RGB").save(folder / name)


def read(folder: Path, name: str) -> tuple[dict[str, RawEntry], list[tuple[str, str]]]:
    raws = list(read_entries(folder, name))
    found = {raw.image: raw for raw in raws if isinstance(raw, RawEntry)}
    return found, [(raw.entry, raw.reason) for raw in raws if isinstance(raw, RawRejection)]


def region(identity: str, text: Any = "AB 12", rotation: float = 0, label: str = "plate", **value: Any) -> list[Any]:
    box = {"x": 10, "y": 20, "width": 30, "height": 40, "rotation": rotation, **value}
    size = {"original_width": 200, "original_height": 100, "image_rotation": 0, "to_name": "image"}
    rectangle = {"id": identity, "type": "rectanglelabels", "from_name": "label", **size}
    parts = [{**rectangle, "value": {**box, "rectanglelabels": [label]}}]
    if text is not None:
        words = {"id": identity, "type": "textarea", "from_name": "text", **size}
        parts.append({**words, "value": {**box, "text": text}})
    return parts


def task(image: str, *annotations: Any, **more: Any) -> dict[str, Any]:
    done = [one if isinstance(one, dict) else {"id": 1, "result": one} for one in annotations]
    return {"id": 7, "data": {"image": image}, "annotations": done, "predictions": [], **more}


def export(folder: Path, *tasks: Any) -> None:
    (folder / "export.json").write_text(json.dumps(tasks, indent=1))


def test_label_studio_rectangles_are_percents_with_their_texts(tmp_path: Path) -> None:
    touch(tmp_path, "images/a.jpg")
    other = region("r3", None, label="Car")
    export(tmp_path, task("/data/upload/1/0a1b2c3d-a.jpg", [*region("r1", ["AB 12"]), *region("r2", None), *other]))
    found, bad = read(tmp_path, detect_format(tmp_path))
    entry = found["images/a.jpg"]
    assert not bad and entry.fractions and entry.claimed_size == (200, 100) and entry.other_objects == 1
    assert [(plate.bbox, plate.text) for plate in entry.plates] == [
        (pytest.approx((0.1, 0.2, 0.3, 0.4)), "AB 12"),
        (pytest.approx((0.1, 0.2, 0.3, 0.4)), None),
    ]
    assert entry.origin == "export.json, line 2" and entry.split is None


def test_label_studio_turned_rectangles_become_their_bounding_box(tmp_path: Path) -> None:
    # 60 x 40 pixels with the corner at (20, 20), a quarter turn clockwise about it: x from -20 to 20, y from 20 to 80.
    touch(tmp_path, "a.jpg")
    export(tmp_path, task("a.jpg", region("r", rotation=90)))
    found, _ = read(tmp_path, "label_studio")
    assert found["a.jpg"].plates[0].bbox == pytest.approx((-20 / 200, 20 / 100, 40 / 200, 60 / 100))


def test_label_studio_rectangles_with_labels_beside_them(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg")
    box = {"x": 0, "y": 0, "width": 50, "height": 50}
    parts = [
        {"id": "r", "type": "rectangle", "value": box},
        {"id": "r", "type": "labels", "value": {**box, "labels": ["Text"]}},
        {"id": "r", "type": "textarea", "value": {**box, "text": ["AB", "12"]}},
        {"id": "c", "type": "choices", "value": {"choices": ["night"]}},
    ]
    export(tmp_path, task("a.jpg", parts))
    found, _ = read(tmp_path, "label_studio")
    assert [(plate.bbox, plate.text) for plate in found["a.jpg"].plates] == [((0, 0, 0.5, 0.5), "AB 12")]


def test_label_studio_takes_the_last_annotation_that_was_not_cancelled(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", "none.jpg")
    changes = [
        {"result": region("r", "NEW"), "updated_at": "2026-02-01T00:00:00Z"},
        {"result": region("r", "OLD"), "updated_at": "2026-01-01T00:00:00Z"},
        {"result": region("r", "DROPPED"), "updated_at": "2026-03-01T00:00:00Z", "was_cancelled": True},
    ]
    export(tmp_path, task("a.jpg", *changes), task("none.jpg", []))
    found, _ = read(tmp_path, "label_studio")
    assert [plate.text for plate in found["a.jpg"].plates] == ["NEW"]
    assert found["none.jpg"].plates == ()


@pytest.mark.parametrize(
    "name",
    [
        "/data/local-files/?d=camera%2Ftrain/a.jpg",
        "http://127.0.0.1:8000/photos/train/a.jpg",
        "s3://bucket/train/a.jpg",
        "train/a.jpg",
        "/data/upload/3/0123abcd-a.jpg",
    ],
)
def test_label_studio_names_of_storages_are_found(tmp_path: Path, name: str) -> None:
    place = "images/a.jpg" if "upload" in name else "images/train/a.jpg"
    touch(tmp_path, place)
    export(tmp_path, task(name, region("r")))
    found, _ = read(tmp_path, "label_studio")
    assert {path: entry.split for path, entry in found.items()} == {place: "train" if "train" in place else None}


def test_label_studio_names_each_bad_task_and_goes_on(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg")
    turned = region("r", rotation=5)
    for part in turned:
        del part["original_width"]
    bad = [
        3,
        {"id": 8, "data": {"text": "hello"}, "annotations": []},
        task("a.jpg"),
        task("a.jpg", {"result": 3}),
        task("a.jpg", [1]),
        task("a.jpg", region("r", x="left")),
        task("a.jpg", region("r", text=[5])),
        task("a.jpg", turned),
        {"id": 9, "data": {"image": "a.jpg"}, "annotations": 3},
    ]
    good = task("a.jpg", region("r"))
    export(tmp_path, good, *bad)
    found, rejected = read(tmp_path, "label_studio")
    assert list(found) == ["a.jpg"]
    assert [reason for _, reason in rejected] == [
        "a task is not an object",
        "the task's data names no photo",
        "the task has no annotation: it was skipped, or nobody has come to it yet",
        "an annotation's result is not a list",
        "a part of a result is not an object with a value",
        "'left' is no number",
        "text is neither a string nor a list of strings",
        "a rectangle is turned, and original_width or original_height is missing",
        "annotations is not a list of objects",
    ]
    assert "task 8" in rejected[1][0]


CVAT = """<?xml version="1.0" encoding="utf-8"?>
<annotations>
  <version>1.1</version>
  <meta><task><name>plates</name><labels><label><name>plate</name></label></labels></task></meta>
  <image id="0" name="train/a.jpg" width="200" height="100">
    <box label="plate" source="manual" occluded="0" xtl="20.00" ytl="10.00" xbr="80.00" ybr="30.00" z_order="0">
      <attribute name="country">in</attribute>
      <attribute name="text">KL 65 A1</attribute>
    </box>
    <box label="car" occluded="0" xtl="0" ytl="0" xbr="99" ybr="99" z_order="0"></box>
  </image>
  <image id="1" name="b.jpg" subset="Validation" width="200" height="100">
    <box label="plate" xtl="20" ytl="10" xbr="80" ybr="30" rotation="90"><attribute name="text"></attribute></box>
    <polygon label="plate" points="5.0,6.0;50.0,9.0;48.0,20.0;4.0,16.0"><attribute name="text">X1</attribute></polygon>
  </image>
  <image id="2" name="none.jpg" width="200" height="100"></image>
</annotations>
"""


def test_cvat_boxes_polygons_and_texts(tmp_path: Path) -> None:
    touch(tmp_path, "images/train/a.jpg", "images/b.jpg")
    (tmp_path / "annotations.xml").write_text(CVAT)
    found, bad = read(tmp_path, detect_format(tmp_path))
    first, second, none = found["images/train/a.jpg"], found["images/b.jpg"], found["none.jpg"]
    assert not bad
    assert [(plate.bbox, plate.text) for plate in first.plates] == [((20, 10, 60, 20), "KL 65 A1")]
    assert (first.split, first.other_objects, first.claimed_size) == ("train", 1, (200, 100))
    assert first.origin == "annotations.xml, line 5"
    # 60 x 20 about its middle (50, 20): a quarter turn makes it 20 x 60 there.
    assert second.plates[0].bbox == pytest.approx((40, -10, 20, 60)) and second.plates[0].text is None
    assert (second.plates[1].bbox, second.plates[1].text) == ((4, 6, 46, 14), "X1")
    assert (second.split, none.split, none.plates) == ("val", None, ())


def test_cvat_names_each_bad_image_and_where_a_file_breaks_off(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg")
    (tmp_path / "annotations.xml").write_text(
        '<annotations><image name=""/><image name="x.jpg"><box label="plate" xtl="a" ytl="1" xbr="2" ybr="3"/></image>'
        '<image name="y.jpg"><polygon label="plate" points="1,2;3"/></image>'
        '<image name="z.jpg"><box label="plate" xtl="1" ytl="1" xbr="2" ybr="3" rotation="inf"/></image>'
        '<image name="a.jpg"><box label="plate" xtl="1" ytl="1" xbr="20" ybr="9"/></image><image name="cut'
    )
    found, rejected = read(tmp_path, "cvat")
    assert list(found) == ["a.jpg"]
    assert [reason for _, reason in rejected[:-1]] == [
        "an image has no name",
        "'a' is no number",
        "a polygon's points are not three or more pairs 'x,y;x,y;...'",
        "rotation is no finite number",
    ]
    assert rejected[-1][1].startswith("not readable as XML")
    (tmp_path / "annotations.xml").write_text(
        '<!DOCTYPE a [<!ENTITY b "c">]><annotations><image name="a.jpg"/></annotations>'
    )
    assert read(tmp_path, "cvat") == ({}, [])


def test_data_check_reads_both(tmp_path: Path) -> None:
    touch(tmp_path / "ls", "images/a.jpg")
    export(tmp_path / "ls", task("/data/upload/1/0a1b2c3d-a.jpg", region("r")))
    touch(tmp_path / "cvat", "images/train/a.jpg", "images/b.jpg", "images/none.jpg")
    (tmp_path / "cvat" / "annotations.xml").write_text(CVAT)
    for name in ("ls", "cvat"):
        report = check_dataset(tmp_path / name, None)
        assert report.ok, report.text()
