"""What reading costs: milliseconds, bytes, parameters, arithmetic. Apart from accuracy: times differ in each run."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lpr.base.errors import LprError
from lpr.evaluation import graph
from lpr.evaluation.samples import Samples
from lpr.inference.recognizer import LicensePlateRecognizer
from lpr.records.model_files import MODEL_FILES

REPEATS = 7


def milliseconds(action: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return the median time of `action`, after one call that warms up."""
    action()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        action()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def measure_cost(
    open_recognizer: Callable[[], LicensePlateRecognizer], samples: Samples, models: Path
) -> dict[str, Any]:
    """Return the cost of the exported models on this machine.

    Args:
        open_recognizer: loads both models anew.
        samples: what they are given.
        models: the folder of the model files.

    Returns:
        Medians of several repeats: `load_ms` (both models), `photo_ms` (a whole photo, decoded), `detector_batch_ms`,
        `ocr_batch_ms` and their sum `batch_ms` (the `batch` images through each); `models` with size, parameters and
        FLOPs (None where they cannot be told); `machine`.
    """
    recognizer = open_recognizer()
    detector = milliseconds(lambda: recognizer.detect(samples.images))
    ocr = milliseconds(lambda: recognizer.recognize_text(samples.crops))
    each = [milliseconds(lambda photo=photo: recognizer.read([photo]), 3) for photo in samples.photos]  # type: ignore[misc]
    return {
        "batch": len(samples.images),
        "batch_ms": detector + ocr,
        "detector_batch_ms": detector,
        "ocr_batch_ms": ocr,
        "photo_ms": statistics.median(each) if each else None,
        "photos": len(each),
        "load_ms": milliseconds(open_recognizer, 3),
        "models": {name: _describe(models / name) for name in MODEL_FILES if (models / name).is_file()},
        "machine": {"processor": platform.machine(), "cores": os.cpu_count(), "system": platform.system()},
    }


def _describe(path: Path) -> dict[str, Any]:
    value: dict[str, Any] = {"bytes": path.stat().st_size}
    if path.suffix == ".onnx":
        value["parameters"] = _or_none(lambda: graph.onnx_weights(path).parameters)
        value["flops"] = _or_none(lambda: graph.flops(path))
    return value


def _or_none(count: Callable[[], int]) -> int | None:
    try:
        return count()
    except LprError:
        return None
