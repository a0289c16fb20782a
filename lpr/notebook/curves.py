"""The curves of a run in one picture: what `dvc plots show` draws in a browser, for a notebook."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from lpr.base.errors import LprError
from lpr.evaluation.report.figures import training_files
from lpr.evaluation.report.tables import PRECISION_RECALL, PRECISION_RECALL_LARGE, RELIABILITY, Points, read_points

_COLUMNS, _PANEL, _DPI = 3, (3.6, 2.6), 90


class _Panel(NamedTuple):
    title: str
    lines: dict[str, Points]
    labels: tuple[str, str]


def draw_curves(results: Path) -> bytes:
    """Return a PNG with precision and recall, reliability, and the curves of both trainings.

    Args:
        results: the pipeline's folder of that name; files that it lacks are left out.

    Raises:
        LprError: it holds no curve at all, or a file of curves cannot be read.
    """
    panels = [panel for panel in (*_evaluation(results), *_trainings(results)) if any(panel.lines.values())]
    if not panels:
        raise LprError(f"{results}: holds no curves; run `dvc repro evaluate`")
    # Without pyplot, whose figures a notebook would show a second time.
    from matplotlib.figure import Figure

    rows = -(-len(panels) // _COLUMNS)
    figure = Figure(figsize=(_COLUMNS * _PANEL[0], rows * _PANEL[1]), layout="constrained")
    for axes, panel in zip(figure.subplots(rows, _COLUMNS, squeeze=False).flat, panels, strict=False):
        lines = {name: points for name, points in panel.lines.items() if points}
        for name, points in lines.items():
            axes.plot(*zip(*points, strict=True), label=name, linewidth=1.5, marker="o" if len(points) == 1 else None)
        axes.set(title=panel.title, xlabel=panel.labels[0], ylabel=panel.labels[1])
        axes.grid(alpha=0.2)
        if len(lines) > 1:
            axes.legend(frameon=False)
    for axes in figure.axes[len(panels) :]:
        axes.set_axis_off()
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=_DPI)
    return stream.getvalue()


def _evaluation(results: Path) -> Iterator[_Panel]:
    folder = results / "evaluate" / "plots"
    recall, precision, _ = PRECISION_RECALL.columns
    files = {"all plates": PRECISION_RECALL, "large plates": PRECISION_RECALL_LARGE}
    curves = {name: _points(folder / file.name, recall, precision) for name, file in files.items()}
    yield _Panel("Precision and recall at IoU 0.5", curves, (recall, precision))
    confidence, accuracy, calibrated, _ = RELIABILITY.columns
    lines = {name: _points(folder / RELIABILITY.name, confidence, name) for name in (accuracy, calibrated)}
    yield _Panel("Reliability of confidences", lines, (confidence, accuracy))


def _trainings(results: Path) -> Iterator[_Panel]:
    for title, path in training_files(results):
        yield _Panel(title, {path.stem: _points(path, "step", path.stem, "\t")}, ("step", ""))


def _points(path: Path, x: str, y: str, delimiter: str = ",") -> Points:
    if not path.is_file():
        return []
    try:
        return read_points(path.read_text(encoding="utf-8"), x, y, delimiter)
    except ValueError as error:
        raise LprError(f"{path}: {error}; run `dvc repro` to write it again") from error
