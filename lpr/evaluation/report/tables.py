"""The evaluation's small files: readings and the tables that `dvc plots show` draws. Same measurements, same bytes."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lpr.base.files import atomic_path
from lpr.evaluation.results import Measured, Row
from lpr.metrics.counts import rounded
from lpr.plate.box import Box

CURVE_POINTS = 200
READING_COLUMNS = (
    "image", "plate", "source", "kind", "lines", "box", "truth", "read", "verdict", "confidence", "iou",
    "read_in_box", "confidence_in_box",
)  # fmt: skip


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


def write_plots(folder: Path, measured: Measured) -> None:
    """Write precision_recall.csv, reliability.csv and confusion.csv; what the split does not hold gives no rows."""
    curves = precision_recall_rows(measured)
    for plates, name in (("all", "precision_recall.csv"), ("large", "precision_recall_large.csv")):
        # A file for each curve: DVC's linear template draws a line for each file.
        write_csv(folder / name, ("recall", "precision", "score"), [row[1:] for row in curves if row[0] == plates])
    write_csv(
        folder / "reliability.csv", ("confidence", "accuracy", "calibrated", "plates"), reliability_rows(measured)
    )
    counts = sorted(measured.confusion.counts.items())
    # One row for each character: DVC's confusion template counts them itself.
    write_csv(folder / "confusion.csv", ("actual", "predicted"), (pair for pair, count in counts for _ in range(count)))


def precision_recall_rows(measured: Measured) -> list[tuple[str, float, float, float]]:
    """Return (plates, recall, precision, score) at IoU 0.5 for all and large plates, each thinned to `CURVE_POINTS`."""
    rows: list[tuple[str, float, float, float]] = []
    for name, metric in (("all", measured.detection), ("large", measured.detection_large)):
        if not len(metric):
            continue
        curve = metric.curve()
        last = len(curve.recall) - 1
        kept = sorted({round(place) for place in np.linspace(0, last, CURVE_POINTS)}) if last >= 0 else []
        rows += [(name, float(curve.recall[i]), float(curve.precision[i]), float(curve.scores[i])) for i in kept]
    return rows


def reliability_rows(measured: Measured) -> list[tuple[float, float, float, int]]:
    """Return (mean confidence, accuracy, accuracy if calibrated, plates) of each bin that holds readings."""
    table = measured.calibration.table() if len(measured.calibration) else []
    return [
        (b.confidence, b.accuracy, b.confidence, b.count)
        for b in table
        if b.confidence is not None and b.accuracy is not None
    ]


def _field(row: Row, column: str) -> Any:
    value = getattr(row, column)
    return _pixels(value) if column == "box" else value


def _pixels(box: Box) -> str:
    return " ".join(f"{number:.1f}" for number in box)
