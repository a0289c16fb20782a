"""`lpr read`: names and images on standard input, tables, progress; the same verdicts as JSON; completion."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lpr import cli
from lpr.batch.progress import Progress
from lpr.batch.standard_input import read_standard_input
from lpr.records.gates_file import Gate, save_gates

Lpr = Callable[..., tuple[int, str, str]]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    pixels = np.zeros((224, 224, 3), np.uint8)
    Image.fromarray(pixels).save(folder / "empty, really.png")
    pixels[90:120, 56:168] = 255
    Image.fromarray(pixels).save(folder / "plate.png")
    return folder


@pytest.fixture
def lpr(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Lpr:
    """The command, run in this process with some standard input: its status, output and errors."""

    def call(*arguments: object, given: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given)))
        with pytest.raises(SystemExit) as ended:
            cli.main([*map(str, arguments)])
        output = capsys.readouterr()
        return int(ended.value.code or 0), output.out, output.err

    return call


def test_an_image_on_standard_input_reads_as_the_file_does(lpr: Lpr, hand_made: Path, photos: Path) -> None:
    path = photos / "plate.png"
    _, of_file, _ = lpr("read", path, "--json", "--models", hand_made)
    status, of_input, errors = lpr("read", "-", "--json", "--models", hand_made, given=path.read_bytes())
    assert (status, errors) == (0, "")
    assert json.loads(of_input) == {**json.loads(of_file), "image": "-"}
    assert json.loads(of_input)["plates"]


@pytest.mark.parametrize("end", ["\n", "\0"])
def test_names_on_standard_input_are_read_beside_those_of_the_arguments(
    lpr: Lpr, hand_made: Path, photos: Path, end: str
) -> None:
    names = end.join([str(photos / "empty, really.png"), str(photos / "missing.png"), ""]).encode()
    status, output, errors = lpr("read", photos / "plate.png", "-", "--json", "--models", hand_made, given=names)
    assert status == 2 and f"{photos / 'missing.png'}: no such file" in errors
    assert [Path(json.loads(line)["image"]).name for line in output.splitlines()] == ["plate.png", "empty, really.png"]


@pytest.mark.parametrize(
    ("given", "message"),
    [(b" \n", "standard input: empty"), (b"\xff\xd8\xff\xe0 no photo", "standard input: "), (b"RIFF\0\0", "standard")],
)
def test_what_cannot_be_read_from_standard_input_is_one_line(lpr: Lpr, given: bytes, message: str) -> None:
    status, output, errors = lpr("read", "-", given=given)
    assert (status, output) == (2, "") and errors.startswith(f"error: {message}") and errors.count("\n") == 1


def test_names_that_begin_like_an_image_are_names() -> None:
    assert read_standard_input(io.BytesIO(b"BMW.jpg\nP5.png\n")) == [Path("BMW.jpg"), Path("P5.png")]


def test_a_table_has_a_row_a_plate_and_one_for_a_photo_without(lpr: Lpr, hand_made: Path, photos: Path) -> None:
    _, printed, _ = lpr("read", photos, "--json", "--models", hand_made)
    plates = {Path(value["image"]).name: value["plates"] for value in map(json.loads, printed.splitlines())}
    status, table, errors = lpr("read", photos, "--csv", "--models", hand_made)
    assert (status, errors) == (0, "")
    empty, *rows = csv.DictReader(io.StringIO(table))
    assert empty == {
        "image": str(photos / "empty, really.png"), **dict.fromkeys(
            ("text", "confidence", "detection", "x", "y", "width", "height"), "")
    }  # fmt: skip
    assert len(rows) == len(plates["plate.png"]) > 0
    for row, plate in zip(rows, plates["plate.png"], strict=True):
        assert row["text"] == plate["text"] and float(row["confidence"]) == plate["confidence"]
        assert [float(row[name]) for name in ("x", "y", "width", "height")] == plate["box"]
    assert lpr("read", photos, "--csv", "--out", photos / "x.jsonl")[0] == 2


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_has_count_rate_and_rest_on_a_terminal_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("lpr.batch.progress.time.monotonic", lambda: now[0])
    terminal, file = Terminal(), io.StringIO()
    for stream in (terminal, file):
        with Progress(4, "photos", stream) as progress:
            for _ in range(2):
                now[0] += 30
                progress.step()
            drawn = stream.getvalue()
    assert file.getvalue() == ""
    assert terminal.getvalue().split("\r\x1b[K") == [
        "",
        "[######..................] 1/4 photos, 0.0/s, 1:30 left",
        "[############............] 2/4 photos, 0.0/s, 1:00 left",
        "",
    ]
    assert drawn == ""


def test_reading_a_folder_into_a_file_draws_progress(
    lpr: Lpr, hand_made: Path, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal()
    monkeypatch.setattr("lpr.batch.progress.sys.stderr", terminal)
    assert lpr("read", photos, "--out", tmp_path / "lines.jsonl", "--models", hand_made)[0] == 0
    assert "2/2 photos, " in terminal.getvalue() and terminal.getvalue().endswith("\r\x1b[K")


def test_gates_as_json(lpr: Lpr, tmp_path: Path) -> None:
    gates = [Gate("end_to_end", 0.9, 0.85, ">=", True, "fine"), Gate("batch_seconds", None, 2.0, "<", False, "unknown")]
    save_gates(tmp_path / "gates.json", gates)
    status, output, _ = lpr("gates", "--file", tmp_path / "gates.json", "--json")
    value = json.loads(output)
    assert (status, value["passed"], len(output.splitlines())) == (1, False, 1)
    assert [(gate["name"], gate["value"], gate["passed"]) for gate in value["gates"]] == [
        ("end_to_end", 0.9, True), ("batch_seconds", None, False)
    ]  # fmt: skip


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_the_commands(lpr: Lpr, shell: str) -> None:
    status, script, _ = lpr("completion", shell)
    assert status == 0 and all(word in script for word in ("read", "kaggle", "follow", "completion"))


def test_bash_completes_a_command_and_its_options(tmp_path: Path) -> None:
    script = tmp_path / "completion"
    command = [sys.executable, "-m", "lpr", "completion", "bash"]
    made = subprocess.run(command, capture_output=True, text=True, check=True)
    script.write_text(made.stdout)
    ask = f"""
        source {script}
        answer() {{ COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _shtab_lpr; echo "${{COMPREPLY[@]}}"; }}
        answer lpr kagg; answer lpr kaggle lo; answer lpr kaggle logs --fo
    """
    done = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["kaggle", "logs", "--follow"], done.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "--ray writes Parquet: name its folder"),
        (("--out", "x.parquet", "--json"), "--json does not go with --ray"),
        (("--out", "x.parquet", "--draw", "drawn"), "--draw does not go with --ray"),
    ],
)
def test_what_does_not_go_with_a_cluster_is_told(lpr: Lpr, photos: Path, options: tuple[str, ...], said: str) -> None:
    status, _, error = lpr("read", photos, "--ray", "local", *options)
    assert status == 2 and said in error
