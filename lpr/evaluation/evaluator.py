"""One pass over the test split, in a stream: photos are decoded a batch at a time and forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image

from lpr.base.errors import LprError
from lpr.data.annotations import Entry, Plate
from lpr.decoding.ctc import Reading
from lpr.evaluation.images import open_image, plates_of
from lpr.evaluation.results import Results, Row
from lpr.inference.plates import Found, PlateReading
from lpr.inference.recognizer import LicensePlateRecognizer
from lpr.metrics.end_to_end import Labelled
from lpr.metrics.matching import match
from lpr.metrics.recognition import align
from lpr.plate.box import Floats, iou

SCORE_FLOOR = 0.02
"""Candidates down to this score make the precision-recall curve; the working threshold lies far above."""
PHOTOS_AT_ONCE = 16

Item = TypeVar("Item")


def measure(
    recognizer: LicensePlateRecognizer,
    folder: Path,
    entries: Iterable[Entry],
    match_iou: float,
    progress: Callable[[int], object] | None = None,
) -> Results:
    """Measure models on the test split.

    Args:
        recognizer: the two models.
        folder: where the entries' images are.
        entries: in a stream.
        match_iou: the IoU from which a box counts as found.
        progress: is told how many more images are done.

    Raises:
        LprError: there is no entry, or an image is missing or unreadable.
    """
    images = ((entry, open_image(folder / entry.name)) for entry in entries)
    results = measure_images(recognizer, images, match_iou, progress)
    if not results.images:
        cure = "raise fetch_data.shares.test in params.yaml or add a source with a test split"
        raise LprError(f"{folder}: the test split is empty; {cure}")
    return results


def measure_images(
    recognizer: LicensePlateRecognizer,
    images: Iterable[tuple[Entry, Image.Image]],
    match_iou: float,
    progress: Callable[[int], object] | None = None,
) -> Results:
    """Measure models on entries and their upright RGB images, a stream of which a batch at a time is held.

    Photos for reading alone are not searched: what counts there is what the OCR reads in the true boxes.
    """
    results = Results(recognizer.threshold, match_iou)
    for batch in batched(images, PHOTOS_AT_ONCE):
        in_boxes = _read_true_boxes(recognizer, batch)
        photos = [image for entry, image in batch if entry.for_detection]
        found = iter(recognizer.find(photos, threshold=SCORE_FLOOR))
        read = iter(recognizer.read(photos))
        for (entry, image), in_box in zip(batch, in_boxes, strict=True):
            if entry.for_detection:
                _add_detection(results, entry, image.width, next(found))
                _add_photo(results, entry, next(read), in_box)
            else:
                _add_crops(results, entry, image, in_box)
            _add_readings(results, entry, image, in_box)
        results.images += len(batch)
        if progress:
            progress(len(batch))
    return results


def batched(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Yield the items in lists of `size`, the last of which may be shorter."""
    stream = iter(items)
    while batch := list(islice(stream, size)):
        yield batch


def _texts(entry: Entry, image: Image.Image) -> Iterator[tuple[int, str, Plate]]:
    """The plates on which reading is measured, each with its index and text."""
    for index, plate in enumerate(plates_of(entry, image) if entry.for_reading else ()):
        if plate.text is not None:
            yield index, plate.text, plate


def _read_true_boxes(
    recognizer: LicensePlateRecognizer, batch: Sequence[tuple[Entry, Image.Image]]
) -> list[dict[int, Reading]]:
    """Return for each image what is read in the true boxes of its `_texts`, by their indices."""
    boxes = [(image, plate.bbox) for entry, image in batch for _, _, plate in _texts(entry, image)]
    readings = iter(recognizer.read_boxes(boxes))
    return [{index: next(readings) for index, _, _ in _texts(entry, image)} for entry, image in batch]


