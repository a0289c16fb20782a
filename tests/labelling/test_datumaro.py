"""Pre-labels for CVAT and back by way of Datumaro, the library of formats that CVAT uses itself."""

from __future__ import annotations

import json
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

from lpr.fetching.formats import read_entries
from lpr.fetching.formats.raw import RawEntry
from tests.labelling.rendered_photos import render

NAMES = ("street/first one.jpg", "second.png", "улица/третья.jpg")
PATIENCE = 300
ROUNDED = 0.06
"""Pixels: prelabels.json has one decimal, CVAT's file two."""


def convert(source: Path, target: Path, wanted: str, *options: str) -> None:
    """Have Datumaro read a folder of CVAT's and write what it holds in a format."""
    program = shutil.which("datum")
    if program is None:
        pytest.skip("needs Datumaro: pip install 'datumaro[cli]' into an environment of its own, its bin/ on PATH")
    command = [program, "convert", "-i", source, "-if", "cvat", "-o", target, "-f", wanted, "--", *options]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr


def correct(path: Path) -> None:
    """Turn the second photo's plate and type digits, add an outline without a text, and empty the third photo."""
    document = ET.parse(path)
    images = {image.get("name"): image for image in document.iter("image")}
    _, second, third = (images[name] for name in NAMES)
    box = second[0]
    box.attrib |= {"xtl": "70", "ytl": "70", "xbr": "130", "ybr": "90", "rotation": "90"}
    box[0].text = "0042"
    outline = {
        "label": "plate",
        "source": "manual",
        "occluded": "0",
        "points": "10,20;50,25;48,40;9,38",
        "z_order": "0",
    }
    ET.SubElement(second, "polygon", outline)
    third[:] = []
    document.write(path, "utf-8", xml_declaration=True)


@pytest.mark.long
@pytest.mark.timeout(4 * PATIENCE)
def test_datumaro_reads_the_pre_labels_for_cvat_and_its_files_are_read(
    tmp_path: Path, lpr: Callable[..., tuple[int, str, str]]
) -> None:
    prelabels, cvat, seen, back = (tmp_path / name for name in ("prelabels", "cvat", "seen", "back"))
    render(tmp_path / "photos", NAMES)
    assert lpr("data", "prelabel", tmp_path / "photos", "--out", prelabels)[0] == 0
    shutil.copytree(prelabels / "cvat", cvat)
    (cvat / "images").symlink_to(prelabels / "images")

    convert(cvat, seen, "datumaro")
    document = json.loads((seen / "annotations" / "annotations.json").read_text(encoding="utf-8"))
    items = {item["id"]: item for item in document["items"]}
    known = {photo["image"]: photo for photo in json.loads((prelabels / "prelabels.json").read_text())["photos"]}
    assert {name.rpartition(".")[0] for name in NAMES} == items.keys()
    assert [label["name"] for label in document["categories"]["label"]["labels"]] == ["plate"]
    for name in NAMES:
        item = items[name.rpartition(".")[0]]
        assert item["image"]["size"] == known[name]["size"][::-1]
        assert len(item["annotations"]) == len(known[name]["plates"]) > 0
        for found, plate in zip(item["annotations"], known[name]["plates"], strict=True):
            assert found["type"] == "bbox" and found["bbox"] == pytest.approx(plate["bbox"], abs=ROUNDED)
            assert found["attributes"]["text"] == plate["text"]
            assert found["attributes"]["sure"] == plate["sure"]

    correct(cvat / "annotations.xml")
    convert(cvat, back, "cvat", "--save-media")
    assert lpr("data", "check", back)[0] == 0
    entries = {raw.image: raw for raw in read_entries(back, "cvat") if isinstance(raw, RawEntry)}
    assert entries.keys() == {f"images/{name}" for name in NAMES}
    plates = [[(plate.bbox, plate.text) for plate in entries[f"images/{name}"].plates] for name in NAMES]
    before = known[NAMES[0]]["plates"]
    assert [text for _, text in plates[0]] == [plate["text"] for plate in before]
    for (bbox, _), plate in zip(plates[0], before, strict=True):
        assert bbox == pytest.approx(plate["bbox"], abs=ROUNDED)
    # Boxes of 60 x 20 about (100, 80), upright; and the outline's bounding box.
    (turned, digits), (outline, unread) = plates[1]
    assert turned == pytest.approx((90, 50, 20, 60), abs=ROUNDED) and digits == "0042"
    assert outline == pytest.approx((9, 20, 41, 20), abs=ROUNDED) and unread is None
    assert plates[2] == []
