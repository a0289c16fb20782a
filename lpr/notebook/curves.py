"""The curves of a run in one picture: what `dvc plots show` draws in a browser, for a notebook."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from lpr.base.errors import LprError

_COLUMNS, _PANEL, _DPI = 3, (3.6, 2.6), 90


class _Panel(NamedTuple):
    title: str
    lines: dict[str, tuple[list[float], list[float]]]
    labels: tuple[str, str]


def draw_curves(results: Path) -> bytes:
    """Return a PNG with precision and recall, reliability, and the curves of both trainings.

    Args:
        results: the pipeline's folder of that name; files that it lacks are left out.

    Raises:
        LprError: it holds no curve at all, or a file of curves cannot be read.
    """
    panels = [panel for panel in (*_evaluation(results), *_trainings(results)) if panel.lines]
    if not panels:
        raise LprError(f"{results}: holds no curves; run `dvc repro evaluate`")
    # Without pyplot, whose figures a notebook would show a second time.
    from matplotlib.figure import Figure

    rows = -(-len(panels) // _COLUMNS)
    figure = Figure(figsize=(_COLUMNS * _PANEL[0], rows * _PANEL[1]), layout="constrained")
    for axes, panel in zip(figure.subplots(rows, _COLUMNS, squeeze=False).flat, panels, strict=False):
        for name, (x, y) in panel.lines.items():
            axes.plot(x, y, label=name, linewidth=1.5, marker="o" if len(x) == 1 else None)
        axes.set(title=panel.title, xlabel=panel.labels[0], ylabel=panel.labels[1])
        axes.grid(alpha=0.2)
        if len(panel.lines) > 1:
            axes.legend(frameon=False)
    for axes in figure.axes[len(panels) :]:
        axes.set_axis_off()
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=_DPI)
    return stream.getvalue()


def _evaluation(results: Path) -> Iterator[_Panel]:
    folder = results / "evaluate" / "plots"
    named = {"all plates": folder / "precision_recall.csv", "large plates": folder / "precision_recall_large.csv"}
    curves = {name: _columns(path, ",", "recall", "precision") for name, path in named.items()}
    yield _Panel("Precision and recall at IoU 0.5", _filled(curves), ("recall", "precision"))
    path = folder / "reliability.csv"
    lines = {name: _columns(path, ",", "confidence", name) for name in ("accuracy", "calibrated")}
    yield _Panel("Reliability of confidences", _filled(lines), ("confidence", "accuracy"))


def _trainings(results: Path) -> Iterator[_Panel]:
    for training in sorted(results.glob("train_*")):
        folder = training / "plots" / "metrics"
        for path in sorted(folder.rglob("*.tsv")):
            name = path.relative_to(folder).with_suffix("").as_posix()
            lines = _filled({path.stem: _columns(path, "\t", "step", path.stem)})
            yield _Panel(f"{training.name.removeprefix('train_')}: {name}", lines, ("step", ""))


def _filled(lines: dict[str, tuple[list[float], list[float]]]) -> dict[str, tuple[list[float], list[float]]]:
    return {name: points for name, points in lines.items() if points[0]}


def _columns(path: Path, delimiter: str, x: str, y: str) -> tuple[list[float], list[float]]:
    if not path.is_file():
        return [], []
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter=delimiter))
    try:
        return [float(row[x]) for row in rows], [float(row[y]) for row in rows]
    except (KeyError, TypeError, ValueError) as error:
        raise LprError(f"{path}: no table of {x} and {y}; run `dvc repro` to write it again") from error