def _add_detection(results: Results, entry: Entry, width: int, candidates: Sequence[Found]) -> None:
    boxes, scores = _boxes(candidates), np.asarray([candidate.detection for candidate in candidates], float)
    for metric in (results.detection, results.detection_large):
        metric.update(boxes, scores, _true_boxes(entry), width)


def _add_photo(results: Results, entry: Entry, readings: Sequence[PlateReading], in_box: dict[int, Reading]) -> None:
    matched: dict[int, int] = {}
    if entry.for_reading:
        results.false_readings += _away_from_plates(entry, readings)
        found = [Labelled(reading.box, reading.text) for reading in readings]
        if entry.plates:
            truths = {
                index: Labelled(plate.bbox, plate.text, plate.lines)
                for index, plate in enumerate(entry.plates)
                if plate.text is not None
            }
            places = results.end_to_end.update(list(truths.values()), found, entry.source)
            matched = {index: place for index, place in zip(truths, places, strict=True) if place >= 0}
        else:
            results.empty_photos.update(found)
    pairs = _pair(entry, readings, matched, results.match_iou)
    for index, plate in enumerate(entry.plates):
        read_in_box = in_box.get(index)
        row = Row(
            entry.name, index, entry.source, "photo", plate.lines, plate.bbox, plate.text,
            read_in_box=read_in_box.text if read_in_box else None,
            confidence_in_box=read_in_box.confidence if read_in_box else None,
        )  # fmt: skip
        if index in pairs:
            reading, overlap = pairs[index]
            row = replace(row, read=reading.text, confidence=reading.confidence, iou=overlap, found=reading.box)
        results.rows.append(row)


def _away_from_plates(entry: Entry, readings: Sequence[PlateReading]) -> Iterator[Row]:
    nearest = np.nan_to_num(iou(_true_boxes(entry), _boxes(readings))).max(axis=0, initial=0.0)
    for reading, overlap in zip(readings, nearest, strict=True):
        if reading.text and not overlap:
            box, text, confidence = reading.box, reading.text, reading.confidence
            yield Row(
                entry.name, 0, entry.source, "photo", None, box, None, read=text, confidence=confidence, found=box
            )


def _pair(
    entry: Entry, readings: Sequence[PlateReading], matched: dict[int, int], least: float
) -> dict[int, tuple[PlateReading, float]]:
    """Return what was found at each plate, and its IoU: the reading that is `matched`, else the nearest one left."""
    overlaps = np.nan_to_num(iou(_true_boxes(entry), _boxes(readings)))
    near = overlaps >= least
    near[list(matched)] = False
    near[:, list(matched.values())] = False
    others = {t: int(f) for t, f in enumerate(match(near, -overlaps)) if f >= 0}
    return {t: (readings[f], float(overlaps[t, f])) for t, f in (matched | others).items()}


def _add_crops(results: Results, entry: Entry, image: Image.Image, in_box: dict[int, Reading]) -> None:
    for index, truth, plate in _texts(entry, image):
        text, confidence = in_box[index].text, in_box[index].confidence
        results.rows.append(
            Row(
                entry.name, index, entry.source, "crop", plate.lines, plate.bbox, truth,
                read=text, confidence=confidence, read_in_box=text, confidence_in_box=confidence,
            )
        )  # fmt: skip


def _add_readings(results: Results, entry: Entry, image: Image.Image, in_box: dict[int, Reading]) -> None:
    for index, truth, plate in _texts(entry, image):
        reading = in_box[index]
        results.reading.update(truth, reading.text)
        results.reading_by_source[entry.source].update(truth, reading.text)
        if plate.lines in results.reading_by_lines:
            results.reading_by_lines[plate.lines].update(truth, reading.text)
        results.confusion.update(align(truth, reading.text))
        results.calibration.update(reading.confidence, truth == reading.text)


def _true_boxes(entry: Entry) -> Floats:
    return np.asarray([plate.bbox for plate in entry.plates], float)


def _boxes(found: Sequence[Found | PlateReading]) -> Floats:
    return np.asarray([plate.box for plate in found], float)
