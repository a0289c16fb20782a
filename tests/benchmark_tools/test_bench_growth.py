"""The table of growth, and what is measured for it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.footprint import Footprint, run_module
from benchmarks.scale import flat, goals, growth, linear, verdicts
from benchmarks.small_images import SIZE, grow, write_source
from lpr.base.errors import LprError

RUNS = {
    100: {"fetch_data": Footprint(2.0, 4.0, 100.0, 200.0), "evaluate": Footprint(10.0, 15.0, 300.0, 300.0)},
    1000: {"fetch_data": Footprint(20.0, 36.0, 110.0, 260.0), "evaluate": Footprint(90.0, 150.0, 270.0, 300.0)},
    5000: {"fetch_data": Footprint(120.0, 210.0, 115.0, 250.0), "evaluate": Footprint(450.0, 700.0, 300.0, 330.0)},
}


def test_growth_is_against_the_smallest_size() -> None:
    assert linear(RUNS, "fetch_data", 1000, "seconds") == pytest.approx(1.0)
    assert linear(RUNS, "fetch_data", 5000, "seconds") == pytest.approx(120 / (2 * 50))
    assert linear(RUNS, "fetch_data", 1000, "cpu") == pytest.approx(0.9)
    assert flat(RUNS, "fetch_data", 5000, "largest") == pytest.approx(1.15)
    assert flat(RUNS, "evaluate", 1000, "largest") == pytest.approx(0.9)


def test_the_largest_size_is_judged() -> None:
    found = {goal.name: (round(goal.ratio.median, 3), goal.verdict) for goal in goals(RUNS)}
    fetch, evaluate = "`fetch_data` of 5,000 images / of 100", "`evaluate` of 5,000 images / of 100"
    assert found == {
        f"{fetch}: time, to linear": (1.2, "missed"),
        f"{fetch}: memory of the largest process": (1.15, "met"),
        f"{fetch}: memory of all processes": (1.25, "missed"),
        f"{evaluate}: time, to linear": (0.9, "met"),
        f"{evaluate}: memory of the largest process": (1.0, "met"),
        f"{evaluate}: memory of all processes": (1.1, "met"),
    }
    assert f"| {fetch}: time, to linear | 1.2 | 1.15 | missed |" in verdicts(goals(RUNS))


def test_the_table_has_a_line_for_each_stage_and_size() -> None:
    lines = growth(dict(reversed(RUNS.items()))).splitlines()
    assert lines[2] == "| fetch_data | 100 | 2.0 |  | 4.0 | 100 | 200 |  |  |  |  |"
    # 100 s for 4,000 images more than the size before.
    assert lines[4] == "| fetch_data | 5,000 | 120.0 | 25.00 | 210.0 | 115 | 250 | 1.20 | 1.05 | 1.15 | 1.25 |"
    assert [line.split(" | ")[0] for line in lines[2:]] == ["| fetch_data"] * 3 + ["| evaluate"] * 3
    assert {line.count("|") for line in lines} == {12}


PROGRAM = """
import subprocess, sys, time
held = b"x" * ({mebibytes} << 20)
child = [sys.executable, "-S", "-c", "import time; h = b'x' * ({mebibytes} << 20); print(flush=True); time.sleep(60)"]
with subprocess.Popen(child, stdout=subprocess.PIPE) as process:
    process.stdout.readline()
    until = time.process_time() + {cpu}
    while time.process_time() < until:
        pass
    time.sleep(2)
    process.kill()
"""


def run(folder: Path, program: str) -> Footprint:
    (folder / "measured_program.py").write_text(program)
    return run_module("measured_program", folder, {**os.environ, "PYTHONPATH": str(folder)}, folder / "program.log")


def test_a_program_and_its_children_are_measured_in_seconds_and_megabytes(tmp_path: Path) -> None:
    taken = run(tmp_path, PROGRAM.format(mebibytes=90, cpu=0.4))
    assert 0.4 <= taken.cpu <= taken.seconds * 2
    assert 90 < taken.largest < 150
    assert 180 < taken.together < 300


def test_a_program_that_fails_is_an_error_that_names_its_log(tmp_path: Path) -> None:
    with pytest.raises(LprError, match=r"ended with 3; see .*program\.log"):
        run(tmp_path, "print('why'); raise SystemExit(3)")
    assert (tmp_path / "program.log").read_text() == "why\n"


def test_a_pool_grows_as_if_drawn_at_once(tmp_path: Path) -> None:
    first = grow(tmp_path / "a", 2)
    drawn = (tmp_path / "a" / "images" / "000001.jpg").stat().st_mtime_ns
    grown, whole = grow(tmp_path / "a", 5), grow(tmp_path / "b", 5)
    assert grown == whole
    assert grown[:2] == first
    assert (tmp_path / "a" / "images" / "000001.jpg").stat().st_mtime_ns == drawn
    names = [f"{number:06}.jpg" for number in range(5)]
    contents = [(tmp_path / "a" / "images" / name).read_bytes() for name in names]
    assert contents == [(tmp_path / "b" / "images" / name).read_bytes() for name in names]
    assert len(set(contents)) == len({entry["text"] for entry in whole}) == 5
    for name, entry in zip(names, whole, strict=True):
        x, y, w, h = entry["bbox"]
        assert x >= 0 and y >= 0 and x + w <= SIZE[0] and y + h <= SIZE[1]
        assert np.asarray(Image.open(tmp_path / "b" / "images" / name)).shape == (SIZE[1], SIZE[0], 3)


def test_a_source_has_its_own_photos_alone_whatever_the_pool_holds(tmp_path: Path) -> None:
    grow(tmp_path / "pool", 5)
    write_source(tmp_path / "source", tmp_path / "pool", 3)
    listed = json.loads((tmp_path / "source" / "annotations" / "train.json").read_text())
    photos = sorted(path.name for path in (tmp_path / "source" / "images" / "train").iterdir())
    assert sorted(listed) == photos == ["000000.jpg", "000001.jpg", "000002.jpg"]
