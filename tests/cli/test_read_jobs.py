"""`lpr read` on large jobs: a file of lines that outlives kills."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lpr import cli
from lpr.batch.lines_file import LinesFile

ROOT = Path(__file__).parents[2]
PHOTOS = 90
Lpr = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    pixels = np.zeros((480, 640, 3), np.uint8)
    pixels[90:120, 56:300] = 255
    for number in range(PHOTOS):
        Image.fromarray(np.roll(pixels, number, axis=1)).save(folder / f"{number:03}.png")
    return folder


@pytest.fixture()
def lpr(capsys: pytest.CaptureFixture[str]) -> Lpr:
    """The command, run in this process: its status, output and errors."""

    def call(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            cli.main([*map(str, arguments)])
        output = capsys.readouterr()
        return int(ended.value.code or 0), output.out, output.err

    return call


def images(file: Path) -> list[str]:
    text = file.read_text()
    assert text.endswith("\n") or not text
    return [Path(json.loads(line)["image"]).name for line in text.splitlines()]


def test_the_file_is_what_json_prints_and_goes_on(lpr: Lpr, hand_made: Path, photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "lines.jsonl"
    _, printed, _ = lpr("read", photos, "--json", "--models", hand_made)
    read = ("read", photos, photos, "--models", hand_made, "--out", out)
    assert lpr(*read) == (0, f"{out}: {PHOTOS} lines added, 0 were there\n", "")
    assert out.read_text() == printed
    # With nothing left no model is opened.
    assert lpr("read", photos, "--models", tmp_path, "--out", out)[:2] == (
        0, f"{out}: 0 lines added, {PHOTOS} were there\n",
    )  # fmt: skip
    # A line torn anywhere is read anew; the whole ones stay as they are.
    lines = printed.splitlines(keepends=True)
    for cut in (1, 12, len(lines[-1]) - 1):
        out.write_text("".join(lines[:-3]) + lines[-3][:cut])
        assert lpr(*read)[1] == f"{out}: 3 lines added, {PHOTOS - 3} were there\n"
        assert out.read_text() == printed


def test_a_photo_that_cannot_be_read_is_tried_again(lpr: Lpr, hand_made: Path, photos: Path, tmp_path: Path) -> None:
    folder, out = tmp_path / "photos", tmp_path / "lines.jsonl"
    folder.mkdir()
    good, bad = folder / "a.png", folder / "b.png"
    good.write_bytes((photos / "000.png").read_bytes())
    bad.write_bytes(good.read_bytes()[:200])
    status, output, errors = lpr("read", folder, "--models", hand_made, "--out", out)
    assert status == 2 and output.endswith("1 lines added, 0 were there\n") and str(bad) in errors
    bad.write_bytes(good.read_bytes())
    assert lpr("read", folder, "--models", hand_made, "--out", out)[0] == 0
    assert images(out) == ["a.png", "b.png"]


@pytest.mark.parametrize(
    "content", ["a diary", '{"a": 1}\n', '{"image": "a.jpg", "plates": []}\nnotes\n', "[]\n", "[" * 100_000 + "\n"]
)
def test_a_file_of_something_else_is_left_alone(lpr: Lpr, photos: Path, tmp_path: Path, content: str) -> None:
    out = tmp_path / "diary"
    out.write_text(content)
    status, output, errors = lpr("read", photos, "--out", out)
    assert (status, output) == (2, "") and str(out) in errors and "line" in errors
    assert out.read_text() == content


def test_one_process_at_a_time(lpr: Lpr, photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "lines.jsonl"
    with LinesFile(out):
        status, _, errors = lpr("read", photos, "--out", out)
    assert status == 2 and "another process" in errors and out.read_text() == ""


@pytest.mark.skipif(os.name != "posix", reason="limits a process's file sizes")
def test_a_full_disk_is_said_and_what_was_torn_is_mended(tmp_path: Path) -> None:
    out = tmp_path / "lines.jsonl"
    line = json.dumps({"image": "a.jpg", "plates": []})
    script = (
        "import resource, sys\nfrom pathlib import Path\nfrom lpr.base import console\n"
        "from lpr.batch.lines_file import LinesFile\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({2 * len(line)}, -1))\n"
        "def main():\n    with LinesFile(Path(sys.argv[1])) as lines:\n"
        f"        for name in ('a.jpg', 'b.jpg'):\n            lines.append(name, {line!r}.replace('a.jpg', name))\n"
        "console.run(main)"
    )
    done = subprocess.run([sys.executable, "-c", script, out], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and done.stderr.startswith(f"error: {out}: cannot be written (")
    assert len(out.read_bytes()) == 2 * len(line)
    with LinesFile(out) as lines:
        assert "a.jpg" in lines and "b.jpg" not in lines
    assert out.read_text() == line + "\n"


@pytest.mark.parametrize("out", ["/dev/null", "."])
def test_what_is_no_file_is_said(lpr: Lpr, photos: Path, out: str) -> None:
    status, _, errors = lpr("read", photos, "--out", out)
    assert status == 2 and errors == f"error: {out}: not a file that lines can be added to\n"


@pytest.mark.skipif(os.name != "posix", reason="kill -9")
def test_killed_again_and_again_it_ends_with_each_photo_once(hand_made: Path, photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "lines.jsonl"
    command = [sys.executable, "-m", "lpr", "read", photos, "--models", hand_made, "--out", out]
    for share in (0.0, 0.3, 0.6):
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
        least = len(images(out)) if out.exists() else 0
        enough = max(share * PHOTOS, least)
        while process.poll() is None and (not out.exists() or out.read_bytes().count(b"\n") <= enough):
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
        assert process.wait(60) == -signal.SIGKILL, "it was done before it could be killed"
        assert least < len(images(out)) < PHOTOS
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    assert done.stderr == "" and "were there" in done.stdout
    assert images(out) == [f"{number:03}.png" for number in range(PHOTOS)]
