"""report.html of an evaluated folder: the figures, results by width, source and lines, and every error."""

from __future__ import annotations

from pathlib import Path

from lpr.assessment.folder import Dataset
from lpr.assessment.report import figures
from lpr.assessment.run import Assessment
from lpr.evaluation.report.breakdown import break_down
from lpr.evaluation.report.figures import accuracy_curves
from lpr.evaluation.report.gallery import LARGEST, collect
from lpr.evaluation.report.page import write_page


def write_report(path: Path, result: Assessment, dataset: Dataset, most: int = LARGEST) -> None:
    """Write the page.

    Args:
        path: the page.
        result: what was measured.
        dataset: the folder; pictures are cut out of its images.
        most: errors shown.
    """
    rows = [*result.photos.rows, *(result.crops.rows if result.crops else ())]
    record = result.record
    write_page(
        path,
        "folder.html.j2",
        "lpr.assessment",
        **{name: record[name] for name in ("data", "models", "reading", "end_to_end", "detection", "calibration")},
        figures=figures(record),
        curves=accuracy_curves(result.photos, result.reading),
        breakdown=break_down(rows, result.reading.rows),
        gallery=collect(rows, result.photos.false_readings, dataset.open, most),
    )
