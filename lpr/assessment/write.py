"""The files of an evaluation: report, readings, and contact sheets of all that went wrong."""

from __future__ import annotations

from pathlib import Path

from lpr.assessment.folder import Dataset
from lpr.assessment.page import write_report
from lpr.assessment.report import to_markdown
from lpr.assessment.run import Assessment, in_boxes
from lpr.assessment.stress_plot import draw_stress
from lpr.base.errors import LprError
from lpr.base.files import atomic_path, write_json, write_text
from lpr.evaluation.report.examples import surest_first, widest_first
from lpr.evaluation.report.pictures import contact_sheet
from lpr.evaluation.report.tables import write_readings
from lpr.evaluation.results import Row
from lpr.records.evaluation import EVALUATION

PAGE = "report.html"
STRESS = "stress.png"
A_SHEET = 80
"""Pictures on a sheet."""


def write_assessment(result: Assessment, dataset: Dataset, out: Path) -> list[Path]:
    """Write evaluation.json and .md, report.html, readings.csv, readings_crops.csv, stress.png and the sheets; return
    the report and the sheets.

    The sheets are `misread_crops`, `misread` (found, but read wrong), `missed` (nothing was read there) and
    `false_readings`, a page for each 80 pictures; pages of an earlier evaluation in the same folder are removed.

    Raises:
        LprError: `out` is a file, or is the folder that was measured.
    """
    if out.exists() and (not out.is_dir() or out.resolve() == dataset.folder.resolve()):
        raise LprError(f"--out is {out}: {'not a folder' if out.is_file() else 'the measured folder'}; name another")
    write_json(out / EVALUATION, result.record)
    write_text(out / "evaluation.md", to_markdown(result.record))
    write_report(out / PAGE, result, dataset)
    write_readings(out / "readings.csv", result.photos.rows)
    if result.crops:
        write_readings(out / "readings_crops.csv", result.crops.rows)
    if result.record["stress"]:
        with atomic_path(out / STRESS) as path:
            draw_stress(result.record["stress"], path)
    photos = [row for row in result.photos.rows if row.kind == "photo"]
    written = [out / PAGE]
    for name, rows in (
        ("misread_crops", surest_first(row for row in in_boxes(result.reading.rows) if row.truth != row.read)),
        ("misread", surest_first(row for row in photos if row.verdict == "wrong")),
        ("missed", widest_first(row for row in photos if row.confidence is None)),
        ("false_readings", surest_first(result.photos.false_readings)),
    ):
        written += _write_sheets(out, name, rows, dataset)
    return written


def _write_sheets(out: Path, name: str, rows: list[Row], dataset: Dataset) -> list[Path]:
    for old in out.glob(f"{name}-[0-9]*.jpg"):
        old.unlink()
    pages = []
    for start in range(0, len(rows), A_SHEET):
        pages.append(out / f"{name}-{start // A_SHEET + 1}.jpg")
        with atomic_path(pages[-1]) as path:
            contact_sheet(rows[start : start + A_SHEET], dataset.open).save(path, "JPEG", quality=85)
    return pages
