"""The benchmark of `read` and `lpr read`, with models whose answers are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.machine import kind, results_folder
from benchmarks.reading import read_folder, read_one, split_start
from benchmarks.report import ratios, split
from lpr.base.errors import LprError
from lpr.world.grammar import Grammar


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("photos")
    pixels = np.zeros((224, 224, 3), np.uint8)
    pixels[90:120, 56:168] = 255
    for number in range(2):
        Image.fromarray(pixels).save(folder / f"{number}.jpg", quality=95)
    return sorted(folder.iterdir())


def test_each_way_of_reading_is_measured(
    hand_made: Path, photos: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What follows no format is cut again: "AB", which these models read, is to be sure at first sight.
    monkeypatch.setattr(Grammar, "plausibility", lambda self, text: 1.0)
    rows = read_one(hand_made, photos, threads=1, rounds=2)
    assert ["sure at first sight" in row.goal.name for row in rows] == [False, True, False]
    rows.append(read_folder(hand_made, photos, tmp_path, threads=1, rounds=2))
    assert all(row.ours > 0 and row.theirs > 0 and row.goal.ratio.median > 0 for row in rows)
    assert rows[-1].goal.name == "`lpr read` of 2 photos, with its start / 2 times `read` of one"
    assert len(ratios(rows).splitlines()) == 2 + 4


def test_photos_without_a_plate_are_no_measurement(hand_made: Path, tmp_path: Path) -> None:
    Image.new("RGB", (224, 224)).save(tmp_path / "empty.jpg")
    with pytest.raises(LprError, match="find no plate"):
        read_one(hand_made, [tmp_path / "empty.jpg"], threads=1, rounds=2)


def test_the_start_is_split_into_steps_that_come_one_after_the_other(
    hand_made: Path, photos: list[Path], tmp_path: Path
) -> None:
    times = split_start(hand_made, photos[0], tmp_path, starts=1)
    assert min(times.interpreter, times.imports, times.sessions, times.read, times.total) > 0
    assert split(times).splitlines()[-1] == f"| all | {times.total:.0f} |"


def test_every_kind_of_processor_has_a_folder_of_its_own() -> None:
    assert results_folder().name == kind()
    assert kind() == kind().lower() and "/" not in kind() and " " not in kind()
