"""`lpr report`: what differs from a revision, for a reviewer."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from lpr.records.gates_file import Gate, save_gates
from lpr.review import markdown
from tests.records_here import training_metadata
from tests.review.conftest import GATES, READINGS, Project

METRICS = "results/evaluate/metrics.json"


def section(report: str, title: str) -> list[str]:
    """The lines of a section that say something."""
    after = (
        report.split(f"### {title}\n", 1)[1] if f"### {title}\n" in report else report.split(f"<summary>{title}<", 1)[1]
    )
    return [line for line in re.split(r"\n###|\n<", after)[0].splitlines() if line and not line.startswith("|--")]


def test_nothing_changed(without_data: Project, lpr) -> None:
    status, said, error = lpr("report", "--base", "HEAD")
    assert (status, error) == (0, "")
    assert section(said, "Models: all 2 gates are met") == [
        "**Plates read exactly right: 0.9 (18 of 20, 95% interval 0.7 to 0.97)**",
        "No metric and no parameter differs from the base `HEAD`.",
        "All 3 plates are read as at the base.",
    ]
    assert "changed\n" not in said
    assert section(said, "Data")[-1] == "The same data as at the base."
    assert "  fetch_data --> train\n  train --> evaluate\n" in said or "  train --> evaluate\n" in said
    assert not markdown.faults(said)


@pytest.fixture
def changed(with_data: Project) -> Project:
    """A run with other parameters, data, metrics, gates and readings, that are not committed."""
    with_data.write("params.yaml", "train: {lr: 0.001, sources: [{name: cars, limit: 5}]}\n")
    with_data.write("raw/a.txt", "other plates\n")
    total = {"photos": 50, "plates": 20}
    with_data.write_json("raw/metrics.json", {"total": total})
    with_data.write_json("raw/details.json", {"total": total, "splits": {"test": {"photos": 9}}})
    metrics = with_data.metrics_with(
        end_to_end__accuracy=0.8, end_to_end__right=16, reading__plate_accuracy=0.96, calibration__ece=0.04, extra=1
    )
    del metrics["images"]
    with_data.write_json("measured/metrics.json", {"end_to_end": {"accuracy": 0.8}})
    with_data.write_json("measured/details.json", metrics)
    gates = [Gate("end_to_end", 0.8, 0.85, ">=", False, "16 of 20 plates read exactly right"), GATES[1]]
    save_gates(with_data.path / "measured/gates.json", gates)
    rows = READINGS.replace("AB12,AB12,right,0.99", "AB12,A812,wrong,0.6").replace("CD34,CD84,wrong", "CD34,CD34,right")
    with_data.write("measured/readings.csv", rows.replace("c.jpg,0,EF56,EF56", "d.jpg,0,EF56,EF56"))
    with_data.repro()
    return with_data


def test_everything_changed(changed: Project, lpr) -> None:
    status, said, _ = lpr("report", "--base", "main")
    assert status == 0
    assert section(said, "Models: 1 of 2 gates are NOT met") == [
        "**Plates read exactly right: 0.8 (16 of 20, 95% interval 0.7 to 0.97) against 0.9, ▼ -0.1 worse; "
        "the base is inside that interval**",
        "Metrics: 1 better, 3 worse, 2 otherwise different. Parameters: 1 different. The base is `main`.",
        "Of 2 plates 1 that were read right are wrong now, 1 the other way round.",
    ]
    # What fell stands first.
    assert section(said, "Gates")[1] == (
        "| FAIL | `end_to_end` | 0.8 | `>= 0.85` | 0.9 | `16 of 20 plates read exactly right` |"
    )
    assert section(said, "Metrics that changed")[1:] == [
        "| `end_to_end.accuracy` | 0.9 | 0.8 | ▼ -0.1 worse |",
        "| `reading.plate_accuracy` | 0.955 | 0.96 | ▲ +0.005 better |",
        "| `calibration.ece` | 0.03 | 0.04 | ▲ +0.01 worse |",
        "| `end_to_end.right` | 18 | 16 | ▼ -2 worse |",
        "| `extra` | - | 1 | new |",
        "| `images` | 40 | - | gone |",
    ]
    assert section(said, "Parameters that changed")[1:] == ["| `train.lr` | `0.002` | `0.001` |"]
    data = section(said, "Data")
    assert data[0] == "50 photos, 20 plates, in all splits."
    assert data[1].startswith("**Other data: `")
    assert data[-2:] == ["| `total.photos` | 40 | 50 |", "| `splits.test.photos` | 8 | 9 |"]
    assert section(said, "Readings that changed") == [
        "2 plates are in one side's test split alone, or have another text there.",
        "**Wrong now: 1 of 2.**",
        "| image | true | base | here | confidence |",
        "| `a.jpg` | `AB12` | `AB12` | `A812` | 0.6 |",
        "**Right now: 1 of 2.**",
        "| image | true | base | here | confidence |",
        "| `b.jpg` | `CD34` | `CD84` | `CD34` | 0.7 |",
    ]
    assert "  class fetch_data,train,evaluate changed" in said
    assert "with uncommitted changes" in said and changed.git("rev-parse", "main") in said
    assert not markdown.faults(said)


def test_a_base_without_metrics(with_data: Project, lpr) -> None:
    with_data.git("checkout", "--quiet", "--orphan", "bare")
    with_data.git("rm", "-r", "--quiet", "--cached", "results", "dvc.lock")
    with_data.git("commit", "--quiet", "--message", "No results")
    with_data.git("checkout", "--quiet", "--force", "main")
    status, said, _ = lpr("report", "--base", "bare")
    assert status == 0
    assert "The base `bare` has no metrics: nothing can be compared." in said
    assert "The readings of one side are not at hand" in said
    assert "Metrics that changed" not in said


def test_a_missing_file_is_an_error_though_dvc_says_nothing(without_data: Project, lpr) -> None:
    (without_data.path / METRICS).unlink()
    status, said, error = lpr("report", "--base", "HEAD")
    assert status == 1
    assert error == f"error: {METRICS}: no such file; run `dvc repro`, and commit what it writes\n"
    assert f"**Missing here, so that this report is not whole: `{METRICS}`**" in section(said, "Models: incomplete")
    (without_data.path / "results/evaluate/gates.json").unlink()
    assert lpr("report", "--base", "HEAD")[0] == 1


def test_a_stale_lock_and_a_broken_file_and_an_unknown_base(without_data: Project, lpr) -> None:
    without_data.write("code/loss.py", "LOSS = 2\n")
    said = lpr("report", "--base", "HEAD")[1]
    assert "**dvc.lock is stale, so these results may be another code's. Changed: `train`**" in said
    # What follows the metrics says nothing of them.
    without_data.git("checkout", "--quiet", "--", "code")
    pipeline = (without_data.path / "dvc.yaml").read_text()
    without_data.write("dvc.yaml", f"{pipeline}  publish:\n    cmd: echo\n    deps: [{METRICS}]\n")
    assert lpr("check")[0] == 1 and "stale" not in lpr("report", "--base", "HEAD")[1]
    status, _, error = lpr("report", "--base", "nowhere")
    assert status == 2 and "nowhere: no such revision" in error
    without_data.write(METRICS, "{")
    status, said, error = lpr("report", "--base", "HEAD")
    assert (status, said) == (2, "") and error.startswith(f"error: {METRICS}: not readable")
    without_data.git("checkout", "--quiet", "--", METRICS)
    without_data.write("results/fetch_data/details.json", "{")
    assert lpr("report", "--base", "HEAD")[2] == (
        "error: results/fetch_data/details.json: holds no JSON object; run `dvc repro`\n"
    )


class Tags(HTMLParser):
    """All tags and attributes of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list) -> None:
        self.found |= {tag, *(f"{tag} {name}" for name, _ in attributes)}

    def handle_data(self, data: str) -> None:
        self.words += data


