"""One pass over the test split, in a stream: photos are decoded a batch at a time and forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from lpr.base.errors import LprError
from lpr.data.annotations import Entry, Plate
from lpr.evaluation.reader import PlateReading, Reader, Reading
from lpr.evaluation.results import FalseReading, Measured, Row
from lpr.metrics.end_to_end import Labelled
from lpr.metrics.matching import match
from lpr.plate.box import iou

SCORE_FLOOR = 0.02
"""Candidates down to this score make the precision-recall curve; the working threshold lies far above."""
PHOTOS_AT_ONCE = 16


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
    images = ((entry, open_image(folder / entry.name)) for entry in entries)
    measured = measure_images(reader, images, match_iou, progress)
    if not measured.images:
        cure = "raise fetch_data.shares.test in params.yaml or add a source with a test split"
        raise LprError(f"{folder}: the test split is empty; {cure}")
    return measured


def measure_images(
    reader: Reader,
    images: Iterable[tuple[Entry, Image.Image]],
    match_iou: float,
    progress: Callable[[int], object] | None = None,
) -> Measured:
    """Measure `reader` on entries and their upright RGB images, a stream of which a batch at a time is held.

    Photos for reading alone are not searched: what counts there is what the OCR reads in the true boxes.
    """
    measured = Measured(reader.threshold, match_iou)
    for pairs in _batches(images, PHOTOS_AT_ONCE):
        photos = [(entry, image) for entry, image in pairs if entry.for_detection]
        in_boxes = _read_true_boxes(reader, pairs)
        found = reader.find([image for _, image in photos], threshold=SCORE_FLOOR) if photos else []
        read = reader.read([image for _, image in photos]) if photos else []
        for (entry, image), candidates, readings in zip(photos, found, read, strict=True):
            _add_detection(measured, entry, image, candidates)
            _add_photo(measured, entry, readings, in_boxes)
        for entry, image in pairs:
            if not entry.for_detection:
                _add_crops(measured, entry, image, in_boxes)
        _add_readings(measured, [entry for entry, _ in pairs], in_boxes)
        measured.images += len(pairs)
        if progress:
            progress(len(pairs))
    return measured


def _add_detection(measured: Measured, entry: Entry, image: Image.Image, candidates: Any) -> None:
    truths = np.asarray([plate.bbox for plate in entry.plates], float)
    boxes = np.asarray([candidate.box for candidate in candidates], float)
    scores = np.asarray([candidate.detection for candidate in candidates], float)
    for metric in (measured.detection, measured.detection_large):
        metric.update(boxes, scores, truths, image.width)


def _add_photo(measured: Measured, entry: Entry, readings: Any, in_boxes: dict[tuple[str, int], Reading]) -> None:
    found = [Labelled(reading.box, reading.text) for reading in readings]
    places = [index for index, plate in enumerate(entry.plates) if plate.text is not None]
    served = {}
    if not entry.for_reading:
        pass
    elif entry.plates:
        truths = [Labelled(plate.bbox, plate.text or "", plate.lines) for plate in (entry.plates[i] for i in places)]
        served = dict(zip(places, measured.end_to_end.update(truths, found, entry.source), strict=True))
    else:
        measured.end_to_end.update_empty(found)
    if entry.for_reading:
        measured.false_readings += _away_from_plates(entry, readings)
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


def _away_from_plates(entry: Entry, readings: Any) -> list[FalseReading]:
    overlaps = iou(np.asarray([plate.bbox for plate in entry.plates]), np.asarray([r.box for r in readings], float))
    nearest = np.nan_to_num(overlaps).max(axis=0, initial=0.0)
    return [
        FalseReading(entry.name, r.box, r.text, r.confidence, entry.source)
        for r, overlap in zip(readings, nearest, strict=True)
        if r.text and not overlap
    ]


def _pair(
    plates: tuple[Plate, ...], readings: Any, served: dict[int, int], least: float
) -> dict[int, tuple[PlateReading, float]]:
    """Return what was found at each plate: the reading that serves it, else the one that overlaps it most."""
    if not plates or not readings:
        return {}
    overlaps = np.nan_to_num(iou(np.asarray([p.bbox for p in plates]), np.asarray([r.box for r in readings], float)))
    near = overlaps >= least
    near[list(served)] = False
    near[:, list(served.values())] = False
    others = {t: int(f) for t, f in enumerate(match(near, -overlaps)) if f >= 0}
    return {t: (readings[f], float(overlaps[t, f])) for t, f in (served | others).items()}


def _add_crops(measured: Measured, entry: Entry, image: Image.Image, in_boxes: dict[tuple[str, int], Reading]) -> None:
    for index, truth, lines in _texts(entry):
        box = (0.0, 0.0, float(image.width), float(image.height)) if entry.is_crop else entry.plates[index].bbox
        text, confidence = in_boxes[entry.name, index].text, in_boxes[entry.name, index].confidence
        measured.rows.append(
            Row(
                entry.name, index, entry.source, "crop", lines, box, truth, text, confidence,
                None, None, text, confidence,
            )
        )  # fmt: skip


def _add_readings(measured: Measured, batch: list[Entry], in_boxes: dict[tuple[str, int], Reading]) -> None:
    for entry in batch:
        for index, text, lines in _texts(entry):
            reading = in_boxes[entry.name, index]
            measured.reading.update(text, reading.text)
            measured.reading_by_source[entry.source].update(text, reading.text)
            if lines in measured.reading_by_lines:
                measured.reading_by_lines[lines].update(text, reading.text)
            measured.confusion.update(text, reading.text)
            measured.calibration.update(reading.confidence, text == reading.text)


def _read_true_boxes(reader: Reader, pairs: list[tuple[Entry, Image.Image]]) -> dict[tuple[str, int], Reading]:
    keys, crops = [], []
    for entry, image in pairs:
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


def _batches(pairs: Iterable[tuple[Entry, Image.Image]], size: int) -> Iterator[list[tuple[Entry, Image.Image]]]:
    stream = iter(pairs)
    while batch := list(islice(stream, size)):
        yield batch
