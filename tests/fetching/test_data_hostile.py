"""Annotation folders of anybody's: what cannot be meant is rejected with its reason, or one error names the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lpr.assessment.data_check import check_dataset
from lpr.assessment.folder import Dataset
from lpr.base.errors import LprError
from lpr.data.annotations import read_entries
from lpr.fetching.formats import detect_format
from lpr.fetching.formats import read_entries as read_raw
from lpr.fetching.formats.raw import RawRejection
from lpr.fetching.sources import expand_path
from tests.fetching.drawn_photos import save
from tests.fetching.fetch_run import Run

BOX = [20, 30, 60, 20]
GOOD = {"plates": [{"bbox": BOX, "text": "AB123"}]}


def own(folder: Path, text: str) -> Path:
    for number in range(2):
        save(folder / "images" / f"{number}.jpg", number)
    (folder / "annotations").mkdir()
    (folder / "annotations" / "train.json").write_text(text, "utf-8", "surrogatepass")
    return folder


def reasons(run: Run) -> str:
    return "\n".join(row[-1] for row in run.rejected())


@pytest.mark.parametrize("format", ["own", None])
def test_a_number_with_thousands_of_digits_names_the_line(tmp_path: Path, format: str | None) -> None:
    folder = own(tmp_path / "set", '{"0.jpg": {"plates": []},\n"1.jpg": {"bbox": [' + "9" * 5000 + "]}}")
    with pytest.raises(LprError, match=r"train\.json, line 2, column 10: not readable as JSON: a number has too many"):
        check_dataset(folder, format, workers=1)


@pytest.mark.parametrize("points", ["[[NaN, 1]]", "[[1, Infinity]]"])
def test_corners_that_are_no_numbers_reject_their_entry(run: Run, tmp_path: Path, points: str) -> None:
    bad = '{"plates": [{"bbox": [20, 30, 60, 20], "text": "AB12", "quad": ' + points + "}]}"
    run({"path": str(own(tmp_path / "set", '{"0.jpg": ' + json.dumps(GOOD) + ', "1.jpg": ' + bad + "}"))})
    assert "quad or centres has a value that is no finite number" in reasons(run)
    assert sum(len(split) for split in run.entries().values()) == 1


def test_corners_that_are_not_four_reject_their_entry(run: Run, tmp_path: Path) -> None:
    bad = '{"plates": [{"bbox": [20, 30, 60, 20], "text": "AB12", "quad": [[20, 30], [80, 30], [80, 50]]}]}'
    run({"path": str(own(tmp_path / "set", '{"0.jpg": ' + json.dumps(GOOD) + ', "1.jpg": ' + bad + "}"))})
    assert "quad has 3 points" in reasons(run)


@pytest.mark.parametrize("name", ["A" * 300 + ".jpg", "a/" * 3000 + "b.jpg", "\ud800.jpg"])
def test_a_name_that_no_file_can_have_is_an_entry_without_an_image(run: Run, tmp_path: Path, name: str) -> None:
    folder = own(tmp_path / "set", json.dumps({"0.jpg": GOOD, name: GOOD}))
    run({"path": str(folder)})
    assert "entry without an image" in reasons(run)
    assert any("without an image" in row[2] for row in check_dataset(folder, workers=1).rejections)
    part = Dataset(folder, split="all").photos
    assert len(list(part.images())) == 1 and part.rejections[0][1] == "entry without an image"


def test_deep_values_and_halves_of_characters_in_two_files_end_in_one_error_or_none(tmp_path: Path) -> None:
    folder = own(tmp_path / "set", json.dumps({"\ud800.jpg": GOOD, "0.jpg": GOOD}))
    (folder / "annotations" / "train_text.json").write_text('{"0.jpg": {"text": "AB1"}}')
    assert len(list(read_raw(folder, "own"))) == 2
    for depth in range(900, 1000, 3):  # about where what was just read cannot be written any more
        (folder / "annotations" / "train_text.json").write_text('{"0.jpg": ' + "[" * depth + "]" * depth + "}")
        try:
            list(read_raw(folder, "own"))
        except LprError as error:
            assert "nested too deeply" in str(error)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"categories": [{"id": [1], "name": "car"}]}, "id of an element of categories"),
        ({"annotations": [{"image_id": 1, "bbox": BOX, "category_id": {"a": 1}}]}, "category_id of an element"),
        ({"images": [{"id": [[1]], "file_name": "0.jpg"}]}, "id of an element of images"),
    ],
)
def test_coco_identities_that_are_none_are_rejected(tmp_path: Path, change: dict, where: str) -> None:
    value = {"images": [{"id": 1, "file_name": "0.jpg"}], "annotations": [{"image_id": 1, "bbox": BOX}], **change}
    (tmp_path / "train.json").write_text(json.dumps(value))
    found = [raw.reason for raw in read_raw(tmp_path, "coco") if isinstance(raw, RawRejection)]
    assert found and found[0].startswith(where)


def yolo(folder: Path, label: str, config: str = "names: [plate]") -> Path:
    save(folder / "images" / "a.jpg", 1)
    (folder / "labels").mkdir()
    (folder / "labels" / "a.txt").write_text(label)
    (folder / "data.yaml").write_text(config)
    return folder


@pytest.mark.parametrize("label", ["inf 0.5 0.5 0.1 0.1", "nan 0.5 0.5 0.1 0.1"])
def test_yolo_classes_that_are_no_numbers_are_no_labels(tmp_path: Path, label: str) -> None:
    with pytest.raises(LprError, match="no annotations found"):
        detect_format(yolo(tmp_path / "set", label))


def test_yolo_boxes_beyond_all_bounds_are_rejected(run: Run, tmp_path: Path) -> None:
    folder = yolo(tmp_path / "set", "0 0.5 0.5 0.2 0.2\n0 1e307 0.5 1e308 0.2\n0 -1e308 0.5 1e308 1e308\n")
    run({"path": str(folder)})
    assert "box has a value that is no finite number" in reasons(run)


@pytest.mark.parametrize("config", ["train: 5", "names: {²: car}\nval: [[1]]", "train: {a: b}"])
def test_yolo_settings_of_other_types_name_the_file(tmp_path: Path, config: str) -> None:
    with pytest.raises(LprError, match=r"data\.yaml"):
        list(read_raw(yolo(tmp_path / "set", "0 0.5 0.5 0.1 0.1", config), "yolo"))


def test_yolo_settings_with_odd_classes_and_long_paths_are_read(tmp_path: Path) -> None:
    config = "names: {²: car, 0: plate}\ntrain: '" + "x/" * 3000 + "images'\nval: " + "A" * 300
    (raw,) = read_raw(yolo(tmp_path / "set", "0 0.5 0.5 0.1 0.1", config), "yolo")
    assert (raw.split, len(raw.plates)) == ("train", 1)


def test_a_source_path_that_is_too_long_names_the_field() -> None:
    with pytest.raises(LprError, match=r"source mine: path is .*not the path of a folder"):
        expand_path("a" * 5000, "source mine: path")


@pytest.mark.parametrize(
    "line",
    [
        '"a.jpg": {"plates": [{"bbox": [' + "9" * 400 + ', 1, 2, 3], "text": null}]}',
        '"a.jpg": ' + "[" * 100_000,
        '"a.jpg": {"text": "\xff"}',
    ],
)
def test_entries_that_nobody_wrote_name_file_and_line(tmp_path: Path, line: str) -> None:
    (tmp_path / "train.json").write_bytes(b"{\n" + line.encode("latin-1") + b"\n}\n")
    with pytest.raises(LprError, match=r"train\.json, line 2"):
        list(read_entries(tmp_path / "train.json"))
