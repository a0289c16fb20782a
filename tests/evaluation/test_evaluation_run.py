from __future__ import annotations

import csv
import json
import math
import re

import numpy as np
import pytest
from PIL import Image

from lpr.base.errors import LprError
from lpr.data.annotations import Entry, Plate
from lpr.evaluation.evaluator import measure
from lpr.records.gates_file import failed, load_gates
from tests.evaluation.conftest import run


def test_metrics_of_four_images_by_hand(split, four):
    entries, reader = four
    metrics = json.loads((run(reader, split(entries)) / "details.json").read_text())
    e2e = metrics["end_to_end"]
    assert (e2e["right"], e2e["total"], e2e["accuracy"]) == (1, 2, 0.5)
    assert (e2e["folded"]["right"], e2e["public_rule_iou_over_40"]["right"]) == (2, 1)
    assert (e2e["one_line"]["right"], e2e["two_line"]["right"], e2e["two_line"]["total"]) == (1, 0, 1)
    assert {name: (count["right"], count["total"]) for name, count in e2e["sources"].items()} == {
        "near": (1, 1),
        "far": (0, 1),
    }
    # Scores .95 hit, .8 hit, .7 and .3 misses; the third plate is missed.
    assert metrics["detection"]["ap50"] == pytest.approx(2 / 3, abs=1e-4)
    assert metrics["detection"]["precision"] == pytest.approx(2 / 3, abs=1e-4)
    assert metrics["detection"]["recall"] == pytest.approx(2 / 3, abs=1e-4)
    assert metrics["detection"]["mean_iou"] == pytest.approx((79 / 81 + 40 / 44) / 2, abs=1e-4)
    # The missed plate is 6 of 200 pixels wide.
    assert (metrics["detection_large"]["plates"], metrics["detection_large"]["recall"]) == (2, 1)
    # AB123 right, XO77 folded right, KL65DKH one of seven missed.
    assert metrics["reading"]["plate_accuracy"] == pytest.approx(1 / 3, abs=1e-4)
    assert metrics["reading"]["plate_accuracy_folded"] == pytest.approx(2 / 3, abs=1e-4)
    assert metrics["reading"]["character_accuracy"] == pytest.approx((1 + 0.75 + 6 / 7) / 3, abs=1e-4)
    assert (metrics["reading"]["one_line"]["plates"], metrics["reading"]["two_line"]["plates"]) == (2, 1)
    assert metrics["calibration"]["ece"] == pytest.approx((0.01 + 0.7 + 0.8) / 3, abs=1e-4)
    assert metrics["false_readings"] == {"photos": 1, "photos_read": 1, "readings": 1}


