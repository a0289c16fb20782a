"""The page of `lpr report`: pictures beside the readings that changed, and curves against the base's."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace

import pytest
from PIL import Image

from lpr.evaluation.report.tables import write_csv, write_readings
from lpr.evaluation.results import Row
from lpr.review import markdown
from lpr.review.artifact import LARGEST
from lpr.review.sides import PLOTS
from lpr.review.sides import READINGS as READINGS_FILE
from tests.review.conftest import Project
from tests.review.test_report import Tags, section

GREEN, BLACK = (0, 200, 0), (0, 0, 0)


@pytest.fixture
def reread(without_data: Project) -> Project:
    """Ten plates, right at the base and wrong here, whose test split is here but for one photo; another curve too."""
    images = without_data.path / "data" / "images" / "test"
    images.mkdir(parents=True)
    rows = []
    for index in range(10):
        photo = Image.new("RGB", (200, 100), BLACK)
        photo.paste(GREEN, (60, 40, 100, 60))
        if index:
            photo.save(images / f"{index}.png")
        name = f"{index}.png" if index != 1 else "../test/1.png"
        rows.append(
            Row(name, 0, "s", "photo", 1, (60.0, 40.0, 40.0, 20.0), "AB12", "AB12", 0.9, 0.8, None, "AB12", 0.9)
        )
    readings, plots = without_data.path / READINGS_FILE, without_data.path / PLOTS
    write_readings(readings, rows)
    write_csv(plots / "precision_recall.csv", ("recall", "precision", "score"), [(0.5, 1.0, 0.9), (1.0, 0.5, 0.1)])
    write_csv(plots / "reliability.csv", ("confidence", "accuracy"), [(0.9, 0.8)])
    without_data.commit()
    write_readings(readings, [replace(row, read="A812", confidence=0.9 - i / 100) for i, row in enumerate(rows)])
    write_csv(plots / "precision_recall.csv", ("recall", "precision", "score"), [(0.5, 0.9, 0.9), (1.0, 0.6, 0.1)])
    return without_data


def test_the_page_shows_changed_readings_with_pictures_and_curves(reread: Project, lpr) -> None:
    status, _, _ = lpr("report", "--base", "HEAD", "--out", "out/report.md", "--html", "out/html")
    assert status == 0
    said = (reread.path / "out/report.md").read_text(encoding="utf-8")
    assert not markdown.faults(said) and "data:" not in said and "svg" not in said
    assert "and curves, on a page that CI keeps as an artifact: `out/html/index.html`\n" in said.split("\n### ")[0]
    # GitHub's comment names the surest plates, and says where the others are.
    lines = section(said, "Readings that changed")
    assert lines[0] == "**Wrong now: 10 of 10.**" and lines[2] == "| `0.png` | `AB12` | `AB12` | `A812` | 0.9 |"
    assert len(lines) == 2 + 8 + 1
    assert lines[-1] == "These are the surest; 2 more are on the page of this report."
    assert section(said, "Curves that changed") == [
        "They are drawn on the page of this report: precision and recall, all plates."
    ]
    page = (reread.path / "out/html/index.html").read_text(encoding="utf-8")
    assert len(page) < LARGEST["html/index.html"]
    figures = page.split("<figure>")[1:]
    assert len(figures) == 10 and all("AB12" in figure and "A812" in figure for figure in figures)
    # The first photo is not here, and a name that leaves the folder and comes back is still within it.
    addresses = [re.findall(r'src="data:image/jpeg;base64,([^"]+)"', figure) for figure in figures]
    assert [len(found) for found in addresses] == [0, *[1] * 9]
    with Image.open(io.BytesIO(base64.b64decode(addresses[2][0]))) as picture:
        # The plate in the middle, its surroundings beside it, and its true box around it.
        middle, beside = picture.getpixel((120, 60)), picture.getpixel((5, 60))
        assert all(abs(a - b) < 40 for a, b in zip(middle, GREEN, strict=True))
        assert all(abs(a - b) < 40 for a, b in zip(beside, BLACK, strict=True))
    drawn = Tags(page)
    assert page.count("<svg") == 1 and {"base", "here", "Recall", "Precision"} <= set(drawn.words.split())
    assert not drawn.found & {"script", "a", "link", "iframe"}


def test_a_name_that_leads_out_of_the_data_shows_no_picture(reread: Project, lpr) -> None:
    (reread.path / "private").mkdir()
    Image.new("RGB", (20, 20)).save(reread.path / "private" / "x.png")
    path = reread.path / READINGS_FILE
    path.write_text(path.read_text().replace("../test/1.png", "../../../private/x.png"))
    reread.commit()
    path.write_text(path.read_text().replace("A812", "A81Z"))
    assert lpr("report", "--base", "HEAD", "--html", "out/html")[0] == 0
    page = (reread.path / "out/html/index.html").read_text(encoding="utf-8")
    figure = next(figure for figure in page.split("<figure>") if "private/x.png" in figure)
    assert "<img" not in figure and page.count("<img") == 8
