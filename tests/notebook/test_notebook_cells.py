"""What the cells of a notebook call."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lpr.base.errors import LprError
from lpr.data.annotations import Entry, Plate, write_entries
from lpr.notebook.command import run
from lpr.notebook.curves import draw_curves
from lpr.notebook.photos import sample_photos

ROOT = Path(__file__).parents[2]
SAVES = """\
import pathlib, signal, sys, time

def save(*_):
    pathlib.Path("saved").touch()
    print("saved")
    sys.exit(130)

signal.signal(signal.SIGINT, save)
print("started")
time.sleep(300)
"""


def test_a_command_that_fails_is_an_exception_after_its_output(capsys: pytest.CaptureFixture[str]) -> None:
    run("lpr", "--version")
    assert capsys.readouterr().out.startswith("lpr ")
    with pytest.raises(subprocess.CalledProcessError) as caught:
        run("lpr", "params", "no-such-recipe.yaml")
    assert caught.value.returncode == 2 and caught.value.cmd[:4] == ["python", "-m", "lpr", "params"]
    assert "no-such-recipe.yaml: no such file" in capsys.readouterr().out
    run("lpr", "params", "no-such-recipe.yaml", accept=(0, 2))


def test_what_a_stage_calls_python_is_this_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "child.py").write_text("import shutil; print(shutil.which('python'))")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    run("child")
    assert Path(capsys.readouterr().out.strip()).parent == Path(sys.executable).parent


def test_an_interrupted_command_saves_its_work(tmp_path: Path) -> None:
    (tmp_path / "child.py").write_text(SAVES)
    code = "from lpr.notebook.command import run; run('child')"
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=tmp_path, env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None and process.stdout.readline() == "started\n"
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert output == "saved\n" and (tmp_path / "saved").exists()
    assert errors.rstrip().endswith("KeyboardInterrupt")


def test_curves_of_nothing_and_of_a_broken_file(tmp_path: Path) -> None:
    with pytest.raises(LprError, match=r"holds no curves; run `dvc repro evaluate`"):
        draw_curves(tmp_path)
    folder = tmp_path / "train_ocr/plots/metrics/val"
    folder.mkdir(parents=True)
    (folder / "plate_accuracy.tsv").write_text("step\tplate_accuracy\n0\t0.5\n1\t0.75\n")
    assert draw_curves(tmp_path).startswith(b"\x89PNG")
    (folder / "plate_accuracy.tsv").write_text("step\tplate_accuracy\n0\thigh\n")
    with pytest.raises(LprError, match=r"plate_accuracy\.tsv: no table of step and plate_accuracy"):
        draw_curves(tmp_path)


def test_photos_with_a_plate_are_spread_over_the_test_split(tmp_path: Path) -> None:
    folder = tmp_path / "annotations"
    folder.mkdir()
    plate = Plate((1.0, 2.0, 30.0, 10.0), "AB12")
    entries = [Entry("crop.jpg", text="AB12"), Entry("empty.jpg")]
    write_entries(folder / "test.json", [*entries, *(Entry(f"p{number}.jpg", (plate,)) for number in range(6))])
    assert [path.name for path in sample_photos(tmp_path, 3)] == ["p0.jpg", "p2.jpg", "p4.jpg"]
    assert sample_photos(tmp_path, 3)[0].parent == tmp_path / "images" / "test"
    assert len(sample_photos(tmp_path, 100)) == 6
    write_entries(folder / "test.json", entries)
    with pytest.raises(LprError, match="no photo with a plate"):
        sample_photos(tmp_path, 3)
