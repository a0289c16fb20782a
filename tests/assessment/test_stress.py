"""The stress bench: each condition moves pixels and box alike, and what is counted is computed by hand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lpr.assessment.folder import Dataset
from lpr.assessment.report import to_markdown
from lpr.assessment.run import assess
from lpr.assessment.stress import CONDITIONS, Condition, at_width, darkened, slanted, stress, turned
from lpr.assessment.write import write_assessment
from lpr.data.annotations import Entry, Plate
from lpr.inference.recognizer import LicensePlateRecognizer
from lpr.plate.box import Box
from tests.assessment.conftest import plate

BOX = (60.0, 50.0, 80.0, 20.0)


def photo() -> Image.Image:
    """A black photo of 200 x 120 with a white plate."""
    pixels = np.zeros((120, 200, 3), np.uint8)
    pixels[50:70, 60:140] = 255
    return Image.fromarray(pixels)


def extent(image: Image.Image) -> tuple[float, ...]:
    """Return the box of the bright pixels; the grey beyond the photo's edge is not bright."""
    rows, columns = np.nonzero(np.asarray(image)[..., 0] > 180)
    return columns.min(), rows.min(), columns.max() + 1 - columns.min(), rows.max() + 1 - rows.min()


@pytest.mark.parametrize(("change", "strength"), [(turned, 20), (turned, -30), (slanted, 30), (slanted, 10)])
def test_the_box_follows_the_pixels(change, strength: float) -> None:
    moved, box = change(photo(), BOX, strength)
    assert extent(moved) == pytest.approx(box, abs=2.0)


def test_turning_by_a_right_angle_swaps_the_plates_sides() -> None:
    assert turned(photo(), BOX, 90)[1] == pytest.approx((90, 20, 20, 80))


def test_a_view_shows_the_plate_at_the_share_asked_for_or_nothing() -> None:
    near, box = at_width(photo(), BOX, 0.8)
    assert near.size == pytest.approx((100, 75), abs=1) and box == pytest.approx((10, 28, 80, 20), abs=1)
    assert extent(near) == pytest.approx(box, abs=1)
    assert at_width(photo(), BOX, 0.3) is None, "a photo of 200 pixels holds no view of 267"


def test_darkening_leaves_a_share_of_the_light() -> None:
    assert np.asarray(darkened(photo(), BOX, 0.25)[0]).max() == 64


@dataclass(frozen=True)
class Read:
    box: Box
    text: str
    confidence: float = 0.9
    detection: float = 0.9


class Upright:
    """Reads AB in the white plate of photos that are not dark, and something else beside it."""

    threshold, margin = 0.5, 0.0

    def read(self, photos):
        return [
            [Read(tuple(map(float, extent(image))), "AB"), Read((0.0, 0.0, 9.0, 9.0), "XY")]
            if np.asarray(image).max() > 180
            else []
            for image in photos
        ]


def test_found_and_right_are_counted_for_each_strength() -> None:
    entries = [
        Entry("a.png", (Plate(BOX, "AB", 1),)),
        Entry("b.png", (Plate(BOX, "XY", 1), Plate(BOX, None, 1))),
        Entry("c.png", ()),
        Entry("d.png", text="AB", use="reading"),
    ]
    condition = Condition("darkened", "share", (1.0, 0.5), darkened)
    rows = stress(Upright(), [(entry, photo()) for entry in entries], None, [condition])  # type: ignore[arg-type]
    counts = [(row["strength"], row["found"]["right"], row["right"]["right"], row["right"]["total"]) for row in rows]
    # XY is read elsewhere in the photo, which is no reading of the plate.
    assert counts == [(1.0, 2, 1, 2), (0.5, 0, 0, 2)]


def test_the_command_line_report_holds_every_condition(own, hand_made: Path, tmp_path: Path) -> None:
    dataset = Dataset(own({"a.png": ("AB", [plate("AB")])}))
    result = assess(LicensePlateRecognizer(hand_made, threads=1), hand_made, dataset, stressed=True)
    text = to_markdown(result.record)
    for condition in CONDITIONS:
        assert f"| {condition.name} ({condition.unit}) | {condition.strengths[0]:g} |" in text
    assert "\nPhotos with their plates painted over in which something is read: 0.000 (0/1) [" in text
    write_assessment(result, dataset, tmp_path / "out")
    assert Image.open(tmp_path / "out" / "stress.png").size[0] > 400
    assert len(json.loads((tmp_path / "out" / "evaluation.json").read_text())["stress"]) == 25
