"""The report: what it shows of each error, and results by width, source and lines."""

from __future__ import annotations

import base64
import hashlib
import html
import io
import json
import re
from pathlib import Path

from PIL import Image

from lpr.data.annotations import Entry, Plate
from lpr.evaluation.images import open_image
from lpr.evaluation.report.breakdown import break_down
from lpr.evaluation.report.gallery import collect
from lpr.evaluation.report.page import write_report
from lpr.evaluation.run import evaluate
from tests.evaluation.conftest import SETTINGS, THRESHOLDS, run
from tests.records_here import training_metadata


def figures(out: Path) -> list[dict[str, str]]:
    """What the report says of each error: the attributes by which it can be chosen, and its picture in base64."""
    page = (out / "report.html").read_text()
    found = re.findall(r'<figure class="example"( data-.*?)>\n<img src="data:image/jpeg;base64,(.*?)"', page)
    return [{**dict(re.findall(r'data-(\w+)="(.*?)"', values)), "picture": picture} for values, picture in found]


def test_report_escapes_names_and_holds_everything_itself(split, oracle, seen):
    name = "<script>alert(1)</script>&.png".replace("/", "\u2215")
    entries = [Entry(name, (Plate((10, 20, 80, 20), "AB123", 1),), source="<b>far</b>")]
    reader = oracle(seen={0: [seen((11, 20, 80, 20), 0.95, "AB124", 0.99)]})
    page = (run(reader, split(entries)) / "report.html").read_text()
    # The page's own script is the only one, and the only one that a browser runs.
    (script,) = re.findall(r"<script[^>]*>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'\"" in html.unescape(page)
    assert page.count("<script") == 1 and "alert" not in script
    assert "<b>far</b>" not in page
    assert "&lt;b&gt;far&lt;/b&gt;" in page
    assert not re.search(r'(src|href)="(?!data:|#)', page)
    assert "AB12<mark>4</mark>" in page


def test_report_with_nothing_wrong_and_with_nothing_right(split, oracle, seen):
    entries = [Entry("a.png", (Plate((10, 20, 80, 20), "AB123", 1),))]
    right = oracle(seen={0: [seen((10, 20, 80, 20), 0.95, "AB123", 0.99)]})
    page = (run(right, split(entries)) / "report.html").read_text()
    assert "Nothing went wrong" in page
    assert page.count("<figure") == 1
    page = (run(oracle(), split(entries)) / "report.html").read_text()
    assert "Nothing was read right" in page
    assert "not found" in page


def test_report_shows_training_curves_and_provenance(split, four):
    entries, reader = four
    data = split(entries)
    folder = data.parent / "results" / "train_ocr" / "plots" / "metrics" / "val"
    folder.mkdir(parents=True)
    (folder / "accuracy.tsv").write_text("step\taccuracy\n0\t0.1\n1\t0.5\n2\t0.8\n")
    (folder / "broken.tsv").write_text("not\ta curve\n1\t2\n3\t4\n")
    models = data.parent / "models"
    models.mkdir()
    (models / "training_metadata.json").write_text(
        json.dumps(training_metadata(device="Some GPU"))
    )
    page = (run(reader, data) / "report.html").read_text()
    assert "ocr: val/accuracy" in page
    assert "broken" not in page
    assert "Some GPU" in page
    assert "Source rendered" in page and "licence: MIT" in page


def test_every_error_is_shown_and_right_readings_as_many_as_asked_for(split, oracle, seen):
    entries = [Entry(f"{i:02}.png", (Plate((10, 20, 80, 20), f"AB{i:02}", 1),)) for i in range(20)]
    boxes = {(i, (10.0, 20.0, 80.0, 20.0)): seen(text="X", confidence=0.5) for i in range(20)}
    texts = {i: [seen((10, 20, 80, 20), 0.9, f"AB{i:02}" if i % 2 else "X", i / 20)] for i in range(20)}
    out = run(oracle(seen=texts, texts=boxes), split(entries))
    shown = figures(out)
    # The surest errors stand first.
    assert [figure["text"] for figure in shown] == [f"AB{i:02} X {i:02}.png" for i in range(18, -1, -2)]
    assert (out / "report.html").read_text().count("<figure") == 10 + SETTINGS.examples // 2
    with Image.open(out / "errors.jpg") as sheet:
        assert sheet.height == 142  # three pictures take one row


def test_every_kind_of_error_is_shown_with_what_it_can_be_chosen_by(split, four):
    entries, reader = four
    shown = figures(run(reader, split(entries)))
    kinds = [(figure["kind"], figure["image"], figure["source"], figure["lines"], figure["width"]) for figure in shown]
    assert kinds == [
        ("misread", "crops", "near", "one line", "128 to 256 px"),
        ("misread", "photos", "far", "two lines", "32 to 64 px"),
        ("false reading", "photos", "far", "not known", "32 to 64 px"),
        ("not found", "photos", "far", "not known", "below 32 px"),
    ]
    assert [figure["text"].split() for figure in shown] == [
        ["KL65DKH", "KL65DK", "d.png"], ["XO77", "X077", "b.png"], ["TAXI", "c.png"], ["b.png"]
    ]  # fmt: skip
    for figure in shown:
        with Image.open(io.BytesIO(base64.b64decode(figure["picture"]))) as picture:
            assert (picture.format, picture.size) == ("JPEG", (240, 120))
    # What differs nowhere is nothing to choose by.
    page = (run(reader, split([entry for entry in entries if entry.source == "far"])) / "report.html").read_text()
    assert 'select name="source"' not in page


def test_the_results_by_width_source_and_lines_are_those_of_the_metrics(split, four):
    entries, reader = four
    evaluation = evaluate(lambda: reader, split(entries), Path("models"), SETTINGS, THRESHOLDS)
    groups = break_down(evaluation.results.rows)
    counts = {
        kind: {group.name: [(count.right, count.total) for count in (group.found, group.read, group.read_in_box)]
               for group in of_kind}
        for kind, of_kind in groups.items()
    }  # fmt: skip
    assert counts == {
        "Width": {
            "below 32 px": [(0, 1), (0, 0), (0, 0)],
            "32 to 64 px": [(1, 1), (0, 1), (0, 1)],
            "64 to 128 px": [(1, 1), (1, 1), (1, 1)],
            "128 to 256 px": [(0, 0), (0, 0), (0, 1)],
        },
        "Source": {"far": [(1, 2), (0, 1), (0, 1)], "near": [(1, 1), (1, 1), (1, 2)]},
        "Lines": {
            "not known": [(0, 1), (0, 0), (0, 0)],
            "one line": [(1, 1), (1, 1), (1, 2)],
            "two lines": [(1, 1), (0, 1), (0, 1)],
        },
    }
    for kind in counts.values():
        assert sum(read[0] for _, read, _ in kind.values()) == evaluation.metrics["end_to_end"]["right"]
        assert sum(read[1] for _, read, _ in kind.values()) == evaluation.metrics["end_to_end"]["total"]
        assert sum(read[0] for *_, read in kind.values()) == evaluation.metrics["reading"]["right"]


def test_a_reading_beside_the_plates_is_a_false_one_and_one_upon_a_plate_is_not(split, oracle, seen):
    nan = float("nan")
    entries = [
        Entry("a.png", (Plate((10, 20, 80, 20), "AB123", 1),), source="near"),
        Entry("b.png", (), source="far"),
        Entry("c.png", (), source="far", use="detection"),
    ]
    reader = oracle(
        seen={
            0: [
                seen((10, 20, 80, 20), 0.9, "AB123", 0.9),
                seen((85, 20, 40, 20), 0.8, "AB1", 0.9),
                seen((120, 60, 60, 20), 0.7, "TAXI", 0.8),
                seen((120, 10, 60, 20), 0.7, "", 0.8),
            ],
            1: [seen((5, 5, 20, 10), 0.9, "BUS", 0.6), seen((nan, 5, 20, nan), 0.9, "NAN", 0.5)],
            2: [seen((5, 5, 20, 10), 0.9, "CAB", 0.6)],
        }
    )
    out = run(reader, split(entries))
    shown = figures(out)
    assert [(figure["kind"], figure["text"]) for figure in shown] == [
        ("false reading", " TAXI a.png"), ("false reading", " BUS b.png"), ("false reading", " NAN b.png")
    ]  # fmt: skip
    # The metric is about photos without a plate.
    metrics = json.loads((out / "details.json").read_text())
    assert metrics["false_readings"] == {"photos": 1, "photos_read": 1, "readings": 2}


def test_what_a_page_leaves_out_is_said_and_every_kind_stays(split, four, tmp_path):
    entries, reader = four
    data = split(entries)
    evaluation = evaluate(lambda: reader, data, Path("models"), SETTINGS, THRESHOLDS)
    rows, false = evaluation.results.rows, evaluation.results.false_readings
    gallery = collect(rows, false, lambda name: open_image(data / "images" / "test" / name), most=3)
    assert [case.kind for case in gallery.cases] == ["misread", "false reading", "not found"]
    write_report(tmp_path / "report.html", evaluation, gallery, [], tmp_path, tmp_path)
    page = (tmp_path / "report.html").read_text()
    assert page.count("<figure") == 3
    assert "Left out of this page, for its size: 1." in page
