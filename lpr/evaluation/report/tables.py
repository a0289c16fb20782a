"""The evaluation's small files: readings and the tables that `dvc plots show` draws. Same measurements, same bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lpr.base.files import atomic_path
from lpr.evaluation.results import Results, Row
from lpr.metrics.counts import rounded
from lpr.metrics.detection import DetectionMetric

READING_COLUMNS = (
    "image", "plate", "source", "kind", "lines", "box", "truth", "read", "verdict", "confidence", "iou",
    "read_in_box", "confidence_in_box",
)  # fmt: skip
CURVE_POINTS = 200

Points = list[tuple[float, float]]


@dataclass(frozen=True)
class PlotFile:
    """A table under `plots/`: its name and its columns, of which the first two are a curve's x and y."""

    name: str
    columns: tuple[str, ...]

    def points(self, text: str) -> Points:
        """Return the curve in the file's text, as `read_points` does."""
        return read_points(text, *self.columns[:2])


# A file for each curve: DVC's linear template draws a line for each file.
PRECISION_RECALL = PlotFile("precision_recall.csv", ("recall", "precision", "score"))
PRECISION_RECALL_LARGE = PlotFile("precision_recall_large.csv", ("recall", "precision", "score"))
RELIABILITY = PlotFile("reliability.csv", ("confidence", "accuracy", "calibrated", "plates"))
CONFUSION = PlotFile("confusion.csv", ("actual", "predicted"))


def read_points(text: str, x: str, y: str, delimiter: str = ",") -> Points:
    """Return two columns of a table's text as points. Raises ValueError where it has none of them, or no numbers."""
    try:
        return [(float(row[x]), float(row[y])) for row in csv.DictReader(io.StringIO(text), delimiter=delimiter)]
    except (KeyError, TypeError, ValueError, csv.Error) as error:
        raise ValueError(f"no table of {x} and {y}") from error


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a table row by row, floats rounded to four digits and None as an empty field; whole or not at all."""
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rounded(list(row)) for row in rows)


def write_readings(path: Path, rows: Iterable[Row]) -> None:
    """Write one line for each plate of the split, by image and plate; a later report compares two of these files."""
    ordered = sorted(rows, key=lambda row: (row.image, row.plate))
    write_csv(path, READING_COLUMNS, ([_field(row, column) for column in READING_COLUMNS] for row in ordered))


def write_plots(folder: Path, results: Results) -> None:
    """Write precision_recall.csv, precision_recall_large.csv, reliability.csv and confusion.csv; what the split does
    not hold gives no rows."""
    counts = sorted(results.confusion.items())
    for file, rows in (
        (PRECISION_RECALL, precision_recall_rows(results.detection)),
        (PRECISION_RECALL_LARGE, precision_recall_rows(results.detection_large)),
        (RELIABILITY, reliability_rows(results)),
        # One row for each character: DVC's confusion template counts them itself.
        (CONFUSION, (pair for pair, count in counts for _ in range(count))),
    ):
        write_csv(folder / file.name, file.columns, rows)


def precision_recall_rows(metric: DetectionMetric) -> list[tuple[float, float, float]]:
    """Return (recall, precision, score) at IoU 0.5, thinned to `CURVE_POINTS`; none where there is no plate."""
    if not len(metric):
        return []
    curve = metric.curve()
    last = len(curve.recall) - 1
    kept = sorted({round(place) for place in np.linspace(0, last, CURVE_POINTS)}) if last >= 0 else []
    return [(float(curve.recall[i]), float(curve.precision[i]), float(curve.scores[i])) for i in kept]


def reliability_rows(results: Results) -> list[tuple[float, float, float, int]]:
    """Return (mean confidence, accuracy, accuracy if calibrated, plates) of each bin that holds readings."""
    table = results.calibration.table() if len(results.calibration) else []
    return [
        (b.confidence, b.accuracy, b.confidence, b.count)
        for b in table
        if b.confidence is not None and b.accuracy is not None
    ]


def _field(row: Row, column: str) -> Any:
    value = getattr(row, column)
    return " ".join(f"{number:.1f}" for number in value) if column == "box" else value
