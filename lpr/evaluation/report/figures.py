"""The report's curves as SVG that takes the page's text colour, light or dark. Same numbers, same bytes."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lpr.evaluation.report.tables import precision_recall_rows, reliability_rows
from lpr.evaluation.results import Measured

_INK = "#010203"
"""Stands for the page's text colour, which matplotlib has no name for."""
COLOURS = ("#3b82f6", "#f59e0b", "#10b981", "#ef4444", "#8b5cf6", "#14b8a6")
_STYLE: dict[Any, Any] = {
    "svg.hashsalt": "lpr", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 10,
    "text.color": _INK, "axes.labelcolor": _INK, "axes.edgecolor": _INK, "xtick.color": _INK, "ytick.color": _INK,
    "axes.spines.top": False, "axes.spines.right": False, "axes.linewidth": 0.6, "legend.frameon": False,
    "axes.grid": True, "grid.color": _INK, "grid.alpha": 0.12, "grid.linewidth": 0.6,
}  # fmt: skip


def precision_recall(measured: Measured) -> str | None:
    """Return the precision-recall curve at IoU 0.5 of all and of large plates, None where there is none."""
    rows = precision_recall_rows(measured)
    if not rows:
        return None
    with _axes("Recall", "Precision") as (axes, svg):
        for (name, label), colour in zip((("all", "all plates"), ("large", "large plates")), COLOURS, strict=False):
            points = [(recall, precision) for plates, recall, precision, _ in rows if plates == name]
            if points:
                axes.plot(*zip(*points, strict=True), color=colour, label=label, linewidth=1.8)
        axes.set(xlim=(0, 1.01), ylim=(0, 1.02))
        axes.legend(loc="lower left")
    return svg.getvalue()


def reliability(measured: Measured) -> str | None:
    """Return accuracy over confidence; the larger a point, the more plates are in its bin. None where there is none."""
    rows = reliability_rows(measured)
    if not rows:
        return None
    with _axes("Confidence", "Accuracy") as (axes, svg):
        confidences, accuracies, _, counts = zip(*rows, strict=True)
        axes.plot((0, 1), (0, 1), color=_INK, alpha=0.4, linewidth=1, linestyle="--", label="calibrated")
        axes.plot(confidences, accuracies, color=COLOURS[0], linewidth=1.4, label="measured")
        axes.scatter(confidences, accuracies, s=[14 + 220 * count / sum(counts) for count in counts], color=COLOURS[0])
        axes.set(xlim=(0, 1.02), ylim=(0, 1.02))
        axes.legend(loc="upper left")
    return svg.getvalue()


def against_base(
    x: str, y: str, base: Sequence[tuple[float, float]], here: Sequence[tuple[float, float]], calibrated: bool = False
) -> str:
    """Return a curve over that of the base, each points in [0, 1]; `calibrated` draws the diagonal too."""
    with _axes(x, y) as (axes, svg):
        if calibrated:
            axes.plot((0, 1), (0, 1), color=_INK, alpha=0.25, linewidth=1, linestyle=":", label="calibrated")
        if base:
            axes.plot(*zip(*base, strict=True), color=COLOURS[1], label="base", linewidth=1.6, linestyle="--")
        if here:
            axes.plot(*zip(*here, strict=True), color=COLOURS[0], label="here", linewidth=1.8)
        axes.set(xlim=(0, 1.01), ylim=(0, 1.02))
        axes.legend(loc="upper left" if calibrated else "lower left")
    return svg.getvalue()


def training_curves(results: Path) -> dict[str, str]:
    """Return the curves that DVCLive left under `results/train_*`, one figure for each training and metric."""
    figures: dict[str, str] = {}
    for training in sorted(results.glob("train_*")):
        folder = training / "plots" / "metrics"
        for path in sorted(folder.rglob("*.tsv")):
            points = _read_curve(path)
            name = f"{training.name.removeprefix('train_')}: {path.relative_to(folder).with_suffix('').as_posix()}"
            if len(points) < 2:
                continue
            with _axes("Step", "", (3.4, 2.1)) as (axes, svg):
                axes.plot(*zip(*points, strict=True), color=COLOURS[0], linewidth=1.5)
            figures[name] = svg.getvalue()
    return figures


def _read_curve(path: Path) -> list[tuple[float, float]]:
    """Return the steps and values of a DVCLive file; none where it is no such file: the report goes without it."""
    with path.open(encoding="utf-8", newline="") as stream:
        records = list(csv.DictReader(stream, delimiter="\t"))
    try:
        return [(float(record["step"]), float(record[path.stem])) for record in records]
    except (KeyError, TypeError, ValueError):
        return []


@contextmanager
def _axes(x: str, y: str, size: tuple[float, float] = (4.6, 3.4)) -> Iterator[tuple[Any, io.StringIO]]:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    svg = io.StringIO()
    with matplotlib.rc_context(_STYLE):
        figure, axes = pyplot.subplots(figsize=size, layout="constrained")
        try:
            axes.set(xlabel=x, ylabel=y)
            yield axes, svg
            raw = io.StringIO()
            figure.savefig(raw, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
        finally:
            pyplot.close(figure)
    drawing = raw.getvalue()
    svg.write(_inline(drawing[drawing.index("<svg") :]))


def _inline(drawing: str) -> str:
    drawing = re.sub(r"<metadata>.*?</metadata>", "", drawing, flags=re.DOTALL)
    # Sized by the page, with the aspect of the view box.
    drawing = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", drawing, count=1)
    drawing = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", drawing, count=1)
    return drawing.replace(_INK, "currentColor")
