"""`check_dataset`: counts and reasons of a folder, without writing."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from lpr.assessment.data_check import check_dataset
from lpr.base.errors import LprError

BOX = [20, 30, 60, 20]


def test_a_good_folder(own_set, tmp_path: Path) -> None:
    entries = {
        "train": {"a.jpg": {"plates": [{"bbox": BOX, "text": "AB12", "lines": 2}]}, "b.jpg": {"plates": []}},
        "test": {"c.jpg": {"text": "CD34"}},
    }
    folder = own_set(tmp_path / "set", entries)
    before = sorted(folder.rglob("*"))
    report = check_dataset(folder, workers=1)
    assert report.ok and report.format == "own"
    assert report.counts == {
        "train": {"photos": 2, "crops": 0, "plates": 1, "with text": 1, "two-line": 1},
        "test": {"photos": 0, "crops": 1, "plates": 1, "with text": 1, "two-line": 0},
    }
    assert "no problems found" in report.text() and "train: 2 photos" in report.text()
    assert sorted(folder.rglob("*")) == before


def test_problems_are_counted_and_shown(own_set, tmp_path: Path) -> None:
    entries = {
        "train": {
            "a.jpg": {"plates": [{"bbox": BOX, "text": "SAME1"}]},
            "b.jpg": {"plates": [{"bbox": [1, 1, -1, 1]}]},
        },
        "test": {"c.jpg": {"plates": [{"bbox": BOX, "text": "SAME1"}]}},
    }
    folder = own_set(tmp_path / "set", entries)
    Image.new("L", (50, 50)).save(folder / "images" / "train" / "lonely.png")
    report = check_dataset(folder, workers=1)
    assert not report.ok
    assert report.rejections == [
        (
            "images/train/b.jpg",
            "plate",
            "box is degenerate: its width or height is not above 0; no usable plate is left",
        ),
        ("images/train/lonely.png", "", "image without an entry"),
    ]
    assert report.leaks == ["images/train/a.jpg (train) and images/test/c.jpg (test): the same text SAME1"]
    text = report.text()
    assert "1 x box is degenerate" in text and "1 x image without an entry" in text and "3 problems found" in text


def test_missing_folders_and_unknown_formats_are_errors(tmp_path: Path) -> None:
    with pytest.raises(LprError, match="no such folder"):
        check_dataset(tmp_path / "nowhere")
    with pytest.raises(LprError, match="no annotations found"):
        check_dataset(tmp_path)
    with pytest.raises(LprError, match="format is 'word': it must be one of own, "):
        check_dataset(tmp_path, "word")
