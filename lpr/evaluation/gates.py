"""Each gate's measurement against its threshold. A measurement that cannot be made fails its gate and says why."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lpr.base.errors import LprError
from lpr.evaluation import graph
from lpr.evaluation.results import Results
from lpr.evaluation.samples import Samples
from lpr.inference.recognizer import LicensePlateRecognizer
from lpr.metrics.counts import Count
from lpr.records.gates_file import Direction, Gate, compare
from lpr.records.metadata import load_metadata
from lpr.records.model_files import MODEL_FILES
from lpr.records.params import Gates
from lpr.records.record import InvalidRecordError

KILOBYTE = 1024
WEIGHT_SHARE = 0.5
"""At least this share of a model file must be weights that vary; the rest is its graph, names and framing."""
DISTINCT_SHARE = 0.5
"""There must be at least this share as many distinct readings as there are distinct texts."""


def check_gates(
    results: Results,
    cost: Mapping[str, Any],
    recognizer: LicensePlateRecognizer,
    samples: Samples,
    models: Path,
    thresholds: Gates,
) -> list[Gate]:
    """Return the verdict of every gate, in their stable order.

    Args:
        results: of the test split.
        cost: as `measure_cost` gives it.
        recognizer: the models, whose repeatability is measured on `samples`.
        models: the folder of the model files.
        thresholds: section `gates` of params.yaml.
    """
    read = [row for row in results.rows if row.truth is not None and row.read_in_box is not None]
    truths, readings = [row.truth or "" for row in read], [row.read_in_box or "" for row in read]
    ap50 = results.detection.summary()["ap50"] if len(results.detection) else None
    return [
        *accuracy(
            end_to_end(results.end_to_end.strict, thresholds.end_to_end),
            detection(ap50, len(results.detection), thresholds.detection),
            recognition(results.reading.strict, thresholds.recognition),
        ),
        batch_seconds(cost["batch_ms"], cost["batch"], thresholds.batch_seconds),
        model_kilobytes(models, thresholds.model_kilobytes),
        metadata_complete(models),
        input_sensitivity(truths, readings, thresholds.input_sensitivity),
        repeatability(recognizer, samples, thresholds.repeatability),
    ]


def end_to_end(count: Count, threshold: float) -> Gate:
    """Plates read exactly right of those annotated with text."""
    if not count.total:
        return _not_applicable("end_to_end", ">=", threshold, "no plate with box and text in the test split")
    return _gate(
        "end_to_end", count.share, ">=", threshold, f"{count.right} of {count.total} plates read exactly right"
    )


def detection(ap50: float | None, plates: int, threshold: float) -> Gate:
    """AP50 of the boxes of the test photos."""
    if not plates:
        return _not_applicable("detection", ">=", threshold, "no plate with a box in the test split")
    return _gate("detection", ap50, ">=", threshold, f"AP50 of {plates} plates")


def recognition(count: Count, threshold: float) -> Gate:
    """Plates read exactly right of those whose crops and texts are known."""
    if not count.total:
        return _not_applicable("recognition", ">=", threshold, "no plate with text in the test split")
    return _gate("recognition", count.share, ">=", threshold, f"{count.right} of {count.total} true crops read right")


def accuracy(*gates: Gate) -> list[Gate]:
    """Return the gates of accuracy; where none of them applies all are missed, since nothing was judged."""
    if any(gate.applies for gate in gates):
        return list(gates)
    return [replace(gate, applies=True, detail=f"{gate.detail}, nor anything else to judge by") for gate in gates]


def batch_seconds(milliseconds: float, batch: int, threshold: float) -> Gate:
    """Time of a batch through both models."""
    value = milliseconds / 1000 if math.isfinite(milliseconds) else None
    return _gate("batch_seconds", value, "<", threshold, f"{batch} images through detector and OCR")


def model_kilobytes(models: Path, threshold: float) -> Gate:
    """The smallest model file's size. Fails also when its bytes are not mostly weights: padding is no model."""
    sizes: dict[str, float] = {}
    faults = []
    for name in MODEL_FILES:
        path = models / name
        try:
            weights = graph.onnx_weights(path) if path.suffix == ".onnx" else graph.checkpoint_weights(path)
        except LprError as error:
            faults.append(str(error))
            continue
        sizes[name] = weights.file_bytes / KILOBYTE
        if not sizes[name] > threshold:
            faults.append(f"{name} has {sizes[name]:.0f} KB")
        elif weights.weight_bytes < WEIGHT_SHARE * weights.file_bytes:
            share = weights.weight_bytes / weights.file_bytes
            faults.append(f"{name}: only {share:.0%} of its bytes are weights that vary, the rest is padding")
    detail = "; ".join(faults) or ", ".join(f"{name} {size:.0f}" for name, size in sizes.items())
    value = min(sizes.values()) if len(sizes) == len(MODEL_FILES) else None
    return _gate("model_kilobytes", value, ">", threshold, detail, also=not faults)


