"""The page of `lpr evaluate DIR --out` in a real Chromium: its errors are filtered with the keyboard and the mouse."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lpr.assessment.folder import Dataset
from lpr.assessment.page import write_report
from lpr.assessment.run import assess
from lpr.assessment.write import write_assessment
from lpr.inference.recognizer import LicensePlateRecognizer
from tests.assessment.conftest import photo, plate
from tests.browser import is_dark

SOURCES = {"a": "near", "b": "near", "c": "far", "d": "far", "e": "far", "f": "near"}
SURE = "confidence 99.8 %"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One photo read right; three misread (one of them of two lines), one whose small plate is not there, and one where
    something is read that is no plate."""
    folder = tmp_path_factory.mktemp("evaluated")
    small = {"bbox": [100, 100, 20, 8], "text": "AB"}
    photos: dict[str, tuple[str | None, list[dict[str, Any]]]] = {
        "a": ("AB", [plate("AB")]), "b": ("A", [plate("AB")]), "c": ("AB", [plate("A8")]),
        "d": ("AB", [plate("BA", 2)]), "e": (None, [small]), "f": ("AB", []),
    }  # fmt: skip
    (folder / "set" / "images" / "test").mkdir(parents=True)
    (folder / "set" / "annotations").mkdir()
    for name, (read, _) in photos.items():
        photo(read).save(folder / "set" / "images" / "test" / f"{name}.png")
    entries = {f"{name}.png": {"plates": plates} for name, (_, plates) in photos.items()}
    (folder / "set" / "annotations" / "test.json").write_text(json.dumps(entries))
    lines = ["image,source", *(f"{name}.png,{source}" for name, source in SOURCES.items())]
    (folder / "set" / "ledger.csv").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture(scope="module")
def report(folder: Path, hand_made: Path) -> Path:
    dataset = Dataset(folder / "set")
    result = assess(LicensePlateRecognizer(hand_made, threads=1), hand_made, dataset)
    written = write_assessment(result, dataset, folder / "out")
    assert written[0] == folder / "out" / "report.html"
    write_report(folder / "few.html", result, dataset, most=2)
    return written[0]


def test_the_page_says_what_it_leaves_out(report: Path) -> None:
    assert "Left out" not in report.read_text()
    few = (report.parents[1] / "few.html").read_text()
    assert few.count("<figure") == 2 and "Left out of this page, for its size: 3." in few


def test_results_by_width_source_and_lines(report: Path) -> None:
    page = " ".join(report.read_text().split())
    for name, found in (("below 32 px", "0 / 1"), ("64 to 128 px", "4 / 4"), ("far", "2 / 3"), ("two lines", "1 / 1")):
        assert f'<th scope="row">{name}</th><td>' in page
        row = page.split(f'<th scope="row">{name}</th>')[1]
        assert row.split("</td>")[0].split('<span class="whole">')[1].startswith(f"{found}</span>")


@pytest.fixture
def page(browser: Any, report: Path, request: pytest.FixtureRequest) -> Iterator[Any]:
    """The page; it asks for nothing but itself, and no error or refusal of the browser passes."""
    context = browser.new_context(**getattr(request, "param", {}))
    opened = context.new_page()
    wrong: list[str] = []
    asked: set[str] = set()
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda message: wrong.append(message.text))
    opened.on("request", lambda request: asked.add(request.url.split(":")[0]))
    opened.goto(report.as_uri())
    yield opened
    context.close()
    assert wrong == [] and asked <= {"file", "data"}


def test_errors_are_chosen_by_each_property_and_by_text(page: Any) -> None:
    assert shown(page) == ["b.png", "c.png", "d.png", "f.png", "e.png"]
    page.get_by_label("Source").select_option("far")
    assert shown(page) == ["c.png", "d.png", "e.png"]
    page.get_by_label("Lines").select_option("two lines")
    assert shown(page) == ["d.png"]
    page.get_by_label("Text or image").fill("zzz")
    assert shown(page) == [] and page.get_by_text("No error is like that.").is_visible()
    page.get_by_role("button", name="Show all").click()
    assert len(shown(page)) == 5 and page.get_by_text("No error is like that.").is_hidden()
    page.get_by_label("Width").select_option("below 32 px")
    assert shown(page) == ["e.png"]
    page.get_by_role("button", name="Show all").click()
    # By what is true, by what was read, and by the image; every word must be there.
    for text, expected in (
        ("a8", ["c.png"]),
        ("F.PNG", ["f.png"]),
        ("ba ab", ["d.png"]),
        ("ab e.png", ["e.png"]),
    ):
        page.get_by_label("Text or image").fill(text)
        assert shown(page) == expected


def test_the_keyboard_is_enough(page: Any) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.value") == "misread"
    page.keyboard.press("Space")
    assert shown(page) == ["f.png", "e.png"]
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert shown(page) == ["e.png"]
    for _ in range(5):
        page.keyboard.press("Tab")
    page.keyboard.type("nothing")
    assert shown(page) == []
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert len(shown(page)) == 5


def test_the_pictures_show_the_plate_and_the_boxes(page: Any) -> None:
    picture = page.locator("#gallery img").first
    picture.scroll_into_view_if_needed()
    picture.evaluate("image => image.decode()")
    assert picture.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [240, 120]
    assert SURE in page.locator("#gallery figure").first.inner_text()


@pytest.mark.parametrize("page", [{"java_script_enabled": False}], indirect=True)
def test_without_scripts_every_error_is_shown(page: Any) -> None:
    assert page.locator("#gallery figure").count() == 5 and page.locator("#filter").is_hidden()
    assert page.locator("#gallery figure").last.is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone(browser: Any, report: Path, scheme: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, color_scheme=scheme, has_touch=True)
    page = context.new_page()
    page.goto(report.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    for field in page.locator("#filter select, #filter button, #filter .chip, #filter [type=search]").all():
        assert field.bounding_box()["height"] >= 40
    assert is_dark(page) == (scheme == "dark")
    context.close()


def shown(page: Any) -> list[str]:
    """The images of the errors that are to be seen, once the page has counted them."""
    figures = page.locator("#gallery figure:not([hidden])")
    # After a reset the page counts anew in its next turn.
    page.evaluate("new Promise((resume) => setTimeout(resume))")
    names = [str(name) for name in figures.locator(".name").all_text_contents()]
    assert page.locator("#shown").inner_text() == f"{len(names)} of 5 errors"
    assert all(figure.is_visible() for figure in figures.all())
    assert page.locator("#gallery figure:visible").count() == len(names)
    return [Path(name).name for name in names]
