"""Each annotation format, from files as their tools write them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from lpr.base.errors import LprError
from lpr.fetching.formats import detect_format, read_entries
from lpr.fetching.formats.json_stream import iter_members
from lpr.fetching.formats.paths import climbs_out
from lpr.fetching.formats.raw import Raw, RawEntry, RawRejection
from lpr.fetching.formats.words import split_of


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (100, 50)).save(path)


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def entries(folder: Path, format_name: str) -> dict[str, RawEntry]:
    return {raw.image: raw for raw in read_entries(folder, format_name) if isinstance(raw, RawEntry)}


def rejections(folder: Path, format_name: str) -> list[tuple[str, str, str]]:
    raws: list[Raw] = list(read_entries(folder, format_name))
    return [(raw.file, raw.entry, raw.reason) for raw in raws if isinstance(raw, RawRejection)]


# the project's own format


def test_own_format_keeps_split_plates_and_crops(tmp_path: Path) -> None:
    touch(tmp_path, "images/train/a.jpg", "images/val/b.jpg")
    write(
        tmp_path,
        "annotations/train.json",
        '{"a.jpg": {"plates": [{"bbox": [1, 2, 30, 10.5], "text": "AB1", "lines": 2}, {"bbox": [0, 0, 9, 9]}]}}',
    )
    write(tmp_path, "annotations/val.json", '{\n"b.jpg": {"text": "kl 65"},\n"c.jpg": {"plates": []}}')
    found = entries(tmp_path, "own")
    first, second = found["images/train/a.jpg"].plates
    assert (first.bbox, first.text, first.lines) == ((1, 2, 30, 10.5), "AB1", 2)
    assert (second.bbox, second.text) == ((0, 0, 9, 9), None)
    assert found["images/train/a.jpg"].split == "train"
    crop = found["images/val/b.jpg"]
    assert (crop.plates[0].bbox, crop.plates[0].text, crop.split) == (None, "kl 65", "val")
    assert crop.origin == "annotations/val.json, line 2"
    assert found["images/val/c.jpg"].plates == ()  # not there; that is for the checks to say


def test_own_format_says_what_an_image_is_for(tmp_path: Path) -> None:
    values = {
        "a.jpg": {"plates": [], "use": "detection"},
        "b.jpg": {"plates": [{"bbox": [1, 2, 3, 4], "text": "AB1"}], "use": "reading"},
        "c.jpg": {"plates": []},
        "d.jpg": {"plates": [], "use": "training"},
        "e.jpg": {"plates": [], "use": ["both"]},
    }
    write(tmp_path, "annotations/train.json", json.dumps(values))
    assert {name[-5:]: entry.use for name, entry in entries(tmp_path, "own").items()} == {
        "a.jpg": "detection",
        "b.jpg": "reading",
        "c.jpg": None,
    }
    assert {reason for _, _, reason in rejections(tmp_path, "own")} == {"use is none of detection, reading, both"}


def test_own_short_forms_in_one_entry(tmp_path: Path) -> None:
    touch(tmp_path, "images/train/a.jpg")
    write(
        tmp_path,
        "annotations/train.json",
        '{"a.jpg": {"bbox": [1, 2, 3, 4], "confidence": 1.0, "text": "X1"},'
        ' "none.jpg": {"bbox": [0, 0, 0, 0], "confidence": 0.0}}',
    )
    found = entries(tmp_path, "own")
    assert [(p.bbox, p.text) for p in found["images/train/a.jpg"].plates] == [((1, 2, 3, 4), "X1")]
    assert found["images/train/none.jpg"].plates == ()


@pytest.mark.parametrize("names", [("train_boxes.json", "train_text.json"), ("detector/train.json", "ocr/train.json")])
def test_own_short_forms_in_two_files_are_one_entry(tmp_path: Path, names: tuple[str, str]) -> None:
    touch(tmp_path, "images/train/a.jpg", "images/train/b.jpg")
    write(tmp_path, f"annotations/{names[0]}", '{"a.jpg": {"bbox": [1, 2, 3, 4], "confidence": 1.0}}')
    write(tmp_path, f"annotations/{names[1]}", '{"b.jpg": {"text": "B2"}, "a.jpg": {"text": "ABC1234"}}')
    found = entries(tmp_path, "own")
    assert [(p.bbox, p.text) for p in found["images/train/a.jpg"].plates] == [((1, 2, 3, 4), "ABC1234")]
    assert [(p.bbox, p.text) for p in found["images/train/b.jpg"].plates] == [(None, "B2")]
    assert {raw.split for raw in found.values()} == {"train"}


def test_own_format_names_each_bad_entry_and_goes_on(tmp_path: Path) -> None:
    touch(tmp_path, "images/train/good.jpg")
    write(
        tmp_path,
        "annotations/train.json",
        '{"a": 3, "b": {"plates": 1}, "c": {"bbox": [1, 2, 3]}, "d": {"bbox": ["x", 2, 3, 4]}, "e": {},\n'
        '"f": {"plates": [{"text": "A"}]}, "g": {"text": ["A"]}, "good.jpg": {"plates": []}}',
    )
    at = "annotations/train.json, line {}"
    assert rejections(tmp_path, "own") == [
        (at.format(1), "a", "entry is not an object"),
        (at.format(1), "b", "plates is not a list"),
        (at.format(1), "c", "box is not a list of four numbers"),
        (at.format(1), "d", "'x' is no number"),
        (at.format(1), "e", "entry has none of plates, bbox and text"),
        (at.format(2), "f", "a plate has no bbox"),
        (at.format(2), "g", "text is neither a string nor null"),
    ]
    assert list(entries(tmp_path, "own")) == ["images/train/good.jpg"]


@pytest.mark.parametrize("text", ["", "[1]", '{"a": ', '{"a": {}', "\xff", '{"a": {} "b"}', '{"a": ' + "[" * 100_000])
def test_broken_json_is_an_error_that_names_the_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "annotations").mkdir()
    (tmp_path / "annotations" / "train.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(LprError, match=r"train\.json, line 1, column \d+: not readable as JSON"):
        list(read_entries(tmp_path, "own"))


@pytest.mark.parametrize("block", [1, 2, 7, 1 << 16])
def test_broken_json_names_line_and_column(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr("lpr.fetching.formats.json_stream._BLOCK", block)
    write(tmp_path, "annotations/train.json", '{"a.jpg": {"plates": []},\n "b.jpg": {"plates": [\n  oops]}}')
    with pytest.raises(LprError, match=r"train\.json, line 3, column 3: not readable as JSON: Expecting value"):
        list(read_entries(tmp_path, "own"))
    write(tmp_path, "annotations/train.json", '{"a.jpg": {"plates": []},\n "b.jpg" {"plates": []}}')
    with pytest.raises(LprError, match=r"line 2, column 10: .* expected :, found \{"):
        list(read_entries(tmp_path, "own"))


def test_streamed_json_equals_json_at_every_block_boundary(tmp_path: Path) -> None:
    value = {f"k{i}": {"n": [i, -1.5e3, True, None], "s": 'ä€\\"}' * (i % 7)} for i in range(3000)}
    value["long"] = {"s": "x" * 300_000}
    path = tmp_path / "large.json"
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False), encoding="utf-8")
    assert {key: item for key, item, _ in iter_members(path)} == value
    lists = tmp_path / "lists.json"
    lists.write_text('{"a": [1, [2], {"b": 3}], "e": [], "n": 12345}', encoding="utf-8")
    assert [(key, item) for key, item, _ in iter_members(lists, elements=True)] == [
        ("a", 1),
        ("a", [2]),
        ("a", {"b": 3}),
        ("n", 12345),
    ]


# Pascal VOC

_VOC = """<annotation><folder>images</folder><filename>{name}</filename>
<size><width>{w}</width><height>{h}</height><depth>3</depth></size>{objects}</annotation>"""
_OBJECT = """<object><name>{name}</name><bndbox><xmin>{0}</xmin><ymin>{1}</ymin><xmax>{2}</xmax><ymax>{3}</ymax>
</bndbox></object>"""


def voc_object(*box: float | str, name: str = "licence") -> str:
    return _OBJECT.format(*box, name=name)


def test_voc_reads_float_boxes_several_objects_and_odd_names(tmp_path: Path) -> None:
    touch(tmp_path, "images/a.png")
    objects = (
        voc_object(10.5, 5, 40, 15.25)
        + voc_object(1, 2, 3, 4, name="number_plate")
        + voc_object(0, 0, 99, 49, name="car")
    )
    write(tmp_path, "annotations/a.xml", _VOC.format(name="a.png", w=999, h=1, objects=objects))
    raw = entries(tmp_path, "voc")["images/a.png"]
    assert [plate.bbox for plate in raw.plates] == [(10.5, 5, 29.5, 10.25), (1, 2, 2, 2)]
    assert (raw.other_objects, raw.claimed_size, raw.split) == (1, (999, 1), None)


def test_voc_believes_its_own_name_before_a_stale_filename(tmp_path: Path) -> None:
    touch(tmp_path, "JPEGImages/a.jpg", "JPEGImages/b.jpg")
    write(tmp_path, "Annotations/a.xml", _VOC.format(name="b.jpg", w=1, h=1, objects=""))
    assert list(entries(tmp_path, "voc")) == ["JPEGImages/a.jpg"]


def test_voc_splits_from_image_sets_and_from_folders(tmp_path: Path) -> None:
    touch(tmp_path, "train/a.jpg", "JPEGImages/b.jpg")
    write(tmp_path, "train/a.xml", _VOC.format(name="a.jpg", w=1, h=1, objects=""))
    write(tmp_path, "Annotations/b.xml", _VOC.format(name="b.jpg", w=1, h=1, objects=""))
    write(tmp_path, "ImageSets/Main/val.txt", "b\n")
    found = entries(tmp_path, "voc")
    assert (found["train/a.jpg"].split, found["JPEGImages/b.jpg"].split) == ("train", "val")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><annotation>&x;</annotation>', "document type"),
        ('<!DOCTYPE a [<!ENTITY x "yy"><!ENTITY z "&x;&x;">]><annotation>&z;</annotation>', "document type"),
        ("<annotation>&undefined;</annotation>", "not readable as XML"),
        ("<annotation>", "not readable as XML"),
        ("", "not readable as XML"),
        ("<html/>", "root element is <html>"),
        ("<annotation><object><name>plate</name></object></annotation>", "no bndbox"),
        (f"<annotation>{voc_object('a', 1, 2, 3)}</annotation>", "'a' is no number"),
        (f"<annotation>{' ' * (1 << 20)}</annotation>", "larger than 1 MiB"),
    ],
)
def test_voc_rejects_hostile_and_broken_xml(tmp_path: Path, text: str, reason: str) -> None:
    write(tmp_path, "a.xml", text)
    ((file, _, found),) = rejections(tmp_path, "voc")
    assert file == "a.xml" and reason in found


# YOLO


def test_yolo_without_yaml_takes_splits_from_folders(tmp_path: Path) -> None:
    touch(tmp_path, "images/train/a.jpg", "images/val/b.png", "images/val/c.jpg")
    write(tmp_path, "labels/train/a.txt", "0 0.5 0.5 0.2 0.1\n0 0.25 0.5 0.5 1 0.93\n")
    write(tmp_path, "labels/val/b.txt", "")
    found = entries(tmp_path, "yolo")
    raw = found["images/train/a.jpg"]
    assert raw.fractions and raw.split == "train"
    assert raw.plates[0].bbox == pytest.approx((0.4, 0.45, 0.2, 0.1))
    assert raw.plates[1].bbox == pytest.approx((0, 0, 0.5, 1))
    assert (found["images/val/b.png"].plates, found["images/val/b.png"].split) == ((), "val")
    assert "images/val/c.jpg" not in found


def test_yolo_with_yaml_takes_its_splits_and_leaves_other_classes_out(tmp_path: Path) -> None:
    touch(tmp_path, "one/images/a.jpg", "two/images/b.jpg")
    write(tmp_path, "one/labels/a.txt", "0 0.5 0.5 1 1\n1 0.5 0.5 0.2 0.1\n")
    write(tmp_path, "two/labels/b.txt", "1 0.1 0.1 0.3 0.1 0.3 0.3 0.1 0.2")
    write(tmp_path, "data.yaml", "names: [car, license-plate]\ntrain: ../one/images\nval: /somewhere/two/images\n")
    found = entries(tmp_path, "yolo")
    assert (found["one/images/a.jpg"].split, found["two/images/b.jpg"].split) == ("train", "val")
    assert (len(found["one/images/a.jpg"].plates), found["one/images/a.jpg"].other_objects) == (1, 1)
    assert found["two/images/b.jpg"].plates[0].bbox == pytest.approx((0.1, 0.1, 0.2, 0.2))


def test_yolo_reports_broken_lines(tmp_path: Path) -> None:
    touch(tmp_path, "images/a.jpg", "images/b.jpg")
    write(tmp_path, "labels/a.txt", "0 0.5 0.5 0.1 0.1\n0 0.5 plate 1 1")
    write(tmp_path, "labels/b.txt", "0 0.5 0.5 1")
    assert rejections(tmp_path, "yolo") == [
        ("labels/a.txt", "", "line 2: 'plate' is no number"),
        ("labels/b.txt", "", "line 1: 4 numbers where class, cx, cy, width and height are expected"),
    ]


def test_yolo_yaml_that_is_none_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, "data.yaml", "names: [a\n")
    with pytest.raises(LprError, match=r"data\.yaml: not readable as YAML"):
        list(read_entries(tmp_path, "yolo"))


# COCO


def test_coco_joins_images_annotations_and_categories(tmp_path: Path) -> None:
    touch(tmp_path, "train/a.jpg", "train/b.jpg")
    document = {
        "annotations": [
            {"image_id": 7, "category_id": 1, "bbox": [1, 2, 3, 4], "attributes": {"text": "AB 12"}},
            {"image_id": 7, "category_id": 2, "bbox": [0, 0, 90, 40]},
            {"image_id": 99, "category_id": 1, "bbox": [1, 2, 3, 4]},
            {"image_id": 8},
        ],
        "images": [
            {"id": 7, "file_name": "a.jpg", "width": 100, "height": 50},
            {"id": 8, "file_name": "b.jpg"},
            {"file_name": "no-id.jpg"},
        ],
        "categories": [{"id": 1, "name": "license_plate"}, {"id": 2, "name": "car"}],
        "info": {"year": 2020},
    }
    write(tmp_path, "train/_annotations.coco.json", json.dumps(document))
    found = entries(tmp_path, "coco")
    raw = found["train/a.jpg"]
    assert [(p.bbox, p.text) for p in raw.plates] == [((1, 2, 3, 4), "AB 12")]
    assert (raw.split, raw.other_objects, raw.claimed_size) == ("train", 1, (100, 50))
    assert found["train/b.jpg"].plates == ()
    assert sorted(reason for _, _, reason in rejections(tmp_path, "coco")) == [
        "1 annotations of image id 99, which is not listed",
        "an element of annotations has no bbox",
        "an element of images has no id",
    ]


# CSV of crops


def test_csv_of_whole_crops(tmp_path: Path) -> None:
    touch(tmp_path, "crops/train/a.jpg", "b.jpg")
    write(tmp_path, "crops.csv", "\ufeffimage_path,plate_text\ncrops/train/a.jpg,AB-12\n,X\nb.jpg,\n")
    found = entries(tmp_path, "csv")
    assert [(p.bbox, p.text) for p in found["crops/train/a.jpg"].plates] == [(None, "AB-12")]
    assert (found["crops/train/a.jpg"].split, found["b.jpg"].split) == ("train", None)
    assert found["b.jpg"].plates[0].text == ""
    assert rejections(tmp_path, "csv") == [("crops.csv", "line 3", "image_path is empty")]


def test_csv_with_boxes_splits_lines_and_several_plates(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", "b.jpg", "c.jpg")
    rows = ["image_path;plate_text;lines;source;x;y;width;height;split", "a.jpg;A1;1;s;1.5;2;3;4;valid"]
    rows += [
        "b.jpg;B1;2;s;1;2;3;4;test",
        "a.jpg;A2;;s;5;6;7;8;valid",
        "c.jpg;C;1;s;1;;3;4;train",
        "c.jpg;C;1;s;1;q;3;4;",
    ]
    write(tmp_path, "table.csv", "\n".join(rows))
    found = entries(tmp_path, "csv")
    plates = found["a.jpg"].plates
    assert [(p.bbox, p.text, p.lines) for p in plates] == [((1.5, 2, 3, 4), "A1", 1), ((5, 6, 7, 8), "A2", None)]
    assert (found["a.jpg"].split, found["b.jpg"].split, found["b.jpg"].plates[0].lines) == ("val", "test", 2)
    assert rejections(tmp_path, "csv") == [
        ("table.csv", "line 5: c.jpg", "box columns are only partly filled"),
        ("table.csv", "line 6: c.jpg", "'q' is no number"),
    ]


def test_csv_with_two_texts_for_one_crop_is_rejected(tmp_path: Path) -> None:
    write(tmp_path, "t.csv", "image_path,plate_text\na.jpg,A\na.jpg,B\n")
    assert rejections(tmp_path, "csv") == [("t.csv", "a.jpg", "2 rows for one image need boxes (lines 2, 3)")]


# OpenALPR


def test_openalpr_reads_a_line_a_plate(tmp_path: Path) -> None:
    touch(tmp_path, "eu/a.jpg", "eu/b.jpg")
    write(tmp_path, "eu/a.txt", "a.jpg\t10\t20\t30\t8\tRK099AN\na.jpg\t1\t2\t3\t4\tX Y\n")
    write(tmp_path, "eu/b.txt", "b.jpg\t10\t20\t30\t8\nb.jpg\t10\n")
    write(tmp_path, "README.txt", "some words")
    found = entries(tmp_path, "openalpr")
    plates = found["eu/a.jpg"].plates
    assert [(p.bbox, p.text) for p in plates] == [((10, 20, 30, 8), "RK099AN"), ((1, 2, 3, 4), "X Y")]
    assert found["eu/b.jpg"].plates[0].text is None
    ((file, entry, reason),) = rejections(tmp_path, "openalpr")
    assert (file, entry) == ("eu/b.txt", "line 2") and reason.startswith("2 fields between tabs")


# finding out


def test_format_is_found_and_own_wins_over_a_table_beside_it(tmp_path: Path) -> None:
    samples = {
        "own": ("annotations/train.json", '{"a.jpg": {"plates": []}}'),
        "coco": ("annotations/instances_train2017.json", '{"images": [{"id": 1}], "annotations": [{}]}'),
        "label_studio": ("export.json", '[{"id": 1, "data": {"image": "a.jpg"}, "annotations": []}]'),
        "cvat": ("annotations.xml", "<annotations><version>1.1</version></annotations>"),
        "voc": ("xml/a.xml", "<annotation/>"),
        "openalpr": ("a.txt", "a.jpg\t1\t2\t3\t4\tABC"),
        "yolo": ("labels/a.txt", "0 0.5 0.5 0.1 0.1"),
        "csv": ("crops.csv", "image_path,plate_text\n"),
    }
    for name, (file, text) in samples.items():
        write(tmp_path / name, file, text)
    for name in samples:
        assert detect_format(tmp_path / name) == name
    write(tmp_path / "own", "crops.csv", "image_path,plate_text\n")
    assert detect_format(tmp_path / "own") == "own"


def test_unknown_format_says_what_is_there(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", "b.jpg")
    write(tmp_path, "notes.md", "hello")
    with pytest.raises(LprError, match=r"there are 2 \.jpg, 1 \.md\. Understood are: own"):
        detect_format(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(LprError, match="there are no files"):
        detect_format(tmp_path / "empty")


def test_split_words() -> None:
    assert split_of("annotations/train.json") == "train"
    assert split_of("instances_val2017.json") == "val"
    assert split_of("valid/_annotations.coco.json") == "val"
    assert split_of("test/labels/a.txt") == "test"
    assert split_of("latest/trainer.txt") is None


@pytest.mark.parametrize("path", ["../a.jpg", "a/../../b.jpg", "/etc/passwd", "..\\a.jpg", "C:\\a.jpg", "a\0.jpg"])
def test_paths_that_climb_out_are_known(path: str) -> None:
    assert climbs_out(path)


def test_paths_inside_are_left_alone() -> None:
    assert not any(map(climbs_out, ("a.jpg", "a/b.jpg", "a..b/c.jpg", "ä/ü.jpg")))


def test_a_folder_named_like_a_json_file_is_no_annotation_file(tmp_path: Path) -> None:
    (tmp_path / "notes.json").mkdir()
    (tmp_path / "train.json").write_text('{"a.jpg": {"plates": []}}')
    assert detect_format(tmp_path) == "own"
    assert entries(tmp_path, "own").keys() == {"images/train/a.jpg"}
