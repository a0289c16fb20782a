"""`lpr serve`, asked as its users ask it."""

from __future__ import annotations

import io
import random
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from lpr.inference.as_json import photo_record
from lpr.inference.recognizer import LicensePlateRecognizer
from tests.fuzz.mutate import damage
from tests.fuzz.targets.image import make_seeds, mutate_image
from tests.serve.running import Command, ask, command, counter, form


@pytest.fixture(scope="module")
def expected(photos: list[bytes]) -> list[list[dict]]:
    """The plates of each photo as Python reads them."""
    recognizer = LicensePlateRecognizer(threads=1)
    return [photo_record("", recognizer.read(Image.open(io.BytesIO(photo))))["plates"] for photo in photos]


def same(plates: list[dict], others: list[dict]) -> bool:
    """Whether two readings are the same but for the rounding of batches."""
    if [plate["text"] for plate in plates] != [plate["text"] for plate in others]:
        return False
    pairs = [
        (a, b)
        for plate, other in zip(plates, others, strict=True)
        for a, b in zip(plate["box"], other["box"], strict=True)
    ]
    return all(abs(a - b) <= 0.2 for a, b in pairs)


def png(width: int, height: int) -> bytes:
    stream = io.BytesIO()
    Image.new("L", (width, height)).save(stream, "PNG")
    return stream.getvalue()


def test_the_bytes_of_one_photo(service: Command, photos: list[bytes], expected: list[list[dict]]) -> None:
    answer = ask(service.port, "POST", "/v1/read", photos[0], {"Content-Type": "image/jpeg"})
    assert answer.status == 200 and answer.json.keys() == {"image", "plates"}
    assert answer.json["plates"] and same(answer.json["plates"], expected[0])


def test_a_form_is_answered_in_its_order(service: Command, photos: list[bytes], expected: list[list[dict]]) -> None:
    body, headers = form(("b.jpg", photos[1]), ("no.jpg", b"hello"), ("x/a.jpg", photos[0]), fields={"detail": "1"})
    answer = ask(service.port, "POST", "/v1/read", body, headers)
    assert answer.status == 200
    first, bad, last = answer.json
    assert (first["image"], bad["image"], last["image"]) == ("b.jpg", "no.jpg", "a.jpg")
    assert same(first["plates"], expected[1]) and same(last["plates"], expected[0])
    assert bad["plates"] == [] and "not an image" in bad["error"]
    with Image.open(io.BytesIO(photos[1])) as image:
        assert first["size"] == list(image.size)
    assert first["model"] == ask(service.port, "GET", "/v1/model").json["version"]


