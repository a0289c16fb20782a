"""`lpr evaluate` on photos whose readings are known, so that every figure can be computed by hand."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from PIL import Image

from lpr.assessment.errors import character_errors, kind_of
from lpr.assessment.folder import Dataset
from lpr.assessment.report import to_markdown
from lpr.assessment.run import MATCH_IOU, Assessment, assess
from lpr.assessment.write import write_assessment
from lpr.base.errors import LprError
from lpr.data.annotations import Entry, Plate, read_entries, write_entries
from lpr.evaluation.evaluator import measure
from lpr.inference.recognizer import LicensePlateRecognizer
from lpr.metrics.counts import rounded
from tests.assessment.conftest import BOX, photo, plate

SURE = 1 / (1 + 2.718281828459045**-6)
"""The hand-made OCR's probability of each character, 0.9975."""


@pytest.fixture(scope="module")
def reader(hand_made: Path) -> LicensePlateRecognizer:
    return LicensePlateRecognizer(hand_made, threads=1)


@pytest.fixture
def run(reader: LicensePlateRecognizer, hand_made: Path):
    def measure_folder(folder: Path, *arguments, **keywords) -> tuple[Assessment, Dataset]:
        dataset = Dataset(folder, *arguments, **keywords)
        return assess(reader, hand_made, dataset), dataset

    return measure_folder


@pytest.fixture
def eight(own) -> Path:
    """What is read and what is true: right, a missing and a wrong character, swapped, nothing read, not found, a false
    reading, and a plate that nobody could read."""
    return own(
        {
            "a.png": ("AB", [plate("AB")]),
            "b.png": ("A", [plate("AB")]),
            "c.png": ("AB", [plate("A8")]),
            "d.png": ("AB", [plate("BA", 2)]),
            "e.png": ("", [plate("AB")]),
            "f.png": (None, [plate("AB")]),
            "g.png": ("AB", []),
            "h.png": ("AB", [plate(None)]),
        }
    )


def test_every_figure_by_hand(eight: Path, run) -> None:
    record = run(eight)[0].record
    e2e = record["end_to_end"]
    assert (e2e["right"], e2e["total"]) == (1, 6)
    assert (e2e["one_line"]["total"], e2e["two_line"]["right"], e2e["two_line"]["total"]) == (5, 0, 1)
    assert record["false_readings"] == {"photos": 1, "photos_read": 1, "readings": 1}
    # Seven true plates, of which f is not found; the false one in g.
    large = record["detection_large"]
    assert (large["plates"], large["recall"], large["precision"]) == (7, round(6 / 7, 4), round(6 / 7, 4))
    reading = record["reading"]
    assert (reading["right"], reading["plates"], reading["two_line"]["right"]) == (1, 6, 0)
    assert record["reading_on"] == "boxes in the photos"
    # In order a to f: right, 1 of 2, 1 of 2, two changes of 2, nothing of 2 twice.
    assert reading["character_accuracy"] == pytest.approx((1 + 0.5 + 0.5) / 6, abs=1e-4)
    assert reading["length_accuracy"] == pytest.approx(3 / 6)
    # Four surely read, one of them right; two of which nothing is read, with confidence 0.
    assert record["calibration"]["ece"] == pytest.approx((SURE - 0.25) * 4 / 6, abs=1e-4)
    assert record["calibration_end_to_end"]["ece"] == pytest.approx(SURE - 0.25, abs=1e-4)
    assert record["calibration_end_to_end"]["plates"] == 4
    assert [(b["count"], b["accuracy"]) for b in record["reliability"] if b["count"]] == [(2, 0.0), (4, 0.25)]


def test_errors_are_counted_by_kind_and_by_character(eight: Path, run) -> None:
    errors = run(eight)[0].record["errors"]
    characters = {"8/B": 1, "missing B": 1, "order": 1}
    assert errors["end_to_end"] == {
        "wrong": 5,
        "plates": {"plate not found": 2, "characters missing": 1, "one character wrong": 1, "order": 1},
        "characters": characters,
    }
    assert errors["true_crops"] == {
        "wrong": 5,
        "plates": {"nothing read": 2, "characters missing": 1, "one character wrong": 1, "order": 1},
        "characters": characters,
    }


@pytest.mark.parametrize(
    ("truth", "read", "kind", "characters"),
    [
        ("KL65", "KL6S", "one character wrong", ["5/S"]),
        ("KL65", "XL6S", "several characters wrong", ["K/X", "5/S"]),
        ("B8", "88", "one character wrong", ["8/B"]),
        ("8B", "BB", "one character wrong", ["8/B"]),
        ("AB12", "12AB", "order", ["order"]),
        ("AB12", "AB1", "characters missing", ["missing 2"]),
        ("AB12", "IAB12", "extra characters", ["extra I"]),
        ("AB12", "IAB13", "mixed", ["extra I", "2/3"]),
        ("AB", "", "nothing read", ["missing A", "missing B"]),
    ],
)
def test_kinds_of_errors(truth: str, read: str, kind: str, characters: list[str]) -> None:
    assert kind_of(truth, read) == kind
    assert character_errors(truth, read) == characters


