"""One pass over the test split, in a stream: photos are decoded a batch at a time and forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from lpr.data.annotations import Entry, Plate
from lpr.errors import LprError
from lpr.evaluation.calibration import Calibration
from lpr.evaluation.detection import DetectionMetric
from lpr.evaluation.end_to_end import EndToEnd, Labelled
from lpr.evaluation.reader import PlateReading, Reader, Reading
from lpr.evaluation.reading import Confusion, ReadingMetric
from lpr.plate.box import Box, iou

SCORE_FLOOR = 0.02
"""Candidates down to this score make the precision-recall curve; the working threshold lies far above."""
LARGE_SHARE = 0.06
"""Plates at least this share of the photo's width are measured apart too: smaller ones are rarely readable."""
PHOTOS_AT_ONCE = 16


@dataclass(frozen=True)
class Row:
    """One plate of the test split and what became of it.

    Attributes:
        image: the image's name.
        plate: its index among the image's plates; 0 for a crop.
        source: of the image.
        kind: "photo" or "crop" (the image is the plate).
        lines: 1, 2 or None.
        box: in pixels; of a crop the whole image.
        truth: the true text, None where nobody could read it.
        read: what the whole system read there; of a crop what the OCR read; "" where no plate was found.
        confidence: of that reading, None where no plate was found.
        iou: of the found box with the true one, None where no plate was found, and for crops.
        found: that box.
        read_in_box: what the OCR read in the true box, None where `truth` is.
        confidence_in_box: of that reading.
    """

    image: str
    plate: int
    source: str
    kind: str
    lines: int | None
    box: Box
    truth: str | None
    read: str
    confidence: float | None
    iou: float | None
    found: Box | None = None
    read_in_box: str | None = None
    confidence_in_box: float | None = None

    @property
    def verdict(self) -> str:
        """`right`, `wrong`, `missed` (no plate found there) or `unlabelled` (no true text)."""
        if self.truth is None:
            return "unlabelled"
        if self.truth == self.read:
            return "right"
        return "wrong" if self.confidence is not None else "missed"


class Measured:
    """All accuracy metrics of one pass. Those of a kind that the split does not hold stay empty."""

    def __init__(self, threshold: float, match_iou: float) -> None:
        self.match_iou = match_iou
        self.images = 0
        self.detection = DetectionMetric(threshold, match_iou)
        self.detection_large = DetectionMetric(threshold, match_iou, LARGE_SHARE)
        self.reading = ReadingMetric()
        self.reading_by_lines = {1: ReadingMetric(), 2: ReadingMetric()}
        self.confusion = Confusion()
        self.calibration = Calibration()
        self.end_to_end = EndToEnd(match_iou)
        self.rows: list[Row] = []

    def summary(self) -> dict[str, Any]:
        """Return every metric under its stable name; None stands for a kind of which the split holds nothing."""
        return {
            "end_to_end": _summary(self.end_to_end),
            "detection": _summary(self.detection),
            "detection_large": _summary(self.detection_large),
            "reading": {
                **_or_empty(_summary(self.reading)),
                "one_line": _summary(self.reading_by_lines[1]),
                "two_line": _summary(self.reading_by_lines[2]),
            },
            "calibration": _summary(self.calibration),
            "false_readings": self.end_to_end.false_readings_summary(),
            "images": self.images,
        }


def measure(
    reader: Reader,
    folder: Path,
    entries: Iterable[Entry],
    match_iou: float,
    progress: Callable[[int], object] | None = None,
) -> Measured:
    """Measure `reader` on the test split.

    Args:
        reader: the two models.
        folder: where the entries' images are.
        entries: in a stream.
        match_iou: the IoU from which a box counts as found.
        progress: is told how many more images are done.

    Raises:
        LprError: there is no entry, or an image is missing or unreadable.
    """
    measured = Measured(reader.threshold, match_iou)
    for batch in _batches(entries, PHOTOS_AT_ONCE):
        images = [open_image(folder / entry.name) for entry in batch]
        photos = [(entry, image) for entry, image in zip(batch, images, strict=True) if not entry.is_crop]
        in_boxes = _read_true_boxes(reader, batch, images)
        found = reader.find([image for _, image in photos], threshold=SCORE_FLOOR) if photos else []
        read = reader.read([image for _, image in photos]) if photos else []
        for (entry, image), candidates, readings in zip(photos, found, read, strict=True):
            _add_detection(measured, entry, image, candidates)
            _add_photo(measured, entry, readings, in_boxes)
        for entry, image in zip(batch, images, strict=True):
            if entry.is_crop:
                _add_crop(measured, entry, image, in_boxes[entry.name, 0])
        _add_readings(measured, batch, in_boxes)
        measured.images += len(batch)
        if progress:
            progress(len(batch))
    if not measured.images:
        cure = "raise fetch_data.shares.test in params.yaml or add a source with a test split"
        raise LprError(f"{folder}: the test split is empty; {cure}")
    return measured


