"""The probe: whether a folder of models does what the contract says, in seconds and without any data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lpr.inference.recognizer import LicensePlateRecognizer
from lpr.plate.crop import DETECTOR_SIZE, OCR_HEIGHT, OCR_WIDTH
from lpr.plate.text import ALPHABET

BATCHES = (1, 2, 7)
TOLERANCE = 1e-4
"""How far an image's output may change with the images beside it in the batch."""
_SEED = 2026
_TEXT = "AB1122Z"

Batch = NDArray[np.float32]


@dataclass(frozen=True)
class Check:
    """One thing that was checked: what, whether it holds, and what was seen."""

    name: str
    passed: bool
    detail: str


def probe(models: Path | str) -> Iterator[Check]:
    """Load the models and yield each check as it is done. Raises LprError when they cannot be loaded."""
    recognizer = LicensePlateRecognizer(models)
    yield Check("load", True, f"threshold {recognizer.threshold:g}, margin {recognizer.margin:g}")
    noise = np.random.default_rng(_SEED)
    images = noise.random((max(BATCHES), 3, DETECTOR_SIZE, DETECTOR_SIZE), np.float32)
    crops = noise.random((max(BATCHES), 3, OCR_HEIGHT, OCR_WIDTH), np.float32)
    yield _detector_outputs(recognizer, images)
    yield _ocr_outputs(recognizer, crops)
    yield _consistent("detector", recognizer.candidates, images)
    yield _consistent("ocr", recognizer.recognize_text, crops)
    yield _decoding(recognizer)
    photo = (images[0].transpose(1, 2, 0) * 255).astype(np.uint8)
    yield Check("read", isinstance(recognizer.read(photo), list), "a photo goes all the way through")


def _detector_outputs(recognizer: LicensePlateRecognizer, images: Batch) -> Check:
    for size in BATCHES:
        best, candidates = recognizer.detect(images[:size]), recognizer.candidates(images[:size])
        if best.shape != (size, 5) or candidates.ndim != 3 or (candidates.shape[0], candidates.shape[2]) != (size, 5):
            return Check("detector", False, f"a batch of {size} gives shapes {best.shape} and {candidates.shape}")
        for rows in (best, candidates):
            if not (np.isfinite(rows).all() and rows.min() >= 0 and rows.max() <= 1):
                return Check("detector", False, "boxes or confidences are outside [0, 1]")
        if not np.array_equal(best[:, 4], candidates[..., 4].max(axis=1)):
            return Check("detector", False, "the best plate is not the most confident candidate")
    return Check("detector", True, f"batches of {_listed(BATCHES)} give (B, 5) and (B, {candidates.shape[1]}, 5)")


def _ocr_outputs(recognizer: LicensePlateRecognizer, crops: Batch) -> Check:
    for size in BATCHES:
        logits = recognizer.recognize_text(crops[:size])
        if logits.ndim != 3 or (logits.shape[0], logits.shape[2]) != (size, len(ALPHABET)):
            return Check("ocr", False, f"a batch of {size} gives shape {logits.shape}")
        if not np.isfinite(logits).all():
            return Check("ocr", False, "logits are not finite")
    return Check("ocr", True, f"batches of {_listed(BATCHES)} give (B, {logits.shape[1]}, {len(ALPHABET)})")


def _consistent(name: str, model: Callable[[Batch], Batch], inputs: Batch) -> Check:
    name = f"{name} repeats"
    together = model(inputs)
    if not np.array_equal(together, model(inputs)):
        return Check(name, False, "the same batch gave another answer")
    apart = float(np.abs(together - np.concatenate([model(inputs[i : i + 1]) for i in range(len(inputs))])).max())
    if not apart <= TOLERANCE:
        return Check(name, False, f"an image alone and in a batch differ by {apart:.2g}")
    if np.array_equal(together[0], together[1]):
        return Check(name, False, "two different images gave one answer: the model does not look at its input")
    return Check(name, True, f"same answer twice; alone and in a batch within {TOLERANCE:g}")


def _decoding(recognizer: LicensePlateRecognizer) -> Check:
    # Each character for two steps, then one step of nothing: repeats must collapse, doubled letters must stay.
    classes = [step for character in _TEXT for step in (ALPHABET.index(character) + 1,) * 2 + (0,)]
    logits = np.full((len(classes), len(ALPHABET)), -8, np.float32)
    for step, number in enumerate(classes):
        if number:
            logits[step, number - 1] = 8
    places = [ALPHABET.index(character) for character in _TEXT]
    read = {recognizer.decode_plate(logits), recognizer.decode_plate(logits[None]), recognizer.decode_plate(places)}
    detail = f"{_TEXT} from logits and from indices" if read == {_TEXT} else f"{_TEXT} is read as {read}"
    return Check("decoding", read == {_TEXT}, detail)


def _listed(numbers: tuple[int, ...]) -> str:
    return ", ".join(map(str, numbers))