def test_text_from_elsewhere_is_shown_and_does_nothing(without_data: Project, lpr) -> None:
    nasty = "<script>alert(1)</script>|`x` @you [a](https://b.example) \u202e<img src=x>"
    rows = f'image,plate,truth,read,verdict,confidence\n"{nasty}",0,AB12,'
    without_data.write("results/evaluate/readings.csv", rows + "AB12,right,0.9\n")
    without_data.write("params.yaml", "train: {lr: 0.002}\n")
    without_data.commit()
    without_data.write("results/evaluate/readings.csv", rows + '"</code><b>",wrong,"</td>@you"\n')
    without_data.write_json("params.yaml", {"train": {"lr": nasty}})
    save_gates("results/evaluate/gates.json", [Gate(nasty, 1.0, 0.0, ">", True, nasty)])
    status, _, _ = lpr("report", "--base", "HEAD", "--out", "out/report.md", "--html", "out/html")
    assert status == 0
    report = (without_data.path / "out/report.md").read_text(encoding="utf-8")
    assert not markdown.faults(report)
    shown = "`<script>alert(1)</script>¦ˋxˋ ＠you [a](https://b.example) �<img src=x>`"
    assert report.count(shown) == 4  # the gate and its detail, the parameter, the reading
    assert "@" not in report and "`</td>＠you`" in report
    page = Tags((without_data.path / "out/html/index.html").read_text(encoding="utf-8"))
    assert page.words.count(nasty) == 4
    assert not page.found & {"script", "img", "a", "b", "link", "iframe"}
    assert not any(name.split()[-1] in ("src", "href", "onload", "onerror") for name in page.found)


def test_a_model_that_was_not_trained_is_named(without_data: Project, lpr) -> None:
    trainings = {"detector": {"epoch": 3}, "ocr": {"epoch": 0, "shipped": {"file": "ocr.pt"}}}
    without_data.write_json("models/training_metadata.json", training_metadata(training=trainings))
    _, said, _ = lpr("report", "--base", "HEAD")
    rows = [line for line in section(said, "Provenance") if "not trained" in line]
    assert rows == ["| not trained | `ocr` | the shipped model, since the data hold nothing for it |"]