def test_crops_of_the_originals_are_what_reading_is_measured_on(own, run) -> None:
    folder = own({"a.png": ("", [plate("AB")]), "b.png": ("", [plate("AB")])})
    (folder / "crops" / "test").mkdir(parents=True)
    rows = ["image_path,plate_text,lines,source,x,y,width,height"]
    for name, read, truth in (("a", "AB", "AB"), ("b", "A", "A"), ("c", "A", "AB")):
        photo(read).save(folder / "crops" / "test" / f"{name}.png")
        rows.append(f"crops/test/{name}.png,{truth},1,{'near' if name == 'a' else 'far'},{','.join(map(str, BOX))}")
    rows.append("crops/train/z.png,AB,1,far,0,0,10,10")  # of another split: neither measured nor missed
    (folder / "crops.csv").write_text("\n".join(rows) + "\n")
    (folder / "ledger.csv").write_text("image,split,source,original\na.png,test,near,x\nb.png,test,far,y\n")
    record = run(folder)[0].record
    assert record["reading_on"] == "crops of the originals, crops.csv"
    assert (record["reading"]["right"], record["reading"]["plates"]) == (2, 3)
    sources = record["reading"]["sources"]
    assert {name: (s["right"], s["plates"]) for name, s in sources.items()} == {"near": (1, 1), "far": (1, 2)}
    ends = record["end_to_end"]["sources"]
    assert {name: (s["right"], s["total"]) for name, s in ends.items()} == {"near": (0, 1), "far": (0, 1)}
    # Crops are not searched for plates: detection is of the two photos.
    assert (record["detection"]["photos"], record["data"]["images"], record["data"]["crops"]) == (2, 2, 3)
    assert record["data"]["rejected"] == {}


def test_a_folder_of_the_pipeline_gives_the_metrics_of_evaluate(
    tmp_path: Path, reader: LicensePlateRecognizer, run
) -> None:
    images = tmp_path / "data" / "images" / "test"
    images.mkdir(parents=True)
    box = tuple(map(float, BOX))
    entries = [
        Entry("a.png", (Plate(box, "AB", 1),), source="near"),
        Entry("b.png", (Plate(box, "A", 2),), source="far", use="reading"),
        Entry("c.png", (Plate(box, "AB", 1),), source="far", use="detection"),
        Entry("d.png", text="AB", lines=1, source="near", use="reading"),
        Entry("e.png", (), source="far"),
    ]
    for entry, read in zip(entries, ("AB", "AB", None, "AB", "A"), strict=True):
        photo(read).save(images / entry.name)
    for split in ("train", "val", "test"):
        write_entries(tmp_path / "data" / "annotations" / f"{split}.json", entries if split == "test" else [])
    (tmp_path / "data" / "manifest.json").write_text("{}")
    annotations = tmp_path / "data" / "annotations" / "test.json"
    expected = rounded(measure(reader, images, read_entries(annotations), MATCH_IOU).summary())
    record = run(tmp_path / "data")[0].record
    names = ("end_to_end", "detection", "detection_large", "reading", "calibration", "false_readings")
    assert {name: record[name] for name in names} == {name: expected[name] for name in names}
    assert record["data"]["images"] == expected["images"] == 5
    assert expected["end_to_end"]["total"] == 1 and expected["detection"]["photos"] == 3


def test_openalpr_folders_are_sources_and_need_no_split(tmp_path: Path, run) -> None:
    for country, read in (("eu", "AB"), ("br", "A")):
        (tmp_path / "sets" / country).mkdir(parents=True)
        photo(read).save(tmp_path / "sets" / country / "1.png")
        line = "\t".join(["1.png", *map(str, BOX), "AB"])
        (tmp_path / "sets" / country / "1.txt").write_text(line + "\n")
    result, dataset = run(tmp_path / "sets")
    assert (dataset.format, dataset.split) == ("openalpr", None)
    ends = result.record["end_to_end"]["sources"]
    assert {name: (s["right"], s["total"]) for name, s in ends.items()} == {"br": (0, 1), "eu": (1, 1)}
    with pytest.raises(LprError, match="split test; it has no splits"):
        Dataset(tmp_path / "sets", split="test")


def test_rendered_crops_are_read_as_the_recogniser_reads_them(
    tmp_path: Path, reader: LicensePlateRecognizer, run
) -> None:
    from lpr.synthetic import Renderer

    rows, right = ["image_path,plate_text"], 0
    for index in range(6):
        rendered = Renderer("legible", 3).crop(index)
        image = Image.fromarray(rendered.image)
        image.save(tmp_path / f"{index}.png")
        (reading,) = reader.read_boxes([(image, (0.0, 0.0, float(image.width), float(image.height)))])
        truth = reading.text if index % 2 and reading.text else rendered.plates[0].text
        right += truth == reading.text
        rows.append(f"{index}.png,{truth}")
    (tmp_path / "plates.csv").write_text("\n".join(rows) + "\n")
    record = run(tmp_path)[0].record
    assert (record["reading"]["right"], record["reading"]["plates"]) == (right, 6)
    assert record["detection"] is None and record["end_to_end"] is None
    assert "true crops" in to_markdown(record)


