"""`read` and `lpr read` on JPEGs, against the sum of what cannot be avoided."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, cast
from unittest import mock

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmarks.goals import Goal
from benchmarks.report import Row, Split
from benchmarks.stopwatch import Ratio, seconds, take_turns
from lpr.base.errors import LprError
from lpr.inference.photos import load_photo
from lpr.inference.recognizer import LicensePlateRecognizer
from lpr.plate.crop import as_batch, detector_input, ocr_input
from lpr.runtime.onnx_model import OnnxModel

PHOTOS = 40
ROUNDS = 5
STARTS = 9
PARTS = ("decode", "detect", "recognise")

_SPLIT = """
import sys, time
began = time.time()
import lpr.cli, lpr.inference.overlap, lpr.inference.recognizer, onnxruntime
imported = time.time()
recognizer = lpr.inference.recognizer.LicensePlateRecognizer(sys.argv[1])
opened = time.time()
recognizer.read(sys.argv[2])
print(began, imported, opened, time.time())
"""


class Counted(OnnxModel):
    """A model that counts its calls."""

    calls = 0

    def __call__(self, batch: ArrayLike, at_once: int | None = None) -> tuple[NDArray[np.float32], ...]:
        """Run the model."""
        self.calls += 1
        return super().__call__(batch, at_once)


def read_one(models: Path, photos: list[Path], threads: int, rounds: int = ROUNDS) -> list[Row]:
    """Measure `read` on photos in which one plate is found, against decoding, one detector and one OCR call.

    Raises:
        LprError: the models find no plate in these photos.
    """
    with mock.patch("lpr.inference.recognizer.OnnxModel", Counted):
        recognizer = LicensePlateRecognizer(models, threads=threads)
    detector, ocr = cast(Counted, recognizer.detector), cast(Counted, recognizer.ocr)
    hasty = LicensePlateRecognizer(models, threads=threads, second_look=False)
    measured: list[tuple[bool, dict[str, list[float]]]] = []
    for path in photos[:PHOTOS]:
        detector.calls = ocr.calls = 0
        plates = recognizer.read(path)
        if len(plates) != 1:
            continue
        sure = detector.calls + ocr.calls == 2
        photo = load_photo(path)
        image = as_batch([detector_input(photo)])
        crop = as_batch([ocr_input(photo, plates[0].box, recognizer.margin)])
        contestants: dict[str, Any] = {
            "read": lambda path=path: recognizer.read(path),
            "hasty": lambda path=path: hasty.read(path),
            "decode": lambda path=path: load_photo(path),
            "detect": lambda image=image: recognizer.detect(image),
            "recognise": lambda crop=crop: recognizer.recognize_text(crop),
        }
        measured.append((sure, take_turns(contestants, rounds)))
    if not measured:
        raise LprError(f"{models}: these models find no plate in {PHOTOS} rendered photos; give trained ones")
    rows = []
    for name, contestant, wanted in (
        ("one plate", "read", (False, True)),
        ("one plate, sure at first sight", "read", (True,)),
        ("one plate, `second_look=False`", "hasty", (False, True)),
    ):
        chosen = [times for sure, times in measured if sure in wanted]
        if chosen:
            ours = [one for times in chosen for one in times[contestant]]
            parts = [sum(each) for times in chosen for each in zip(*(times[part] for part in PARTS), strict=True)]
            title = f"`read` of a 1280x720 JPEG, {name} ({len(chosen)} photos) / decoding, a detector and an OCR call"
            ours_ms, parts_ms = (1000 * statistics.median(times) for times in (ours, parts))
            rows.append(Row(Goal(title, Ratio.of(ours, parts), 1.3), ours_ms, parts_ms))
    return rows


def read_folder(models: Path, photos: list[Path], bytecode: Path, threads: int, rounds: int = ROUNDS) -> Row:
    """Measure `lpr read` of a folder, its start included, against reading its photos one by one in a process."""
    recognizer = LicensePlateRecognizer(models, threads=threads)
    command = [sys.executable, "-m", "lpr", "read", str(photos[0].parent), "--json", "--models", str(models)]
    times = take_turns(
        {
            "command": lambda: _run(command, bytecode),
            "one by one": lambda: [recognizer.read(path) for path in photos],
        },
        rounds,
        warmup=1,
    )
    a, b = times["command"], times["one by one"]
    title = f"`lpr read` of {len(photos)} photos, with its start / {len(photos)} times `read` of one"
    return Row(Goal(title, Ratio.of(a, b), 0.8), statistics.median(a) * 1000, statistics.median(b) * 1000)


def split_start(models: Path, photo: Path, bytecode: Path, starts: int = STARTS) -> Split:
    """Return where the time of `lpr read PHOTO` goes."""
    command = [sys.executable, "-m", "lpr", "read", str(photo), "--models", str(models)]
    script = [sys.executable, "-c", _SPLIT, str(models), str(photo)]
    _run(command, bytecode)
    rounds: list[list[float]] = []
    for _ in range(starts):
        total = seconds(lambda: _run(command, bytecode))
        start = time.time()
        began, imported, opened, read = (float(number) for number in _run(script, bytecode).split())
        rounds.append([total, began - start, imported - began, opened - imported, read - opened])
    return Split(*(statistics.median(column) * 1000 for column in zip(*rounds, strict=True)))


def _run(command: list[str], bytecode: Path) -> str:
    """Run a command as it runs where it was installed: with its bytecode compiled. Return its output."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(bytecode.resolve())
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
