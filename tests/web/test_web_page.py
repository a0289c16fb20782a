"""The page without a server in a real Chromium: the readings it shows are those of `lpr read`."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import ExifTags, Image

from lpr.inference.plates import PlateReading
from lpr.inference.recognizer import LicensePlateRecognizer
from lpr.synthetic.renderer import Renderer
from web.build import RUNTIME, WASM, build

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        not (RUNTIME / WASM).is_file(),
        reason="ONNX Runtime for browsers is missing: npm ci --ignore-scripts --prefix web",
    ),
]
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is missing: pip install -r requirements.txt")

DOUBTFUL = 0.3
"""Confidence below which a reading may differ: what is hardly legible turns with the last bit of a box."""
LEGIBLE, HARSH, TURNED = 38, 6, 6
"""Photos of each kind: 50 together."""


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where the built folder `page` is served, by a server of files alone."""
    folder = tmp_path_factory.mktemp("web")
    build(folder / "page")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *values: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def open_page(page: Any, port: int) -> None:
    page.goto(f"http://127.0.0.1:{port}/page/")
    playwright.expect(page.locator("#about")).to_contain_text("read in this browser and sent nowhere")


@dataclass(frozen=True)
class Shown:
    """A plate on a card: its text, the box around it in the photo's pixels, and each character's probability."""

    text: str
    box: list[float]
    chars: list[float]

    def is_same(self, plate: PlateReading) -> bool:
        # The runtimes round differently, and 8-bit convolutions make a few hundredths of that.
        alike = self.text == plate.text and np.allclose(self.box, plate.box, atol=0.3)
        return bool(alike and np.allclose(self.chars, plate.chars, atol=0.08))


def shown(card: Any) -> list[Shown]:
    return [
        Shown(
            text=row.locator(".text").inner_text(),
            box=[float(rect.get_attribute(name)) for name in ("x", "y", "width", "height")],
            chars=[int(part.get_attribute("title").rstrip("%")) / 100 for part in row.locator(".text span").all()],
        )
        for row, rect in zip(card.locator("li").all(), card.locator("svg rect").all(), strict=True)
    ]


def check(card: Any, plates: list[PlateReading]) -> int:
    """Compare what a card shows with what Python reads; return how many plates had to be the same."""
    seen = shown(card)
    sure = [plate for plate in plates if plate.confidence >= DOUBTFUL]
    for plate in sure:
        assert [one for one in seen if one.is_same(plate)], (plate, seen)
    for one in seen:
        assert min(one.chars) < DOUBTFUL or [plate for plate in plates if one.is_same(plate)], (one, plates)
    return len(sure)


def test_fifty_photos_are_read_as_in_python(page: Any, port: int, tmp_path: Path) -> None:
    legible, harsh = Renderer("legible", 21), Renderer("harsh", 21)
    photos = [Image.fromarray(legible.scene(index).image) for index in range(LEGIBLE + TURNED)]
    photos[LEGIBLE:] = [photo.transpose(Image.Transpose.ROTATE_90) for photo in photos[LEGIBLE:]]
    photos += [Image.fromarray(harsh.scene(index).image) for index in range(HARSH)]
    assert len(photos) == 50
    # As PNG, whose pixels every decoder gives alike.
    paths = [tmp_path / f"{index}.png" for index in range(len(photos))]
    for photo, path in zip(photos, paths, strict=True):
        photo.save(path)
    expected = LicensePlateRecognizer(threads=1).read(photos)
    assert any(expected[LEGIBLE : LEGIBLE + TURNED])
    open_page(page, port)
    page.set_input_files("#files", [str(path) for path in paths])
    playwright.expect(page.locator("#status")).to_have_text("50 photos done.", timeout=450_000)
    cards = page.locator("article")
    compared = 0
    for index, (path, plates) in enumerate(zip(paths, expected, strict=True)):
        card = cards.nth(len(paths) - 1 - index)
        assert card.locator("h2").inner_text() == path.name
        compared += check(card, plates)
    assert compared > 40


def test_files_become_pixels_as_in_python(page: Any, port: int, tmp_path: Path) -> None:
    photo = Image.fromarray(Renderer("legible", 21).scene(0).image)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    photo.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "turned.jpg", quality=95, exif=exif)
    photo.save(tmp_path / "plain.jpg", quality=90)
    photo.convert("L").save(tmp_path / "grey.png")
    clear = photo.convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(photo.size).point(lambda value: 255 if value > 40 else 0))
    clear.save(tmp_path / "clear.png")
    photo.save(tmp_path / "photo.webp", lossless=True)
    names = ["turned.jpg", "plain.jpg", "grey.png", "clear.png", "photo.webp"]
    (tmp_path / "no.jpg").write_bytes(b"hello")
    open_page(page, port)
    page.set_input_files("#files", [str(tmp_path / name) for name in (*names, "no.jpg")])
    playwright.expect(page.locator("#status")).to_have_text("6 photos done.")
    recognizer = LicensePlateRecognizer(threads=1)
    cards = page.locator("article")
    for index, name in enumerate(reversed(names), start=1):
        assert check(cards.nth(index), recognizer.read(tmp_path / name)) > 0
    assert "not an image" in cards.nth(0).locator(".wrong").inner_text()


def test_models_that_do_not_come_are_said(page: Any, port: int, tmp_path: Path) -> None:
    page.context.route("**/ocr.onnx", lambda route: route.fulfill(status=404))
    page.goto(f"http://127.0.0.1:{port}/page/")
    playwright.expect(page.locator("#about")).to_contain_text("ocr.onnx: the server answers 404")
    Image.new("RGB", (64, 48)).save(tmp_path / "a.png")
    page.set_input_files("#files", [str(tmp_path / "a.png")])
    playwright.expect(page.locator(".wrong")).to_contain_text("ocr.onnx: the server answers 404")


PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True, "color_scheme": "dark"}


@pytest.mark.parametrize("page", [PHONE], indirect=True)
def test_a_phone_stays_responsive_while_it_reads(page: Any, port: int, tmp_path: Path) -> None:
    photo = Image.fromarray(Renderer("legible", 21).scene(0).image)
    # As large as those of telephones: more pixels than the canvas of one may have.
    photo.resize((5200, 3900)).save(tmp_path / "large.jpg")
    open_page(page, port)
    page.set_input_files("#camera", [str(tmp_path / "large.jpg")])
    playwright.expect(page.locator("#status")).to_have_text("Reading photo 1 of 1 …")
    assert page.evaluate("() => 1 + 1") == 2
    playwright.expect(page.locator("#status")).to_have_text("1 photo done.")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
    texts = page.locator("li .text").all_text_contents()
    assert texts == [plate.text for plate in LicensePlateRecognizer(threads=1).read(tmp_path / "large.jpg")] and texts