def test_readings_hold_one_line_for_each_plate(split, four):
    entries, reader = four
    with (run(reader, split(entries)) / "readings.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    brief = [(r["image"], r["truth"], r["read"], r["verdict"], r["confidence"], r["iou"], r["kind"]) for r in rows]
    assert brief == [
        ("a.png", "AB123", "AB123", "right", "0.99", "0.9753", "photo"),
        ("b.png", "XO77", "X077", "wrong", "0.6", "0.9091", "photo"),
        ("b.png", "", "", "unlabelled", "", "", "photo"),
        ("d.png", "KL65DKH", "KL65DK", "wrong", "0.8", "", "crop"),
    ]
    assert [r["read_in_box"] for r in rows] == ["AB123", "X077", "", "KL65DK"]


def test_plots_can_be_drawn(split, four):
    entries, reader = four
    out = run(reader, split(entries))
    confusion = (out / "plots" / "confusion.csv").read_text().splitlines()
    assert confusion[0] == "actual,predicted"
    assert len(confusion) == 1 + 5 + 4 + 7
    assert "O,0" in confusion
    assert "H,none" in confusion
    curve = list(csv.DictReader((out / "plots" / "precision_recall.csv").open()))
    assert [row["precision"] for row in curve] == ["1.0", "1.0", "0.6667", "0.5"]
    large = list(csv.DictReader((out / "plots" / "precision_recall_large.csv").open()))
    assert [row["recall"] for row in large] == ["0.5", "1.0", "1.0", "1.0"]
    reliability = list(csv.DictReader((out / "plots" / "reliability.csv").open()))
    assert [(row["confidence"], row["accuracy"]) for row in reliability] == [
        ("0.7", "0.0"),
        ("0.8", "0.0"),
        ("0.99", "1.0"),
    ]
    with Image.open(out / "errors.jpg") as sheet:
        assert sheet.width == 960


def test_the_same_models_and_data_give_the_same_bytes(split, four):
    entries, reader = four
    data = split(entries)
    out = run(reader, data)
    timed = {"latency.json", "gates.json", "report.html"}
    first = {path: path.read_bytes() for path in out.rglob("*") if path.is_file() and path.name not in timed}
    run(reader, data)
    assert {path: path.read_bytes() for path in first} == first
    assert len(first) == 8
    for path in first:
        assert b"_ms" not in path.read_bytes()


def test_every_file_is_free_of_nan(split, four):
    entries, reader = four
    out = run(reader, split(entries))
    for path in out.glob("*.json"):
        text = path.read_text()
        assert not re.search(r"NaN|Infinity", text)
    latency = json.loads((out / "latency.json").read_text())
    assert latency["batch_ms"] > 0
    assert latency["photos"] == 3
    assert math.isclose(latency["batch_ms"], latency["detector_batch_ms"] + latency["ocr_batch_ms"], abs_tol=0.002)


def test_names_stay_where_there_is_nothing_to_measure(split, oracle, seen):
    data = split([Entry("c.png", text="AB1", use="reading")])
    reader = oracle(texts={(0, (0.0, 0.0, 200.0, 100.0)): seen(text="AB1", confidence=1.0)})
    metrics = json.loads((run(reader, data) / "details.json").read_text())
    assert metrics["end_to_end"] is None
    assert metrics["detection"] is None
    assert metrics["reading"]["plate_accuracy"] == 1
    assert metrics["reading"]["two_line"] is None


@pytest.mark.parametrize("fill", [float("nan"), 0.0])
def test_models_that_find_nothing_are_measured_and_fail(split, four, oracle, fill):
    entries, _ = four
    out = run(oracle(fill=fill), split(entries))
    metrics = json.loads((out / "details.json").read_text())
    assert metrics["end_to_end"]["accuracy"] == 0
    assert metrics["detection"]["ap50"] == 0
    assert metrics["detection"]["precision"] is None
    fallen = {gate.name for gate in failed(load_gates(out / "gates.json"))}
    assert {"end_to_end", "input_sensitivity", "model_kilobytes", "metadata_complete"} <= fallen
    assert ("repeatability" in fallen) == math.isnan(fill)
    assert "gates fail" in (out / "report.html").read_text()


def test_models_that_find_nan_are_measured_and_fail(split, four, oracle, seen):
    entries, _ = four
    nan = float("nan")
    reader = oracle(
        seen={0: [seen((nan, 20, 80, 20), 0.9, "AB123", nan), seen((10, 20, 80, 20), nan, "AB123", nan)]},
        texts={(0, (10.0, 20.0, 80.0, 20.0)): seen(text="AB123", confidence=nan)},
    )
    out = run(reader, split(entries))
    metrics = json.loads((out / "details.json").read_text())
    assert metrics["detection"]["not_finite"] == 2
    assert metrics["detection"]["ap50"] == 0
    assert not any(gate.passed for gate in load_gates(out / "gates.json") if gate.name == "end_to_end")


def test_an_empty_test_split_is_an_error(split, oracle):
    with pytest.raises(LprError, match=r"test split is empty.*shares\.test"):
        run(oracle(), split([]))


def test_a_missing_image_is_an_error(split, oracle):
    data = split([Entry("c.png", ())])
    (data / "images" / "test" / "c.png").unlink()
    with pytest.raises(LprError, match=r"c\.png.*fetch_data"):
        run(oracle(), data)


def test_detection_only_photos_do_not_count_as_read_nor_reading_only_ones_as_found(split, oracle, seen):
    plate = Plate((10, 20, 80, 20), "AB123", 1)
    entries = [Entry("a.png", (plate,), use="detection"), Entry("b.png", (plate,), use="reading")]
    measured = measure(oracle(), split(entries) / "images" / "test", entries, 0.5)
    assert (len(measured.detection), len(measured.reading), len(measured.end_to_end)) == (1, 1, 0)


def test_photos_are_decoded_a_batch_at_a_time(split, oracle):
    entries = [Entry(f"{index:03}.png", ()) for index in range(40)]
    largest = []

    class Counting(oracle):
        def find(self, photos, threshold=None):
            largest.append(len(photos))
            return super().find(photos, threshold)

    done = []
    measured = measure(Counting(), split(entries) / "images" / "test", iter(entries), 0.5, done.append)
    assert max(largest) <= 16
    assert sum(done) == measured.images == 40


def test_samples_are_cut_as_for_the_models(split, four):
    entries, reader = four
    shapes = []

    class Watching(type(reader)):
        def _output(self, batch, shape):
            shapes.append((np.shape(batch), float(np.max(batch)) <= 1))
            return super()._output(batch, shape)

    run(Watching(reader.seen, reader.texts), split(entries))
    assert {shape[1:] for (shape, _) in shapes} == {(3, 224, 224), (3, 32, 128)}
    assert max(shape[0] for (shape, _) in shapes) == 10
    assert all(within for _, within in shapes)