def _add_detection(measured: Measured, entry: Entry, image: Image.Image, candidates: Any) -> None:
    if entry.for_detection:
        truths = np.asarray([plate.bbox for plate in entry.plates], float)
        boxes = np.asarray([candidate.box for candidate in candidates], float)
        scores = np.asarray([candidate.detection for candidate in candidates], float)
        for metric in (measured.detection, measured.detection_large):
            metric.update(boxes, scores, truths, image.width)


def _add_photo(measured: Measured, entry: Entry, readings: Any, in_boxes: dict[tuple[str, int], Reading]) -> None:
    found = [Labelled(reading.box, reading.text) for reading in readings]
    places = [index for index, plate in enumerate(entry.plates) if plate.text is not None]
    served = {}
    if not (entry.for_detection and entry.for_reading):
        pass
    elif entry.plates:
        truths = [Labelled(plate.bbox, plate.text or "", plate.lines) for plate in (entry.plates[i] for i in places)]
        served = dict(zip(places, measured.end_to_end.update(truths, found, entry.source), strict=True))
    else:
        measured.end_to_end.update_empty(found)
    pairing = _pair(entry.plates, readings, {t: f for t, f in served.items() if f >= 0}, measured.match_iou)
    for index, plate in enumerate(entry.plates):
        reading, overlap = pairing.get(index, (None, None))
        in_box = in_boxes.get((entry.name, index))
        measured.rows.append(
            Row(
                entry.name, index, entry.source, "photo", plate.lines, plate.bbox, plate.text,
                reading.text if reading else "",
                reading.confidence if reading else None,
                overlap,
                reading.box if reading else None,
                in_box.text if in_box else None,
                in_box.confidence if in_box else None,
            )
        )  # fmt: skip


def _pair(
    plates: tuple[Plate, ...], readings: Any, served: dict[int, int], least: float
) -> dict[int, tuple[PlateReading, float]]:
    """Return what was found at each plate: the reading that serves it, else the one that overlaps it most."""
    if not plates or not readings:
        return {}
    overlaps = np.nan_to_num(iou(np.asarray([p.bbox for p in plates]), np.asarray([r.box for r in readings], float)))
    pairing = {t: (readings[f], float(overlaps[t, f])) for t, f in served.items()}
    used = set(served.values())
    for negative, t, f in sorted((-overlaps[t, f], t, f) for t in range(len(plates)) for f in range(len(readings))):
        if t not in pairing and f not in used and -negative >= least:
            pairing[t] = (readings[f], float(-negative))
            used.add(f)
    return pairing


def _add_crop(measured: Measured, entry: Entry, image: Image.Image, in_box: Reading) -> None:
    whole = (0.0, 0.0, float(image.width), float(image.height))
    text, confidence = in_box.text, in_box.confidence
    measured.rows.append(
        Row(
            entry.name,
            0,
            entry.source,
            "crop",
            entry.lines,
            whole,
            entry.text,
            text,
            confidence,
            None,
            None,
            text,
            confidence,
        )
    )


def _add_readings(measured: Measured, batch: list[Entry], in_boxes: dict[tuple[str, int], Reading]) -> None:
    for entry in batch:
        for index, text, lines in _texts(entry):
            reading = in_boxes[entry.name, index]
            measured.reading.update(text, reading.text)
            if lines in measured.reading_by_lines:
                measured.reading_by_lines[lines].update(text, reading.text)
            measured.confusion.update(text, reading.text)
            measured.calibration.update(reading.confidence, text == reading.text)


def _read_true_boxes(reader: Reader, batch: list[Entry], images: list[Image.Image]) -> dict[tuple[str, int], Reading]:
    keys, crops = [], []
    for entry, image in zip(batch, images, strict=True):
        for index, _, _ in _texts(entry):
            box = (0.0, 0.0, float(image.width), float(image.height)) if entry.is_crop else entry.plates[index].bbox
            keys.append((entry.name, index))
            crops.append((image, box))
    return dict(zip(keys, reader.read_boxes(crops), strict=True)) if crops else {}


def _texts(entry: Entry) -> Iterator[tuple[int, str, int | None]]:
    """The plates on which reading is measured: index, text, lines."""
    if not entry.for_reading:
        return
    if entry.text is not None:
        yield 0, entry.text, entry.lines
    for index, plate in enumerate(entry.plates):
        if plate.text is not None:
            yield index, plate.text, plate.lines


def open_image(path: Path) -> Image.Image:
    """Return the image of a data set, decoded, as RGB. Raises LprError when it is missing or unreadable."""
    try:
        with Image.open(path) as image:
            return image.convert("RGB")
    except (OSError, ValueError) as error:
        raise LprError(f"{path}: not readable as an image ({error}); run `dvc repro fetch_data` again") from error


def _batches(entries: Iterable[Entry], size: int) -> Iterator[list[Entry]]:
    stream = iter(entries)
    while batch := list(islice(stream, size)):
        yield batch


def _summary(metric: Any) -> dict[str, Any] | None:
    return metric.summary() if len(metric) else None


def _or_empty(value: dict[str, Any] | None) -> dict[str, Any]:
    return value or dict.fromkeys(
        ("plate_accuracy", "plate_accuracy_folded", "character_accuracy", "length_accuracy", "plates")
    )
