"""The `lpr` command, run as its users run it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lpr.records.gates_file import Gate, save_gates

ROOT = Path(__file__).parents[2]


def lpr(*arguments: object, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "lpr", *map(str, arguments)],
        cwd=cwd, env=environment, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


@pytest.fixture(scope="module")
def models(hand_made: Path) -> Path:
    return hand_made


@pytest.fixture()
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    pixels = np.zeros((224, 224, 3), np.uint8)
    Image.fromarray(pixels).save(folder / "empty.png")
    pixels[90:120, 56:168] = 255
    Image.fromarray(pixels).save(folder / "plate.png")
    return folder


def test_json_lines(models: Path, photos: Path) -> None:
    done = lpr("read", photos / "plate.png", photos / "empty.png", "--json", "--models", models)
    assert (done.returncode, done.stderr) == (0, "")
    first, second = map(json.loads, done.stdout.splitlines())
    assert first == {
        "image": str(photos / "plate.png"),
        "plates": [
            {
                "text": "AB",
                "confidence": 0.9975,
                "chars": [0.9975, 0.9975],
                "box": [56, 90, 112, 30],
                "detection": 1,
                "region": [],
            }
        ],
    }
    assert second == {"image": str(photos / "empty.png"), "plates": []}


def test_regions_of_expected_plates(models: Path, photos: Path) -> None:
    done = lpr("read", photos / "plate.png", "--models", models, "--region", "br", "--region", "CO")
    assert (done.returncode, done.stderr) == (0, "")
    done = lpr("read", photos / "plate.png", "--models", models, "--region", "Brazil")
    assert done.returncode == 2 and "region 'BRAZIL' is not known; known are AD, AE," in done.stderr


def test_lines_for_people_of_a_folder(models: Path, photos: Path) -> None:
    done = lpr("read", photos, "--models", models)
    assert done.returncode == 0
    empty, plate = done.stdout.splitlines()
    assert empty == f"{photos / 'empty.png'}  no plate"
    assert plate.split() == [
        str(photos / "plate.png"), "AB", "1.00", "box", "56,90", "112x30", "plate", "1.00", "A:1.00", "B:1.00"
    ]  # fmt: skip


def test_what_cannot_be_read_is_named_and_the_rest_is_read(models: Path, photos: Path, tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("no photo")
    (tmp_path / "nothing").mkdir()
    names = [tmp_path / "missing.jpg", photos / "plate.png", tmp_path / "text.jpg", tmp_path / "nothing"]
    done = lpr("read", *names, "--json", "--models", models)
    assert done.returncode == 2
    assert [json.loads(line)["image"] for line in done.stdout.splitlines()] == [str(photos / "plate.png")]
    errors = sorted(done.stderr.splitlines())
    assert len(errors) == 3
    assert errors[0].startswith(f"error: {tmp_path}/missing.jpg: no such file")
    assert errors[1].startswith(f"error: {tmp_path}/nothing: no photos in this folder")
    assert errors[2].startswith(f"error: {tmp_path}/text.jpg: not an image")


@pytest.mark.parametrize("command", ["read", "probe"])
def test_missing_models_are_one_line(photos: Path, tmp_path: Path, command: str) -> None:
    photo = [photos / "plate.png"] if command == "read" else []
    done = lpr(command, *photo, "--models", tmp_path / "none")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error: {tmp_path}/none/detector.onnx: no such model; run ")
    assert len(done.stderr.splitlines()) == 1


def test_drawn_copies_overwrite_neither_photos_nor_each_other(models: Path, photos: Path, tmp_path: Path) -> None:
    Image.open(photos / "plate.png").save(photos / "plate.jpg", quality=95)
    before = (photos / "plate.jpg").read_bytes()
    for _ in range(2):  # a second run replaces the copies of the first
        done = lpr("read", photos / "plate.png", photos / "plate.jpg", "--draw", photos, "--models", models)
        assert done.returncode == 0, done.stderr
    assert (photos / "plate.jpg").read_bytes() == before
    assert sorted(path.name for path in photos.iterdir()) == [
        "empty.png", "plate-2.jpg", "plate-3.jpg", "plate.jpg", "plate.png"
    ]  # fmt: skip
    copy = np.asarray(Image.open(photos / "plate-2.jpg")).astype(int)
    assert copy.shape == (224, 224, 3)
    yellow = (copy[..., 0] > 200) & (copy[..., 1] > 150) & (copy[..., 2] < 110)
    assert yellow[90:92, 60:160].mean() > 0.9 and yellow[:89].any() and not yellow[125:].any()


def test_probe_passes_on_sound_models_and_fails_on_blind_ones(random_bundle: Path, tmp_path: Path) -> None:
    import torch
    from torch import nn

    from lpr.exporting.onnx_file import write_onnx
    from tests.tiny import OCR_CARD

    class Blind(nn.Module):
        def forward(self, crops: torch.Tensor) -> torch.Tensor:
            return torch.zeros(1, 8, 36) + 0 * crops[:, :1, 0, :1]

    done = lpr("probe", "--models", random_bundle)
    assert done.returncode == 0, done.stdout
    assert "works" in done.stdout and "(B, 784, 5)" in done.stdout
    shutil.copy(random_bundle / "detector.onnx", tmp_path)
    write_onnx(Blind(), OCR_CARD, tmp_path / "ocr.onnx", 18)
    done = lpr("probe", "--models", tmp_path)
    assert done.returncode == 1
    assert "FAIL  ocr repeats" in done.stdout and "does not look at its input" in done.stdout


def test_gates(tmp_path: Path) -> None:
    good = Gate("batch_seconds", 0.4, 2.0, "<", True, "10 images")
    bad = Gate("end_to_end", 0.41, 0.85, ">=", False, "33 of 81")
    file = tmp_path / "gates.json"
    done = lpr("gates", "--file", file)
    assert done.returncode == 2 and "gates.json: no such file" in done.stderr
    save_gates(file, [good])
    done = lpr("gates", "--file", file)
    assert done.returncode == 0 and "batch_seconds" in done.stdout
    save_gates(file, [good, bad])
    done = lpr("gates", "--file", file)
    assert done.returncode == 1 and "failed: end_to_end" in done.stdout


def test_the_commands_name_every_annotation_format() -> None:
    from lpr.commands import formats as named
    from lpr.fetching.formats import FORMATS

    assert set(named.FORMATS) == set(FORMATS)


def test_data_check(photos: Path, tmp_path: Path) -> None:
    rows = [f"{name}\t56\t90\t112\t30\tAB123" for name in ("plate.png",)]
    (photos / "plates.txt").write_text("\n".join(rows) + "\n")
    (photos / "empty.png").unlink()
    done = lpr("data", "check", photos, "--format", "openalpr")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no problems found" in done.stdout
    (photos / "plate.png").write_bytes(b"broken")
    assert lpr("data", "check", photos, "--format", "openalpr").returncode != 0
    done = lpr("data", "check", tmp_path / "none")
    assert done.returncode == 2 and "none: no such folder" in done.stderr


def test_help_and_mistakes() -> None:
    done = lpr("--help")
    assert done.returncode == 0 and all(name in done.stdout for name in ("read", "probe", "gates", "data", "params"))
    assert lpr().returncode == 2
    assert lpr("raed").returncode == 2
    assert lpr("--version").stdout.startswith("lpr ")


@pytest.mark.parametrize("code", ["import lpr", "import lpr.cli", "from lpr.cli import main; main(['read', '--help'])"])
def test_starting_loads_nothing_heavy(code: str) -> None:
    script = (
        f"import sys\ntry:\n    {code.replace('; ', chr(10) + '    ')}\nexcept SystemExit:\n    pass\n"
        "heavy = {'torch', 'kaggle', 'onnx', 'onnxruntime', 'numpy', 'PIL', 'pydantic', 'dvc'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, timeout=60)


@pytest.mark.parametrize(
    ("call", "printed"), [("main()", ["AB"]), ("main(sys.argv[1:])", ["AB", "late"])], ids=["own process", "called"]
)
def test_only_a_process_of_its_own_ends_without_exit_handlers(
    call: str, printed: list[str], models: Path, photos: Path
) -> None:
    script = f"import atexit, sys\nfrom lpr.cli import main\natexit.register(print, 'late')\n{call}"
    command = [sys.executable, "-c", script, "read", str(photos / "plate.png"), "--models", str(models)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert [next(word for word in ("AB", "late") if word in line) for line in done.stdout.splitlines()] == printed
    # Its status is kept, be it whose way out.
    command[-1] = str(photos)
    assert subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60).returncode == 2


def test_the_recogniser_needs_no_torch(models: Path, photos: Path) -> None:
    script = (
        "import sys\nfrom lpr import LicensePlateRecognizer\n"
        f"assert LicensePlateRecognizer({str(models)!r}).read({str(photos / 'plate.png')!r})[0].text == 'AB'\n"
        "heavy = {'torch', 'kaggle', 'onnx', 'pydantic', 'cv2', 'matplotlib'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, timeout=60)
