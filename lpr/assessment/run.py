"""An evaluation of a folder: both models on a folder, measured as the stage `evaluate` measures them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from lpr.assessment.errors import rank
from lpr.assessment.folder import CROPS, Dataset
from lpr.assessment.painted_over import read_painted_over
from lpr.assessment.stress import stress
from lpr.base.errors import LprError
from lpr.evaluation.evaluator import measure_images
from lpr.evaluation.report.breakdown import break_down
from lpr.evaluation.results import Results, Row
from lpr.inference.recognizer import LicensePlateRecognizer
from lpr.metrics.calibration import Calibration
from lpr.metrics.counts import rounded
from lpr.records.model_files import MODELS
from lpr.records.record import ModelFile

FORMAT = 1
MATCH_IOU = 0.5


@dataclass(frozen=True)
class Assessment:
    """What was measured.

    Attributes:
        photos: on the folder's photos, or crops where it holds nothing else.
        crops: on its table of crops, None without one.
        record: the report as plain values; see `assess`.
    """

    photos: Results
    crops: Results | None
    record: dict[str, Any]

    @property
    def reading(self) -> Results:
        """Where reading of true boxes was measured: on the crops of the originals where there are any."""
        return self.crops or self.photos


def assess(
    recognizer: LicensePlateRecognizer,
    models: Path,
    dataset: Dataset,
    progress: Callable[[int], object] | None = None,
    *,
    stressed: bool = False,
) -> Assessment:
    """Measure `recognizer` on a folder.

    Args:
        recognizer: the models, opened.
        models: the folder that they are from.
        dataset: the folder that is measured.
        progress: is told how many more images are done.
        stressed: whether to read the photos under the conditions of `lpr.assessment.stress` too, and without plates.

    Returns:
        The measurements. `record` holds `data` and `models`, which say of what they are, then metrics under the names
        that `evaluate` gives them, `reliability` (the bins of the calibration), `calibration_end_to_end`, that of the
        plates that were found, the ranked `errors` of both readings, `widths`, counts by the plate's width in pixels,
        and, None unless asked for, `stress`, and `painted_over`, the photos without their plates in which something
        is read.

    Raises:
        LprError: no image of the folder can be used.
    """
    photos = measure_images(recognizer, dataset.photos.images(), MATCH_IOU, progress)
    crops = measure_images(recognizer, dataset.crops.images(), MATCH_IOU, progress) if dataset.crops else None
    if not photos.images:
        reasons = "; ".join(f"{reason} ({count})" for reason, count in list(dataset.rejected().items())[:3])
        raise LprError(f"{dataset.folder}: no image could be used: {reasons}; see `lpr data check {dataset.folder}`")
    reading = crops or photos
    summary, read = photos.summary(), reading.summary()
    found = Calibration()
    for row in found_rows(photos.rows):
        if row.confidence is not None:
            found.update(row.confidence, row.verdict == "right")
    record = {
        "format": FORMAT,
        "data": {
            "folder": dataset.folder.resolve().name,
            "annotations": dataset.format,
            "split": dataset.split,
            "images": photos.images,
            "crops": crops.images if crops else 0,
            "fingerprint": dataset.photos.fingerprint,
            "crops_fingerprint": dataset.crops.fingerprint if dataset.crops else None,
            "rejected": dataset.rejected(),
        },
        "models": {name: ModelFile.of(models / name).model_dump() for name in MODELS},
        "settings": {"threshold": recognizer.threshold, "margin": recognizer.margin, "match_iou": MATCH_IOU},
        **{name: summary[name] for name in ("end_to_end", "detection", "detection_large", "false_readings")},
        "reading_on": f"crops of the originals, {CROPS}" if crops else "boxes in the photos",
        "reading": read["reading"],
        "calibration": read["calibration"],
        "reliability": [asdict(b) for b in reading.calibration.table()] if len(reading.calibration) else [],
        "calibration_end_to_end": found.summary() if len(found) else None,
        "errors": {"true_crops": rank(in_boxes(reading.rows)), "end_to_end": rank(found_rows(photos.rows))},
    }
    every = [*photos.rows, *(crops.rows if crops else ())]
    record["widths"] = {
        group.name: {
            "found": group.found.summary(),
            "end_to_end": group.read.summary(),
            "true_crops": group.read_in_box.summary(),
        }
        for group in break_down(every, reading.rows)["Width"]
    }
    record["stress"] = stress(recognizer, dataset.photos.images(), progress) if stressed else None
    painted = read_painted_over(recognizer, dataset.photos.images(), progress) if stressed else None
    record["painted_over"] = painted.summary() if painted else None
    return Assessment(photos, crops, rounded(record))


def in_boxes(rows: Iterable[Row]) -> list[Row]:
    """Return the rows of plates with text as if the true box had been found: what was read in it is what was read."""
    return [
        replace(row, read=row.read_in_box, confidence=row.confidence_in_box)
        for row in rows
        if row.read_in_box is not None
    ]


def found_rows(rows: Iterable[Row]) -> list[Row]:
    """Return the rows of photos that count end to end: plates with text, where both models were at work."""
    return [row for row in rows if row.kind == "photo" and row.read_in_box is not None]