def test_regions_are_those_of_the_request(service: Command, photos: list[bytes]) -> None:
    recognizer = LicensePlateRecognizer(threads=1, regions=["PL"])
    # A blurred plate is doubtful, and so its reading is compared with the formats of the countries.
    with Image.open(io.BytesIO(photos[0])) as image:
        blurred = image.resize((image.width // 4, image.height // 4)).resize(image.size)
    stream = io.BytesIO()
    blurred.save(stream, "PNG")
    for query, reader in (("?regions=pl", recognizer), ("", LicensePlateRecognizer(threads=1))):
        plates = ask(service.port, "POST", f"/v1/read{query}", stream.getvalue()).json["plates"]
        wanted = photo_record("", reader.read(blurred))["plates"]
        assert same(plates, wanted) and [p["region"] for p in plates] == [p["region"] for p in wanted]


def test_many_clients_each_get_their_own(service: Command, photos: list[bytes], expected: list[list[dict]]) -> None:
    def one(index: int) -> bool:
        answer = ask(service.port, "POST", "/v1/read", photos[index % 6])
        return answer.status == 200 and same(answer.json["plates"], expected[index % 6])

    with ThreadPoolExecutor(12) as pool:
        assert all(pool.map(one, range(36)))


NINE = [(f"{number}.png", png(8, 8)) for number in range(9)]
REFUSED = {
    "empty": (b"", {}, "", 400, "no photo"),
    "no image": (b"hello", {}, "", 415, "known format"),
    "damaged": (png(400, 400)[:60], {}, "", 422, "damaged"),
    "pixels": (png(2000, 501), {}, "", 413, "2000 x 501 pixels, more than the 1 megapixels"),
    "bytes": (b"\xff\xd8" + bytes(2_000_000), {}, "", 413, "more than 2 MB"),
    "photos": (*form(*NINE), "", 413, "more than 8 photos"),
    "no boundary": (b"x", {"Content-Type": "multipart/form-data"}, "", 400, "boundary"),
    "no form": (b"x", form()[1], "", 400, "multipart"),
    "cut form": (form(("a.png", png(8, 8)))[0][:-20], form()[1], "", 400, "cut short"),
    "form without files": (*form(fields={"a": "b"}), "", 400, "form without a photo"),
    "long field": (*form(fields={"a": "b" * 2000}), "", 400, "form field"),
    "long head": (b"--LINE\r\nA: " + b"b" * 20_000 + b"\r\n\r\n\r\n--LINE--\r\n", form()[1], "", 400, "header"),
    "parameter": (png(8, 8), {}, "?details=1", 400, "details"),
    "region": (png(8, 8), {}, "?regions=DE,XX", 400, "region 'XX' is not known"),
    "value": (png(8, 8), {}, "?detail=maybe", 400, "maybe"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_and_why(service: Command, name: str) -> None:
    body, headers, query, status, message = REFUSED[name]
    answer = ask(service.port, "POST", f"/v1/read{query}", body, headers)
    assert (answer.status, answer.headers["content-type"]) == (status, "application/json"), answer.body
    assert message in answer.json["error"]


def test_a_declared_length_is_enough_to_be_refused(service: Command) -> None:
    assert ask(service.port, "POST", "/v1/read", iter([]), {"Content-Length": "9" * 30}).status in (400, 413)
    assert ask(service.port, "POST", "/v1/read", None, {"Content-Length": "2000001"}).status == 413


def test_hostile_bodies_leave_the_service_and_its_other_clients_as_they_were(
    service: Command, photos: list[bytes], expected: list[list[dict]]
) -> None:
    rng, seeds = random.Random(5), make_seeds()
    body, headers = form(("a.jpg", photos[0]), ("b.png", png(300, 200)))
    damaged: list[tuple[bytes, dict[str, str]]] = [(damage(body, rng), headers) for _ in range(60)]
    damaged += [(mutate_image(name, seeds[name], rng)[0], {}) for name in rng.choices([*seeds], k=180)]
    rng.shuffle(damaged)

    def harm(number: int) -> int:
        return ask(service.port, "POST", "/v1/read", *damaged[number]).status

    def right(number: int) -> bool:
        answer = ask(service.port, "POST", "/v1/read", photos[number % 6])
        return answer.status == 200 and same(answer.json["plates"], expected[number % 6])

    with ThreadPoolExecutor(8) as hostile, ThreadPoolExecutor(4) as others:
        statuses = hostile.map(harm, range(len(damaged)))
        assert all(others.map(right, range(48)))
        assert set(statuses) <= {200, 400, 413, 415, 422}
    # Nothing that was refused is still counted as held: as large a photo as may be is taken at once.
    assert counter(service.port, "lpr_queue_photos") == 0
    assert ask(service.port, "POST", "/v1/read", png(1000, 1000)).status == 200
    assert service.process.poll() is None and not any("Traceback" in line for line in service.log)


def test_other_paths_and_methods(service: Command) -> None:
    assert ask(service.port, "GET", "/v1/read").status == 405
    assert ask(service.port, "GET", "/secret").json == {"error": "Not Found"}
    assert ask(service.port, "GET", "/static/../app.py").status == 404
    assert ask(service.port, "GET", "/health").json == {"alive": True}
    ready, model = ask(service.port, "GET", "/ready").json, ask(service.port, "GET", "/v1/model").json
    assert ready == {"ready": True, "model": model["version"]}
    assert model["card"].startswith("# License plate models") and model["sha256"].keys() == {
        "detector.onnx",
        "ocr.onnx",
    }


def test_metrics_count_what_was_read(service: Command, photos: list[bytes], expected: list[list[dict]]) -> None:
    names = ['lpr_requests_total{path="/v1/read",status="200"}', 'lpr_photos_total{outcome="read"}', "lpr_plates_total"]
    before = [counter(service.port, name) for name in names]
    body, headers = form(("a.jpg", photos[0]), ("b.jpg", photos[1]))
    ask(service.port, "POST", "/v1/read", body, headers)
    after = [counter(service.port, name) for name in names]
    plates = len(expected[0]) + len(expected[1])
    assert [b - a for a, b in zip(before, after, strict=True)] == [1, 2, plates]


def test_the_interface_is_described_without_a_network(service: Command) -> None:
    document = ask(service.port, "GET", "/openapi.json").json
    assert {"/v1/read", "/v1/model", "/health", "/ready", "/metrics"} == document["paths"].keys()
    for page in ("/docs", "/"):
        answer = ask(service.port, "GET", page)
        assert answer.headers["content-security-policy"].startswith("default-src '")
        links = re.findall(r'(?:src|href)="(?!data:)([^"]+)"', answer.body.decode())
        assert links and not any("//" in link for link in links)
        assert [ask(service.port, "GET", f"/{link}").status for link in links] == [200] * len(links)


def test_a_token_is_asked_for_and_the_log_tells_no_plates(photos: list[bytes], expected: list[list[dict]]) -> None:
    environment = {"LPR_SERVE_TOKEN": "sesame"}
    right = {"Authorization": "Bearer sesame"}
    body, headers = form(("KL65DKH.jpg", photos[0]))
    with command(environment=environment) as running:
        for given in ({}, {"Authorization": "Bearer sesam"}, {"Authorization": "sesame"}):
            answer = ask(running.port, "POST", "/v1/read", body, {**headers, **given})
            assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
            assert ask(running.port, "GET", "/metrics", None, given).status == 401
        assert [ask(running.port, "GET", path).status for path in ("/health", "/ready", "/")] == [200] * 3
        answer = ask(running.port, "POST", "/v1/read", body, {**headers, **right})
        assert answer.status == 200 and same(answer.json[0]["plates"], expected[0])
        running.wait_for("POST /v1/read 200")
        log = "".join(running.log)
    assert "sesame" not in log and "KL65DKH" not in log
    assert not any(plate["text"] in log for plate in expected[0])


def test_plates_are_logged_where_it_is_asked_for(photos: list[bytes], expected: list[list[dict]]) -> None:
    with command("--log-plates") as running:
        ask(running.port, "POST", "/v1/read", photos[0])
        assert expected[0][0]["text"] in running.wait_for("plates: ")
