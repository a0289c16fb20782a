"""`ReadPhotos` as engines call it: columns in, columns of the same types out, whatever is in the photos."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lpr.batch.read_photos import ReadPhotos
from lpr.inference.recognizer import LicensePlateRecognizer


@pytest.fixture()
def photos(tmp_path: Path) -> list[Path]:
    pixels = np.zeros((224, 224, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "empty.png")
    pixels[90:120, 56:168] = 255
    Image.fromarray(pixels).save(tmp_path / "plate.png")
    (tmp_path / "broken.png").write_bytes(b"no photo")
    return [tmp_path / name for name in ("empty.png", "broken.png", "plate.png")]


@pytest.mark.parametrize("with_bytes", [False, True])
def test_a_row_for_each_plate_and_each_photo_without(hand_made: Path, photos: list[Path], with_bytes: bool) -> None:
    batch = {"path": [str(path) for path in photos]}
    if with_bytes:
        batch["bytes"] = [path.read_bytes() for path in photos]
    rows = ReadPhotos(hand_made)(batch)
    assert list(rows["image"]) == batch["path"]
    assert list(rows["text"]) == ["", "", "AB"]
    assert rows["error"][0] == rows["error"][2] == "" and "broken.png" in rows["error"][1]
    ((plate,),) = LicensePlateRecognizer(hand_made).read([photos[2]])
    assert [rows[name][2] for name in ("x", "y", "width", "height")] == pytest.approx(plate.box)
    assert (rows["confidence"][2], rows["detection"][2]) == pytest.approx((plate.confidence, plate.detection))
    assert [float(share) for share in rows["chars"][2].split()] == pytest.approx(plate.chars, abs=1e-4)
    assert np.isnan(rows["confidence"][:2]).all()


def test_columns_have_the_same_types_where_nothing_is_found(hand_made: Path, photos: list[Path]) -> None:
    read = ReadPhotos(hand_made)
    some, none = (read({"path": [str(path)]}) for path in (photos[2], photos[0]))
    assert {name: column.dtype for name, column in some.items()} == {n: c.dtype for n, c in none.items()}
    assert list(read({"path": []})) == list(some)


def test_it_travels_to_other_processes_without_the_opened_models(hand_made: Path, photos: list[Path]) -> None:
    read = ReadPhotos(hand_made)
    batch = {"path": [str(photos[2])]}
    before = read(batch)
    assert len(pickle.dumps(read)) < 1000
    assert copy.deepcopy(read)(batch)["text"] == before["text"]