def metadata_complete(models: Path) -> Gate:
    """Fields of training_metadata.json that are missing or make no sense."""
    try:
        faults = [] if load_metadata(models).git_commit else ["git_commit is null: the models were made without git"]
    except InvalidRecordError as error:
        faults = error.faults
    except LprError as error:
        return _gate("metadata_complete", None, "<=", 0, str(error))
    return _gate("metadata_complete", len(faults), "<=", 0, "; ".join(faults) or "every field is there")


def shuffle(texts: Sequence[str]) -> list[str] | None:
    """Return the texts in an order in which none stands where an equal one stood; None where there is none.

    The texts are sorted and moved on by the size of the largest group of equal ones, so that the answer depends on
    nothing but the texts.
    """
    order = sorted(range(len(texts)), key=lambda index: (texts[index], index))
    step = max(Counter(texts).values(), default=0)
    if not texts or 2 * step > len(texts):
        return None
    shuffled = [""] * len(texts)
    for place, index in enumerate(order):
        shuffled[index] = texts[order[(place + step) % len(order)]]
    return shuffled


def input_sensitivity(truths: Sequence[str], readings: Sequence[str], threshold: float) -> Gate:
    """Readings of true crops compared with the labels of other plates: right at most by chance.

    Models that ignore their input pass that too, so two more things must hold: readings are many and different, and
    with their own labels more of them are right than the threshold allows by chance.
    """
    name = "input_sensitivity"
    if not truths:
        return _not_applicable(name, "<=", threshold, "no plate with text in the test split")
    shuffled = shuffle(truths)
    if shuffled is None:
        return _gate(name, None, "<=", threshold, "needs plates of at least two texts, none on more than half of them")
    own, chance = Count(), Count()
    for truth, other, reading in zip(truths, shuffled, readings, strict=True):
        own.update(truth == reading)
        chance.update(other == reading)
    distinct, wanted = len(set(filter(None, readings))), math.ceil(DISTINCT_SHARE * len(set(truths)))
    detail = f"{chance.right} of {chance.total} right with shuffled labels, {own.right} with their own"
    detail += f"; {distinct} distinct readings"
    if distinct < wanted:
        detail += f", fewer than {wanted}: readings do not follow the input"
    own_share = own.share or 0.0
    if own_share <= threshold:
        detail += "; no better than by chance"
    return _gate(name, chance.share, "<=", threshold, detail, also=distinct >= wanted and own_share > threshold)


def repeatability(recognizer: LicensePlateRecognizer, samples: Samples, threshold: float) -> Gate:
    """The largest difference between two calls with one input; how far a batch of one differs from a batch is told."""
    models = ((recognizer.detect, samples.images), (recognizer.recognize_text, samples.crops))
    first, second = ([model(inputs) for model, inputs in models] for _ in range(2))
    if not all(np.isfinite(output).all() for output in (*first, *second)):
        return _gate("repeatability", None, "<=", threshold, "outputs are not finite")
    alone = [np.concatenate([model(one[None]) for one in inputs]) for model, inputs in models]
    apart = _difference(first, alone)
    detail = f"two equal calls; one at a time against a batch of {len(samples.images)}: {apart:.1e}"
    return _gate("repeatability", _difference(first, second), "<=", threshold, detail)


def _difference(left: Sequence[NDArray[Any]], right: Sequence[NDArray[Any]]) -> float:
    return max(
        float(np.abs(a.astype(np.float64) - b.astype(np.float64)).max(initial=0.0))
        for a, b in zip(left, right, strict=True)
    )


def _not_applicable(name: str, direction: Direction, threshold: float, why: str) -> Gate:
    return Gate(name, None, threshold, direction, passed=False, detail=why, applies=False)


def _gate(
    name: str, value: float | None, direction: Direction, threshold: float, detail: str, also: bool = True
) -> Gate:
    return Gate(name, value, threshold, direction, compare(value, direction, threshold) and also, detail)
