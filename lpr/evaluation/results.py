"""What one pass over a split gives: all metrics, one row for each plate, and what was read where no plate is."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from lpr.metrics.calibration import Calibration
from lpr.metrics.detection import DetectionMetric
from lpr.metrics.end_to_end import EmptyPhotos, EndToEnd
from lpr.metrics.recognition import READING_FIELDS, ReadingMetric
from lpr.plate.box import Box
from lpr.records.gates_file import Gate

LARGE_SHARE = 0.06
"""Plates at least this share of the photo's width are measured apart too: smaller ones are rarely readable."""

_COMPARED: dict[str, Any] = {
    "end_to_end": {
        **dict.fromkeys(("accuracy", "right", "total")),
        **{lines: {"accuracy": None} for lines in ("one_line", "two_line")},
    },
    "detection": dict.fromkeys(("ap50", "precision", "recall")),
    "detection_large": {"ap50": None},
    "reading": {
        **dict.fromkeys(("plate_accuracy", "character_accuracy", "right", "plates")),
        **{lines: {"plate_accuracy": None} for lines in ("one_line", "two_line")},
    },
    "calibration": {"ece": None},
    "false_readings": {"photos_read": None},
}
"""Metrics by which runs are compared, nested as `Results.summary` nests them."""


@dataclass(frozen=True, slots=True)
class Row:
    """One plate of the test split and what became of it, or a false reading: read where no labelled plate is.

    Attributes:
        image: the image's name.
        plate: its index among the image's plates; 0 for a crop and a false reading.
        source: of the image.
        kind: "photo", or "crop" where the image is the plate or is there for reading alone.
        lines: 1, 2 or None.
        box: in pixels; the whole image where that is the plate; of a false reading the one found.
        truth: the true text, None where nobody could read it, or there is none.
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
    read: str = ""
    confidence: float | None = None
    iou: float | None = None
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


class Results:
    """All accuracy metrics of one pass, empty for what the split does not hold, and the rows that they are of.

    Attributes:
        confusion: how often each true character was read as each other one, by `align`.
        false_readings: in all photos, where `empty_photos` counts those of photos without any plate.
    """

    def __init__(self, threshold: float, match_iou: float) -> None:
        self.match_iou = match_iou
        self.images = 0
        self.detection = DetectionMetric(threshold, match_iou)
        self.detection_large = DetectionMetric(threshold, match_iou, LARGE_SHARE)
        self.reading = ReadingMetric()
        self.reading_by_lines = {1: ReadingMetric(), 2: ReadingMetric()}
        self.reading_by_source: dict[str, ReadingMetric] = defaultdict(ReadingMetric)
        self.confusion: Counter[tuple[str, str]] = Counter()
        self.calibration = Calibration()
        self.end_to_end = EndToEnd(match_iou)
        self.empty_photos = EmptyPhotos()
        self.rows: list[Row] = []
        self.false_readings: list[Row] = []

    def summary(self) -> dict[str, Any]:
        """Return every metric under its stable name; None stands for a kind of which the split holds nothing."""
        return {
            "end_to_end": _summary(self.end_to_end),
            "detection": _summary(self.detection),
            "detection_large": _summary(self.detection_large),
            "reading": {
                **(_summary(self.reading) or dict.fromkeys(READING_FIELDS)),
                "one_line": _summary(self.reading_by_lines[1]),
                "two_line": _summary(self.reading_by_lines[2]),
                "sources": {name: metric.summary() for name, metric in sorted(self.reading_by_source.items())},
            },
            "calibration": _summary(self.calibration),
            "false_readings": self.empty_photos.summary(),
            "images": self.images,
        }


@dataclass(frozen=True)
class Evaluation:
    """What `evaluate` found out.

    Attributes:
        results: of the pass over the test split.
        metrics: their summary, rounded.
        cost: as `measure_cost` gives it, rounded.
        gates: each one's verdict.
        models: SHA-256 of each model file by its name.
    """

    results: Results
    metrics: dict[str, Any]
    cost: dict[str, Any]
    gates: list[Gate]
    models: dict[str, str]


def compared(metrics: dict[str, Any]) -> dict[str, Any]:
    """Return those metrics by which runs are compared: a screen of them, under the same names.

    Args:
        metrics: all of them, as `Results.summary` gives them.
    """
    return {name: _pick(metrics[name], wanted) for name, wanted in _COMPARED.items()}


def _pick(value: Any, wanted: dict[str, Any] | None) -> Any:
    # A section is None where the split holds nothing of its kind.
    if value is None or wanted is None:
        return value
    return {name: _pick(value[name], inner) for name, inner in wanted.items()}


def _summary(metric: Any) -> dict[str, Any] | None:
    return metric.summary() if len(metric) else None
