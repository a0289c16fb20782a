"""What one pass over a split measured: all metrics, one row for each plate, and what was read where no plate is."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from lpr.metrics.calibration import Calibration
from lpr.metrics.detection import DetectionMetric
from lpr.metrics.end_to_end import EndToEnd
from lpr.metrics.recognition import READING_FIELDS, Confusion, ReadingMetric
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
"""Metrics by which runs are compared, nested as `Measured.summary` nests them."""


@dataclass(frozen=True, slots=True)
class Row:
    """One plate of the test split and what became of it.

    Attributes:
        image: the image's name.
        plate: its index among the image's plates; 0 for a crop.
        source: of the image.
        kind: "photo", or "crop" where the image is the plate or is there for reading alone.
        lines: 1, 2 or None.
        box: in pixels; the whole image where that is the plate.
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


@dataclass(frozen=True, slots=True)
class FalseReading:
    """What was read in a photo where no labelled plate is: the photo's name, box in its pixels, text, confidence and
    source. The metrics of false readings count those of photos without any plate."""

    image: str
    box: Box
    text: str
    confidence: float
    source: str


class Measured:
    """All accuracy metrics of one pass. Those of a kind that the split does not hold stay empty."""

    def __init__(self, threshold: float, match_iou: float) -> None:
        self.match_iou = match_iou
        self.images = 0
        self.detection = DetectionMetric(threshold, match_iou)
        self.detection_large = DetectionMetric(threshold, match_iou, LARGE_SHARE)
        self.reading = ReadingMetric()
        self.reading_by_lines = {1: ReadingMetric(), 2: ReadingMetric()}
        self.reading_by_source: dict[str, ReadingMetric] = defaultdict(ReadingMetric)
        self.confusion = Confusion()
        self.calibration = Calibration()
        self.end_to_end = EndToEnd(match_iou)
        self.rows: list[Row] = []
        self.false_readings: list[FalseReading] = []

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
                "sources": {name: metric.summary() for name, metric in sorted(self.reading_by_source.items())},
            },
            "calibration": _summary(self.calibration),
            "false_readings": self.end_to_end.false_readings_summary(),
            "images": self.images,
        }


@dataclass(frozen=True)
class Evaluation:
    """What `evaluate` measured and decided, and the SHA-256 of the model files that it is about."""

    measured: Measured
    metrics: dict[str, Any]
    latency: dict[str, Any]
    gates: list[Gate]
    models: dict[str, str]


def compared(metrics: dict[str, Any]) -> dict[str, Any]:
    """Return those metrics by which runs are compared: a screen of them, under the same names.

    Args:
        metrics: all of them, as `Measured.summary` gives them.
    """
    return {name: _pick(metrics[name], wanted) for name, wanted in _COMPARED.items()}


def _pick(value: Any, wanted: dict[str, Any] | None) -> Any:
    # A section is None where the split holds nothing of its kind.
    if value is None or wanted is None:
        return value
    return {name: _pick(value[name], inner) for name, inner in wanted.items()}


def _summary(metric: Any) -> dict[str, Any] | None:
    return metric.summary() if len(metric) else None


def _or_empty(value: dict[str, Any] | None) -> dict[str, Any]:
    return value or dict.fromkeys(READING_FIELDS)
