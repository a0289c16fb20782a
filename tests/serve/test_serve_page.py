"""The page at `/` in a real Chromium, driven by Playwright."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from lpr.serve.limits import Limits
from tests.browser import is_dark
from tests.serve.running import Command, command, held

pytestmark = pytest.mark.long
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is missing: pip install -r requirements.txt")


def files(photos: list[bytes], *names: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "mimeType": "image/jpeg", "buffer": photo} for name, photo in zip(names, photos, strict=False)
    ]


def open_page(page: Any, port: int) -> None:
    page.goto(f"http://127.0.0.1:{port}/")
    playwright.expect(page.locator("#about")).to_contain_text("kept nowhere")


def test_several_photos_are_drawn_with_their_plates(page: Any, service: Command, photos: list[bytes]) -> None:
    open_page(page, service.port)
    page.set_input_files("#files", [*files(photos, "a.jpg", "b.jpg"), *files([b"hello"], "no.jpg")])
    playwright.expect(page.locator("#status")).to_have_text("3 photos done.")
    cards = page.locator("article")
    assert cards.locator("h2").all_text_contents() == ["no.jpg", "b.jpg", "a.jpg"]
    assert "not an image" in cards.nth(0).locator(".wrong").inner_text()
    from tests.serve.running import ask

    for card, photo in ((cards.nth(2), photos[0]), (cards.nth(1), photos[1])):
        plates = ask(service.port, "POST", "/v1/read", photo).json["plates"]
        assert card.locator("li .text").all_text_contents() == [plate["text"] for plate in plates]
        assert card.locator("svg text").all_text_contents() == [plate["text"] for plate in plates]
        shown, frame = card.locator("svg rect").first.bounding_box(), card.locator("img").bounding_box()
        width = card.locator("svg").get_attribute("viewBox").split()[2]
        scale = frame["width"] / float(width)
        x, y, w, _ = plates[0]["box"]
        # The frame lies where the plate is in the picture on the screen; its line is three pixels wide.
        assert abs(shown["x"] - frame["x"] - x * scale) < 4 and abs(shown["y"] - frame["y"] - y * scale) < 4
        assert abs(shown["width"] - w * scale) < 7
        # Its label can be read: it is as high as a line of text, not a dot.
        assert card.locator("svg text").first.bounding_box()["height"] > 8


def test_colours_tell_the_sure_from_the_doubtful(page: Any, service: Command, photos: list[bytes]) -> None:
    open_page(page, service.port)

    def answer(route: Any) -> None:
        plate = {"text": "AB", "chars": [0.99, 0.4], "box": [1, 2, 30, 10], "detection": 0.9, "region": []}
        plates = [{**plate, "confidence": share} for share in (1.0, 0.3)]
        route.fulfill(json={"image": "photo", "plates": plates})

    page.route("**/v1/read", answer)
    page.set_input_files("#files", files(photos, "a.jpg"))
    playwright.expect(page.locator("#status")).to_have_text("1 photo done.")
    sure, doubtful = page.locator("svg rect").all()
    assert sure.get_attribute("stroke") == "hsl(130 90% 45%)"
    assert doubtful.get_attribute("stroke") == "hsl(0 90% 45%)"


def test_dropped_and_pasted_photos(page: Any, service: Command, photos: list[bytes]) -> None:
    open_page(page, service.port)
    for kind, field in (("drop", "dataTransfer"), ("paste", "clipboardData")):
        page.evaluate(
            """([kind, field, text]) => {
              const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
              const data = new DataTransfer();
              data.items.add(new File([bytes], `${kind}.jpg`, { type: "image/jpeg" }));
              const event = new Event(kind, { bubbles: true, cancelable: true });
              Object.defineProperty(event, field, { value: data });
              document.body.dispatchEvent(event);
            }""",
            [kind, field, base64.b64encode(photos[0]).decode()],
        )
        playwright.expect(page.locator("article h2").first).to_have_text(f"{kind}.jpg")
        playwright.expect(page.locator("#status")).to_have_text("1 photo done.")
    assert page.locator("svg rect").count() >= 2


def test_the_keyboard_is_enough(page: Any, service: Command, photos: list[bytes]) -> None:
    open_page(page, service.port)
    page.keyboard.press("Tab")
    with page.expect_file_chooser() as chooser:
        # Playwright does not wait until Chromium knows that the chooser is expected, and the key may overtake it. The
        # page answers in order: once it answers, the key comes after.
        assert page.evaluate("() => document.activeElement.id") == "choose"
        page.keyboard.press("Enter")
    chooser.value.set_files(files(photos, "a.jpg"))
    playwright.expect(page.locator("#status")).to_have_text("1 photo done.")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.id") == "take"


PHONES = [
    {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True, "color_scheme": scheme}
    for scheme in ("light", "dark")
]


@pytest.mark.parametrize("page", PHONES, indirect=True, ids=["light", "dark"])
def test_a_phone(page: Any, service: Command, photos: list[bytes], request: pytest.FixtureRequest) -> None:
    open_page(page, service.port)
    long = "a-photograph-with-a-name-that-nobody-would-give-but-cameras-do-0000000000001.jpg"
    page.set_input_files("#camera", files(photos, long))
    playwright.expect(page.locator("#status")).to_have_text("1 photo done.")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
    for button in page.locator("#drop button").all():
        assert button.bounding_box()["height"] >= 44
    assert is_dark(page) == ("dark" in request.node.callspec.id)


def test_a_slow_answer_shows_that_it_is_coming(page: Any, photos: list[bytes]) -> None:
    with held(Limits()) as (port, reader):
        open_page(page, port)
        page.set_input_files("#files", files(photos, "a.jpg", "b.jpg"))
        playwright.expect(page.locator("#status")).to_have_text("Reading photo 1 of 2 …")
        assert page.locator("#results").get_attribute("aria-busy") == "true"
        reader.let_go.set()
        playwright.expect(page.locator("#status")).to_have_text("2 photos done.")
        assert page.locator(".none").all_text_contents() == ["No plate was found."] * 2


def test_a_service_that_is_full_or_gone(page: Any, photos: list[bytes]) -> None:
    with command() as running:
        open_page(page, running.port)
        asked = []

        def full_once(route: Any) -> None:
            asked.append(route)
            if len(asked) == 1:
                route.fulfill(status=503, headers={"Retry-After": "1"}, json={"error": "full"})
            else:
                route.continue_()

        page.route("**/v1/read", full_once)
        page.set_input_files("#files", files(photos, "a.jpg"))
        playwright.expect(page.locator("#status")).to_have_text("1 photo done.")
        assert len(asked) == 2 and page.locator("svg rect").count() >= 1
    page.set_input_files("#files", files(photos, "b.jpg"))
    playwright.expect(page.locator(".wrong")).to_have_text("The service does not answer. Is it running?")


def test_a_token_is_asked_for_once(page: Any, photos: list[bytes]) -> None:
    with command(environment={"LPR_SERVE_TOKEN": "sesame"}) as running:
        open_page(page, running.port)
        page.set_input_files("#files", files(photos, "a.jpg"))
        playwright.expect(page.locator("#token")).to_be_focused()
        page.keyboard.type("sesame")
        page.keyboard.press("Enter")
        playwright.expect(page.locator("#status")).to_have_text("1 photo done.")
        page.set_input_files("#files", files(photos[1:], "b.jpg"))
        playwright.expect(page.locator("article h2").first).to_have_text("b.jpg")
        playwright.expect(page.locator("#status")).to_have_text("1 photo done.")
        assert page.locator("#access").is_hidden() and page.locator("svg").count() == 2
        page.reload()
        playwright.expect(page.locator("#about")).to_contain_text("Models")


def test_the_interface_is_shown(page: Any, service: Command) -> None:
    page.goto(f"http://127.0.0.1:{service.port}/docs")
    playwright.expect(page.locator(".opblock")).to_have_count(5)
