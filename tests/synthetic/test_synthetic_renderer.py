"""The renderer's promises: determinism, texts, geometry, and scenes."""

from __future__ import annotations

import hashlib
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lpr.plate.box import iou
from lpr.plate.text import INDEX
from lpr.synthetic import Rendered, Renderer

STYLES = ("legible", "harsh")


def digest(rendered: Rendered) -> str:
    described = repr((rendered.image.shape, rendered.plates)).encode()
    return hashlib.sha256(rendered.image.tobytes() + described).hexdigest()


@pytest.fixture(scope="module")
def crops() -> dict[str, list[Rendered]]:
    return {style: [Renderer(style, 5).crop(index) for index in range(120)] for style in STYLES}


@pytest.fixture(scope="module")
def scenes() -> dict[str, list[Rendered]]:
    return {style: [Renderer(style, 5).scene(index) for index in range(40)] for style in STYLES}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("kind", ["crop", "scene"])
def test_an_index_gives_the_same_bytes_in_any_order(style: str, kind: str) -> None:
    forward = [digest(getattr(Renderer(style, 11), kind)(index)) for index in range(4)]
    renderer = pickle.loads(pickle.dumps(Renderer(style, 11)))  # noqa: S301, the pickle is our own
    backward = [digest(getattr(renderer, kind)(index)) for index in (3, 2, 1, 0)]
    assert forward == backward[::-1]
    assert len(set(forward)) == 4


def test_another_process_gives_the_same_bytes() -> None:
    code = (
        "from test_synthetic_renderer import digest\n"
        "from lpr.synthetic import Renderer\n"
        "print(digest(Renderer('harsh', 3).scene(9)), digest(Renderer('legible', 3).crop(2)))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=_environment()
    ).stdout.split()
    here = [digest(Renderer("legible", 3).crop(2)), digest(Renderer("harsh", 3).scene(9))]
    assert printed == here[::-1]


def _environment() -> dict[str, str]:
    here = Path(__file__).resolve()
    return {**os.environ, "PYTHONPATH": os.pathsep.join((str(here.parent), str(here.parents[2])))}


def test_seed_kind_and_index_each_change_the_picture() -> None:
    texts = {
        Renderer("legible", 1).crop(0).plates[0].text,
        Renderer("legible", 2).crop(0).plates[0].text,
        Renderer("legible", 1).crop(1).plates[0].text,
    }
    assert len(texts) == 3
    assert digest(Renderer("legible", 1).crop(0)) != digest(Renderer("harsh", 1).crop(0))


@pytest.mark.parametrize("style", STYLES)
def test_texts_are_of_the_alphabet_and_varied(crops: dict[str, list[Rendered]], style: str) -> None:
    texts = [plate.text for rendered in crops[style] for plate in rendered.plates]
    assert len(texts) == 120
    assert len(set(texts)) > 115
    assert all(2 <= len(text) <= 11 for text in texts)
    assert set("".join(texts)) <= set(INDEX)
    assert len(set("".join(texts))) >= 34
    assert len({len(text) for text in texts}) >= 5


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("kind", ["crops", "scenes"])
def test_annotations_fit_the_image(kind: str, style: str, request: pytest.FixtureRequest) -> None:
    for rendered in request.getfixturevalue(kind)[style]:
        height, width, channels = rendered.image.shape
        assert channels == 3
        assert rendered.image.dtype == np.uint8
        for plate in rendered.plates:
            quad = np.array(plate.quad)
            assert (quad >= 0).all()
            assert (quad <= (width, height)).all()
            x, y, w, h = plate.box
            np.testing.assert_allclose([x, y], quad.min(0))
            np.testing.assert_allclose([x + w, y + h], quad.max(0))
            assert len(plate.centres) == len(plate.text)
            assert plate.lines in (1, 2)
            for point in plate.centres:
                assert _inside(quad, point)


def _inside(quad: np.ndarray, point: tuple[float, float]) -> bool:
    """Whether a point is to the right of every edge of a clockwise quadrilateral (y points down)."""
    edges = np.roll(quad, -1, axis=0) - quad
    to_point = np.array(point) - quad
    return bool((edges[:, 0] * to_point[:, 1] - edges[:, 1] * to_point[:, 0] > 0).all())


@pytest.mark.parametrize("style", STYLES)
def test_reading_order_goes_right_and_then_down(crops: dict[str, list[Rendered]], style: str) -> None:
    two_line = 0
    for rendered in crops[style]:
        (plate,) = rendered.plates
        quad, centres = np.array(plate.quad), np.array(plate.centres)
        across, down = quad[1] - quad[0], quad[3] - quad[0]
        along, below = np.linalg.solve(np.stack([across, down], 1), (centres - quad[0]).T)
        breaks = np.flatnonzero(np.diff(along) < 0)
        assert len(breaks) == plate.lines - 1
        if plate.lines == 2:
            two_line += 1
            first, second = below[: breaks[0] + 1], below[breaks[0] + 1 :]
            assert first.max() < second.min() - 0.2
    assert two_line >= (8 if style == "legible" else 20)


@pytest.mark.parametrize("style", STYLES)
def test_a_crop_has_a_wide_margin(crops: dict[str, list[Rendered]], style: str) -> None:
    for rendered in crops[style]:
        height, width = rendered.image.shape[:2]
        x, y, w, h = rendered.plates[0].box
        for margin, side in ((x, w), (width - x - w, w), (y, h), (height - y - h, h)):
            assert 0.19 * side <= margin <= 0.41 * side + 1


def test_every_legible_plate_is_readable_and_some_harsh_ones_are_not(
    crops: dict[str, list[Rendered]], scenes: dict[str, list[Rendered]]
) -> None:
    legible = [plate for rendered in crops["legible"] + scenes["legible"] for plate in rendered.plates]
    assert all(plate.readable for plate in legible)
    harsh = [plate.readable for rendered in crops["harsh"] + scenes["harsh"] for plate in rendered.plates]
    assert 0.5 < np.mean(harsh) < 0.97


def test_harsh_is_harsher(crops: dict[str, list[Rendered]]) -> None:
    def sizes(style: str) -> list[float]:
        return [rendered.plates[0].box[3] / rendered.plates[0].lines for rendered in crops[style]]

    def tilts(style: str) -> float:
        corners = np.array([rendered.plates[0].quad for rendered in crops[style]])
        edge = corners[:, 1] - corners[:, 0]
        return float(np.abs(np.arctan2(edge[:, 1], edge[:, 0])).mean())

    assert min(sizes("harsh")) < min(sizes("legible"))
    assert tilts("harsh") > 1.3 * tilts("legible")


@pytest.mark.parametrize("style", STYLES)
def test_scenes_hold_up_to_three_separate_plates(scenes: dict[str, list[Rendered]], style: str) -> None:
    counts = [len(rendered.plates) for rendered in scenes[style]]
    assert set(counts) >= {0, 1, 2}
    assert max(counts) <= 3
    for rendered in scenes[style]:
        boxes = np.array([plate.box for plate in rendered.plates]).reshape(-1, 4)
        assert (iou(boxes, boxes) - np.eye(len(boxes)) < 1e-9).all()
        assert rendered.image.shape[1] in range(480, 641)


def test_legible_scenes_show_plates_large_enough(scenes: dict[str, list[Rendered]]) -> None:
    shares = [plate.box[2] / rendered.image.shape[1] for rendered in scenes["legible"] for plate in rendered.plates]
    assert min(shares) >= 0.07
    assert np.mean([0.14 <= share <= 0.52 for share in shares]) > 0.6
