"""report.html: one self-contained page with the verdict, the figures, curves, examples and provenance."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from PIL import Image

from lpr.evaluation.report import figures
from lpr.evaluation.report.examples import Example
from lpr.evaluation.results import Evaluation
from lpr.metrics.recognition import NONE, align
from lpr.records.gates_file import failed, show

WORST = 12
"""Character confusions that are listed."""


def render_report(
    evaluation: Evaluation, wrong: Sequence[Example], right: Sequence[Example], metadata: dict[str, Any], results: Path
) -> str:
    """Return the page.

    Args:
        evaluation: what was measured.
        wrong, right: example readings.
        metadata: training_metadata.json, `{}` where it cannot be read.
        results: the folder under which the trainings left their curves.
    """
    environment = Environment(
        loader=PackageLoader("lpr.evaluation", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(percent=percent, number=number, show=show)
    measured = evaluation.measured
    return environment.get_template("report.html.j2").render(
        metrics=evaluation.metrics,
        latency=evaluation.latency,
        gates=evaluation.gates,
        fallen=failed(evaluation.gates),
        curves={
            "Precision and recall, IoU 0.5": _svg(figures.precision_recall(measured)),
            "Confidence and accuracy": _svg(figures.reliability(measured)),
        },
        training={name: Markup(svg) for name, svg in figures.training_curves(results).items()},
        confusions=measured.confusion.worst(WORST),
        wrong=[_example(example) for example in wrong],
        right=[_example(example) for example in right],
        unread=sum(row.verdict == "unlabelled" for row in measured.rows),
        metadata=metadata,
    )


def read_metadata(path: Path) -> dict[str, Any]:
    """Return a training_metadata.json for display, `{}` where it cannot be read: its gate says so already."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


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


def _svg(drawing: str | None) -> Markup | None:
    # Drawn by matplotlib from our own numbers and labels, which it escapes.
    return None if drawing is None else Markup(drawing)


def _example(example: Example) -> dict[str, Any]:
    row = example.row
    pairs = align(row.truth or "", row.read) if row.confidence is not None else []
    marks = [("·" if predicted == NONE else predicted, actual == predicted) for actual, predicted in pairs]
    return {"row": row, "marks": marks, "picture": _data_uri(example.picture)}


def _data_uri(picture: Image.Image) -> str:
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=82)
    return "data:image/jpeg;base64," + base64.b64encode(stream.getvalue()).decode()
