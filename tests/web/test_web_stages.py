"""Each stage of the page's reading code against the Python that it follows, in Node.js."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from lpr.decoding.ctc import decode
from lpr.decoding.reading import read_cuts
from lpr.inference.as_json import photo_record
from lpr.inference.corners import leaning, with_corners
from lpr.inference.recognizer import LicensePlateRecognizer
from lpr.inference.second_look import combine, to_photo, window_for
from lpr.inference.shipped import SHIPPED
from lpr.inference.sideways import QUARTERS, box_before, ways_to_cut
from lpr.plate.box import nms
from lpr.plate.crop import detector_input, ocr_input
from lpr.plate.text import ALPHABET
from lpr.runtime.onnx_model import OnnxModel
from lpr.synthetic.renderer import Renderer
from lpr.world.grammar import Grammar
from web.build import HERE, model_facts, script

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="Node.js is missing: apt-get install nodejs")

HARSH = Renderer("harsh", 8)

Calls = Callable[[list[list[Any]]], list[Any]]


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page's reading code, with the constants it needs."""
    folder = tmp_path_factory.mktemp("page")
    for path in HERE.glob("src/*.js"):
        shutil.copy(path, folder)
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "constants.js").write_text(script(model_facts(SHIPPED, [])))
    return folder


def node(program: str, code: Path, value: Any) -> Any:
    """Return what a program beside this file answers to a value."""
    command = [str(NODE), str(Path(__file__).with_name(program)), str(code)]
    done = subprocess.run(command, input=json.dumps(value), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def call(code: Path) -> Calls:
    """Calls functions of the page's code, [[module, function, ...arguments], ...], and returns their results."""
    return lambda calls: node("stages.mjs", code, calls)


def sent(pixels: NDArray[np.uint8]) -> dict[str, Any]:
    height, width, _ = pixels.shape
    return {"width": width, "height": height, "data": base64.b64encode(pixels.tobytes()).decode()}


def photo(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    """Return a photo with edges and gradients of all sizes."""
    coarse, fine = (
        Image.fromarray(rng.integers(0, 256, (max(height // step, 2), max(width // step, 2), 3), dtype=np.uint8))
        for step in (20, 2)
    )
    size = (width, height)
    return Image.blend(coarse.resize(size, Image.Resampling.BICUBIC), fine.resize(size, Image.Resampling.NEAREST), 0.5)


SIZES = [(640, 480), (1000, 700), (333, 900), (1400, 90), (5, 7)]


def test_the_models_see_the_same_pixels(call: Calls) -> None:
    rng = np.random.default_rng(3)
    calls, expected = [], []
    for width, height in SIZES:
        image = photo(rng, width, height)
        given = sent(np.asarray(image))
        calls.append(["crop", "detectorInput", given])
        expected.append(detector_input(image))
        for _ in range(4):
            # Windows and plates of all sizes, whole or partly beyond the edge.
            x, y = rng.uniform(-0.2, 0.9, 2) * (width, height)
            w, h = rng.uniform(0.05, 1.0, 2) * (width, height)
            box = (float(x), float(y), float(w), float(h))
            calls += [["crop", "detectorInput", given, box], ["crop", "ocrInput", given, box, 0.06]]
            expected += [detector_input(image, box), ocr_input(image, box, 0.06)]
            quad = np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]]) + rng.uniform(-0.2, 0.2, (4, 2)) * (w, h)
            calls.append(["crop", "ocrInput", given, box, 0.06, quad.tolist()])
            expected.append(ocr_input(image, box, 0.06, quad))
    for (_, name, given, *rest), result, wanted in zip(calls, call(calls), expected, strict=True):
        seen = np.frombuffer(base64.b64decode(result["data"]), np.uint8).reshape(wanted.shape)
        difference = np.abs(seen.astype(int) - wanted)
        # Where Pillow rounds may turn with the last bit of a matrix, and has moved with its versions: one grey level.
        assert difference.max() <= 1 and difference.mean() < 0.2, (name, given["width"], given["height"], rest)


def test_candidates_are_chosen_and_looked_at_again_alike(call: Calls) -> None:
    rng = np.random.default_rng(4)
    grid = rng.uniform(0, 0.7, (40, 2))
    size = rng.uniform(0.02, 0.3, (40, 2))
    rows = np.concatenate([grid, size, rng.uniform(0, 1, (40, 1)), rng.uniform(0, 1, (40, 8))], axis=1)
    rows[20:, :4] = rows[:20, :4] + rng.normal(0, 0.01, (20, 4))
    window = (30.0, 20.0, 400.0, 300.0)
    quads = [
        [[0, 0], [100, 0], [100, 30], [0, 30]],
        [[0, 0], [100, 9], [99, 40], [0, 30]],
        [[0, 0], [100, 11], [97, 42], [-3, 31]],
        [[8, 0], [100, 0], [94, 30], [0, 30]],
        [[0, 0], [100, 40], [100, 30], [0, 70]],
        [[0, 0], [1, 0], [1, 1], [0, 1]],
    ]
    results = call(
        [
            ["box", "nms", rows.tolist(), 0.4],
            *(["second_look", "toPhoto", row.tolist(), window] for row in rows),
            *(["quad", "leaning", quad] for quad in quads),
            *(["second_look", "windowFor", row[:4].tolist(), row[4], 1, 1.5, False] for row in rows * 300),
            *(["second_look", "combine", row.tolist(), rows.tolist(), 0.45] for row in rows),
        ]
    )
    expected = [
        rows[nms(rows[:, :4], rows[:, 4], 0.4)].tolist(),
        *to_photo(rows, window).tolist(),
        *(leaning(quad) is not None for quad in quads),
        *(window_for((row[0], row[1], row[2], row[3]), row[4], 1, 1.5) for row in rows * 300),
        *(combine(row, rows, 0.45).tolist() for row in rows),
    ]
    assert 1 < len(results[0]) < 40
    for result, wanted in zip(results, expected, strict=True):
        assert result == wanted or np.allclose(result, wanted, rtol=1e-12), (result, wanted)


def test_plates_on_their_side_are_cut_and_placed_alike(call: Calls) -> None:
    boxes = [(3.0, 5.0, 20.0, 60.0), (3.0, 5.0, 60.0, 20.0), (3.0, 5.0, 50.0, 64.0), (3.0, 5.0, 50.0, 66.0)]
    results = call(
        [
            *(["sideways", "waysToCut", box] for box in boxes),
            *(["sideways", "boxBefore", box, quarters, 300, 200] for box in boxes for quarters in QUARTERS.values()),
        ]
    )
    ways = [[None if way is None else way.tolist() for way in ways_to_cut(box)] for box in boxes]
    assert sorted(map(len, ways)) == [1, 1, 3, 3]
    assert results[: len(boxes)] == ways
    placed = [list(box_before(box, quarter, 300, 200)) for box in boxes for quarter in QUARTERS]
    assert results[len(boxes) :] == placed


def logits(rng: np.random.Generator, text: str, doubt: float) -> NDArray[np.float32]:
    """Return what an OCR might say of a text: `doubt` is the spread of its log-odds."""
    steps = rng.normal(-8, 1 + doubt / 2, (64, len(ALPHABET)))
    places = np.sort(rng.choice(32, len(text), replace=False)) * 2
    for place, character in zip(places, text, strict=True):
        steps[place : place + 2, ALPHABET.index(character)] += 14
        steps[place, rng.integers(len(ALPHABET))] += rng.normal(11, doubt)
    return steps.astype(np.float32)


TEXTS = ["BRA2E19", "KL65DKH", "1234ABC", "AA11AA", "MH12AB1234", "I0O1", "XXXXXXXX", "7"]


def test_logits_are_read_alike(call: Calls) -> None:
    rng = np.random.default_rng(5)
    plates = [[logits(rng, text, doubt) for _ in range(3)] for text in TEXTS for doubt in (0.5, 2, 4, 6)]
    plates += [[np.full((64, 36), -20, np.float32)] * 3]
    results = call(
        [
            *(["reading", "readCuts", [cut.tolist() for cut in cuts]] for cuts in plates),
            *(["ctc", "decode", cuts[0].tolist()] for cuts in plates),
        ]
    )
    grammar = Grammar()
    expected = [*(read_cuts(cuts, grammar) for cuts in plates), *(decode(cuts[0]) for cuts in plates)]
    for result, wanted in zip(results, expected, strict=True):
        assert result["text"] == wanted.text
        assert np.allclose(result["chars"], wanted.chars, atol=1e-4)
        assert result["confidence"] == pytest.approx(wanted.confidence, abs=1e-4)
    # Plates of both kinds were among them: sure ones, and others for which the cuts had to be compared.
    assert {reading.confidence >= 0.8 for reading in expected} == {True, False}
    assert any(joint.text != first.text for joint, first in zip(expected, expected[len(plates) :], strict=False))


def test_texts_are_as_plausible(call: Calls) -> None:
    grammar = Grammar()
    texts = [*TEXTS, "ABC", "B22DAN", "123456", "RC15STR", "AAAAAAAAAAAAAAAA"]
    results = call([["grammar", name, text] for text in texts for name in ("logRatio", "plausibility", "regions")])
    for text, ratio, plausibility, regions in zip(texts, *(results[start::3] for start in range(3)), strict=True):
        assert ratio == pytest.approx(grammar.log_ratio(text), abs=1e-9)
        assert plausibility == pytest.approx(grammar.plausibility(text), abs=1e-9)
        wanted = grammar.regions(text)
        assert [code for code, _ in regions] == [code for code, _ in wanted], text
        assert [share for _, share in regions] == pytest.approx([share for _, share in wanted], abs=1e-9)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Holds what the models are asked, and what they answer, from here on."""
    noted: list[dict[str, Any]] = []
    run = OnnxModel.__call__

    def recorded(model: OnnxModel, batch: Any, at_once: int | None = None) -> tuple[NDArray[np.float32], ...]:
        outputs = run(model, batch, at_once)
        if len(batch):
            kept = with_corners(outputs) if model.card.kind == "detector" else outputs[0]
            facts = {"kind": model.card.kind, "size": batch.size, "mean": float(batch.mean(dtype=np.float64))}
            noted.append({**facts, "outputs": kept.tolist()})
        return outputs

    monkeypatch.setattr(OnnxModel, "__call__", recorded)
    return noted


def test_photos_are_read_alike_when_the_models_answer_alike(code: Path, calls: list[dict[str, Any]]) -> None:
    photos = [Image.fromarray(HARSH.scene(index).image) for index in range(5)]
    # One that lies on its side, one that holds nothing, one with a large plate at its edge.
    sideways, large = photos[0].transpose(Image.Transpose.ROTATE_90), photos[1].crop((90, 60, 420, 400))
    photos += [sideways, Image.new("RGB", (300, 200)), large]
    recognizer = LicensePlateRecognizer(threads=1)
    expected = [photo_record("photo", recognizer.read(photo))["plates"] for photo in photos]
    assert any(expected) and not all(expected)
    results = node("replay.mjs", code, {"photos": [sent(np.asarray(photo)) for photo in photos], "calls": calls})
    for result, wanted in zip(results, expected, strict=True):
        assert [plate["text"] for plate in result] == [plate["text"] for plate in wanted]
        for one, other in zip(result, wanted, strict=True):
            assert one.keys() == other.keys()
            assert [code for code, _ in one["region"]] == [code for code, _ in other["region"]]
            for key in ("confidence", "chars", "box", "detection"):
                assert np.allclose(one[key], other[key], atol=0.11 if key == "box" else 2e-4), (key, one, other)


def test_a_constant_that_python_has_no_more_is_an_error(code: Path) -> None:
    (code / "asks.js").write_text('import { beam } from "./constants.js";\nconsole.log(beam.WIDTH, beam.GONE);\n')
    done = subprocess.run([str(NODE), str(code / "asks.js")], capture_output=True, text=True)
    assert done.returncode != 0 and "lpr.decoding.beam has no GONE" in done.stderr