def test_what_cannot_be_measured_is_told_and_the_rest_is_measured(eight: Path, run) -> None:
    (eight / "images" / "test" / "a.png").unlink()
    (eight / "images" / "test" / "b.png").write_bytes(b"broken")
    annotations = json.loads((eight / "annotations" / "test.json").read_text())
    annotations["c.png"]["plates"][0]["bbox"] = [500, 500, 10, 10]
    annotations["d.png"]["plates"][0]["text"] = "ÄÖ"
    (eight / "annotations" / "test.json").write_text(json.dumps(annotations))
    record = run(eight)[0].record
    assert record["end_to_end"]["total"] == 2 and record["data"]["images"] == 5
    rejected = record["data"]["rejected"]
    assert rejected["entry without an image"] == rejected["not readable as an image"] == 1
    assert rejected["plate: box lies outside the image"] == 1
    assert "Not measured: " in to_markdown(record)


def test_folders_that_cannot_be_measured_are_errors(eight: Path, tmp_path: Path, run) -> None:
    with pytest.raises(LprError, match="nowhere: no such folder"):
        Dataset(tmp_path / "nowhere")
    with pytest.raises(LprError, match="a file, not a folder"):
        Dataset(eight / "annotations" / "test.json")
    with pytest.raises(LprError, match=r"in the split val; it has test; choose with --split"):
        Dataset(eight, split="val")
    with pytest.raises(LprError, match="in format voc"):
        Dataset(eight, "voc")
    (tmp_path / "empty").mkdir()
    with pytest.raises(LprError, match="no annotations found"):
        Dataset(tmp_path / "empty")
    for image in (eight / "images" / "test").iterdir():
        image.unlink()
    with pytest.raises(LprError, match=r"no image could be used: entry without an image \(8\)"):
        run(eight)


def test_the_fingerprint_follows_pixels_and_labels(eight: Path, run) -> None:
    def fingerprint() -> str:
        return run(eight)[0].record["data"]["fingerprint"]

    first = fingerprint()
    assert fingerprint() == first
    photo("A").save(eight / "images" / "test" / "a.png")
    second = fingerprint()
    annotations = (eight / "annotations" / "test.json").read_text()
    (eight / "annotations" / "test.json").write_text(annotations.replace("A8", "A9"))
    assert len({first, second, fingerprint()}) == 3


def test_report_readings_and_pictures_of_the_errors_are_written(eight: Path, tmp_path: Path, run) -> None:
    result, dataset = run(eight)
    out = tmp_path / "out"
    out.mkdir()
    (out / "misread-7.jpg").write_bytes(b"of an earlier evaluation")
    page, *sheets = write_assessment(result, dataset, out)
    assert page.name == "report.html"
    assert [path.name for path in sheets] == [
        "misread_crops-1.jpg", "misread-1.jpg", "missed-1.jpg", "false_readings-1.jpg"
    ]  # fmt: skip
    assert {path.name for path in out.iterdir()} == {
        "evaluation.json", "evaluation.md", "report.html", "readings.csv", *(path.name for path in sheets)
    }  # fmt: skip
    assert json.loads((out / "evaluation.json").read_text()) == result.record
    said = (out / "evaluation.md").read_text()
    assert "| end to end, strict | 0.167 (1/6) [0.030, 0.564] |" in said
    # All plates are as wide; seven of them have a box, six a text too.
    assert re.search(r"\| 64 to 128 px \| 0\.714 \(5/7\) .* \| 0\.167 \(1/6\) .* \| 0\.167 \(1/6\) ", said)
    verdicts = [row["verdict"] for row in csv.DictReader((out / "readings.csv").open())]
    assert verdicts == ["right", "wrong", "wrong", "wrong", "missed", "missed", "unlabelled"]
    # Five wrong crops need two rows of four, three misread plates one.
    assert [Image.open(path).height for path in sheets] == [2 * 142, 142, 142, 142]
    with pytest.raises(LprError, match="the measured folder"):
        write_assessment(result, dataset, eight)


def test_captions_say_what_is_true_and_what_was_read(eight: Path, run) -> None:
    from lpr.evaluation.report.pictures import caption

    rows = run(eight)[0].photos.rows
    assert [caption(row) for row in rows] == [
        "AB > AB 1.00", "AB > A 1.00", "A8 > AB 1.00", "BA > AB 1.00", "AB > missed", "AB > missed", "? > AB 1.00"
    ]  # fmt: skip
