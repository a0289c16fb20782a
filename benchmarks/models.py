"""The models by themselves: ours against the peers', in ONNX Runtime with the same settings."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray

from benchmarks.goals import Goal
from benchmarks.guide_pair import guide_pair
from benchmarks.machine import peak_flops
from benchmarks.report import Cost, Row
from benchmarks.stopwatch import Ratio, take_turns
from lpr.base.errors import LprError
from lpr.evaluation import graph

IMAGES, CROPS = 10, 32
ROUNDS = 40

Floats = NDArray[np.float32]


def open_model(path: Path, threads: int) -> Callable[[Floats], list[Floats]]:
    """Return a function that runs an ONNX model of one input, with the settings that `lpr.runtime.onnx_model` uses."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda batch: session.run(None, {name: batch})


def cost(name: str, path: Path, batch: int, times: list[float], peak: float) -> Cost:
    """Return what a model costs. Its FLOPs are None where a shape in it cannot be inferred."""
    median = statistics.median(times)
    try:
        flops = graph.flops(path, batch) / batch
    except LprError:
        flops = None
    share = None if flops is None else flops * batch / median / peak
    return Cost(name, batch, median * 1000, graph.onnx_weights(path).parameters, flops, share)


def compare(models: Path, peers: Path, threads: int, rounds: int = ROUNDS) -> tuple[list[Row], list[Cost], float]:
    """Measure both models against their peers.

    Args:
        models: folder with `detector.onnx` and `ocr.onnx`.
        peers: the folder that `benchmarks/peers.py` wrote.
        threads: of each call.
        rounds: in which all take turns.

    Returns:
        The ratios, each model's costs, and the machine's peak in operations a second.
    """
    before = peak_flops(threads)
    rng = np.random.default_rng(0)
    images = rng.random((IMAGES, 3, 224, 224), np.float32)
    crops = rng.random((CROPS, 3, 32, 128), np.float32)
    files = {
        "detector": models / "detector.onnx", "OCR": models / "ocr.onnx", "YOLO11n": peers / "yolo11n.onnx",
        "CCT-XS 32x128": peers / "cct-xs-32.onnx", "CCT-XS 64x128": peers / "cct-xs-64.onnx",
    }  # fmt: skip
    run = {name: open_model(path, threads) for name, path in files.items()}
    low, high = (255 * rng.random((CROPS, height, 128, 3), np.float32) for height in (32, 64))

    detectors = take_turns({name: partial(run[name], images) for name in ("detector", "YOLO11n")}, rounds)
    readers = take_turns(
        {
            "OCR": partial(run["OCR"], crops),
            "CCT-XS 32x128": partial(run["CCT-XS 32x128"], low),
            "CCT-XS 64x128": partial(run["CCT-XS 64x128"], high),
        },
        rounds,
    )
    pairs = _against_the_guide(run, images, crops[:IMAGES], threads, max(2, rounds // 2))

    def row(name: str, times: dict[str, list[float]], ours: str, theirs: str, target: float | None) -> Row:
        a, b = times[ours], times[theirs]
        goal = Goal(name, Ratio.of(a, b), target)
        return Row(goal, statistics.median(a) * 1000, statistics.median(b) * 1000)

    rows = [
        row(f"detector, batch of {IMAGES} at 224x224 / YOLO11n", detectors, "detector", "YOLO11n", 0.4),
        row(f"both models, {IMAGES} images and crops / ResNet-50 and ResNet-18 in torch", pairs, "ours", "guide", 0.05),
        row(f"OCR, batch of {CROPS} / fast-plate-ocr's CCT-XS at 32x128 too", readers, "OCR", "CCT-XS 32x128", 0.8),
        row("OCR / CCT-XS at its own 64x128", readers, "OCR", "CCT-XS 64x128", None),
    ]
    # The better of two, since what else the machine does comes and goes.
    peak = max(before, peak_flops(threads))
    times = {**detectors, **readers}
    sizes = {"detector": IMAGES, "YOLO11n": IMAGES}
    costs = [cost(name, path, sizes.get(name, CROPS), times[name], peak) for name, path in files.items()]
    return rows, costs, peak


def _against_the_guide(
    run: dict[str, Callable[[Floats], list[Floats]]], images: Floats, crops: Floats, threads: int, rounds: int
) -> dict[str, list[float]]:
    pair = guide_pair(threads)
    tensors = torch.from_numpy(images), torch.from_numpy(np.ascontiguousarray(crops))

    def guide() -> None:
        with torch.inference_mode():
            pair(*tensors)

    return take_turns({"ours": lambda: (run["detector"](images), run["OCR"](crops)), "guide": guide}, rounds)
