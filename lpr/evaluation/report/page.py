"""report.html: one self-contained page with the verdict, the figures, curves, errors, examples and provenance."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from lpr.base.errors import LprError
from lpr.base.files import atomic_path
from lpr.evaluation.report.breakdown import break_down
from lpr.evaluation.report.figures import accuracy_curves, training_curves
from lpr.evaluation.report.gallery import Gallery, show_reading
from lpr.evaluation.results import Evaluation, Row
from lpr.metrics.recognition import commonest_errors
from lpr.records.gates_file import failed
from lpr.records.gates_table import show
from lpr.records.metadata import TrainingMetadata, load_metadata

WORST = 12
"""Character confusions that are listed."""


def write_report(
    path: Path, evaluation: Evaluation, gallery: Gallery, right: Sequence[Row], models: Path, trainings: Path
) -> None:
    """Write the page of the stage.

    Args:
        path: the page.
        evaluation: what was measured.
        gallery: the errors; it opens the images of the right readings too.
        right: some right readings.
        models: the folder of the models, whose origin is shown.
        trainings: the folder under which the trainings left their curves.
    """
    results = evaluation.results
    write_page(
        path,
        "evaluation.html.j2",
        metrics=evaluation.metrics,
        cost=evaluation.cost,
        gates=evaluation.gates,
        failed=failed(evaluation.gates),
        curves=accuracy_curves(results, results),
        training=training_curves(trainings),
        confusions=commonest_errors(results.confusion, WORST),
        breakdown=break_down(results.rows),
        gallery=gallery,
        right=[show_reading(row, gallery.open_image) for row in right],
        unread=sum(row.verdict == "unlabelled" for row in results.rows),
        metadata=_metadata(models),
    )


def environment(*packages: str) -> Environment:
    """Return what renders HTML from the templates in the folders of these packages; it escapes whatever they show."""
    return Environment(
        loader=ChoiceLoader([PackageLoader(package, ".") for package in packages]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def write_page(path: Path, template: str, *packages: str, **values: Any) -> None:
    """Write a page piece by piece, so that its pictures are never all in memory.

    Args:
        path: the page.
        template: its name; it extends `layout.html.j2`.
        packages: with templates outside of this folder.
        values: what the template names.
    """
    templates = environment("lpr.evaluation.report", *packages)
    templates.filters.update(percent=percent, number=number, show=show)
    folder = Path(__file__).parent
    script = (folder / "filter.js").read_text(encoding="utf-8")
    # The page runs this script alone, whatever a name or text from elsewhere may hold.
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    own = {
        "style": Markup((folder / "style.css").read_text(encoding="utf-8")),
        "script": Markup(script),
        "script_hash": f"sha256-{digest}",
    }
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8") as stream:
        stream.writelines(templates.get_template(template).generate(**own, **values))


def _metadata(models: Path) -> TrainingMetadata | None:
    try:
        return load_metadata(models)
    except LprError:  # which the gate `metadata_complete` says
        return None


def percent(value: float | None) -> str:
    """Return a share in percent, an en dash for None."""
    return "–" if value is None else f"{100 * value:.1f} %"


def number(value: float | None) -> str:
    """Return a number as people read it, with thin spaces between thousands; an en dash for None."""
    if value is None:
        return "–"
    if abs(value) >= 1000:
        return f"{value:,.0f}".replace(",", "\u202f")
    return f"{value:.1f}" if isinstance(value, float) else str(value)
