"""What evaluations write down, as far as it is read again: evaluation.json of a folder, metrics.json of the stage."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field, model_validator

from lpr.records.record import ModelFile, Record, load_record

EVALUATION = "evaluation.json"

Number = Annotated[int, Field(ge=0, le=2**53)]


class Part(Record):
    """A part of the record, which holds more than is read again."""

    model_config = ConfigDict(extra="allow")


class Counted(Part):
    """`right` of `total`; `accuracy` and its interval `low` to `high` are None where `total` is 0."""

    right: Number
    total: Number
    accuracy: float | None
    low: float | None
    high: float | None

    @model_validator(mode="after")
    def _says_how_accurate(self) -> Counted:
        if self.total and None in (self.accuracy, self.low, self.high):
            raise ValueError("accuracy, low and high must be numbers where total is not 0")
        return self


class EndToEnd(Counted):
    folded: Counted
    public_rule_iou_over_40: Counted
    one_line: Counted
    two_line: Counted


class Detection(Part):
    ap50: float | None
    ap50_95: float | None
    recall: float | None
    precision: float | None
    mean_iou: float | None
    plates: Number


class Reading(Part):
    """Of `plates` true crops `right` were read right; all are None where there is none."""

    plates: Number | None
    right: Number | None
    plate_accuracy: float | None
    low: float | None
    high: float | None
    plate_accuracy_folded: float | None
    character_accuracy: float | None
    length_accuracy: float | None

    @model_validator(mode="after")
    def _says_how_accurate(self) -> Reading:
        if self.plates and None in (self.right, self.plate_accuracy, self.low, self.high):
            raise ValueError("right, plate_accuracy, low and high must be numbers where plates is not 0")
        return self


class ReadingByLines(Reading):
    one_line: Reading | None
    two_line: Reading | None


class Calibration(Part):
    ece: float


class FalseReadings(Part):
    photos: Number
    photos_read: Number


class Settings(Part):
    threshold: float


class Errors(Part):
    """How often each character was taken for another one, the commonest first."""

    characters: dict[str, Number]


class ErrorsOf(Part):
    end_to_end: Errors


class MeasuredData(Part):
    """The folder that was measured; `split` is None for all of it."""

    folder: str
    split: str | None
    images: Number
    fingerprint: str


class FolderEvaluation(Part):
    """Models measured on a folder; None stands for what it holds nothing of."""

    data: MeasuredData
    models: dict[str, ModelFile]
    settings: Settings
    end_to_end: EndToEnd | None
    detection: Detection | None
    detection_large: Detection | None
    false_readings: FalseReadings
    reading_on: str
    reading: ReadingByLines
    calibration: Calibration | None
    calibration_end_to_end: Calibration | None
    errors: ErrorsOf


def load_evaluation(path: Path) -> FolderEvaluation:
    """Read the record of an evaluation. Raises LprError, as `load_record` does."""
    return load_record(path, FolderEvaluation, "make it with `lpr evaluate --out`")


class ComparedEndToEnd(Part):
    right: Number
    total: Annotated[int, Field(ge=1, le=2**53)]


class ComparedReading(Part):
    """Both are None where no plate has a text."""

    right: Number | None
    plates: Number | None


class ComparedDetection(Part):
    ap50: float | None


class ComparedMetrics(Part):
    """The metrics of the test split by which runs are compared; None stands for what it holds nothing of."""

    end_to_end: ComparedEndToEnd | None
    reading: ComparedReading
    detection: ComparedDetection | None


def load_metrics(path: Path) -> ComparedMetrics:
    """Read metrics.json of the stage `evaluate`. Raises LprError, as `load_record` does."""
    return load_record(path, ComparedMetrics, "run `dvc repro evaluate`")
