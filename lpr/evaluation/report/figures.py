"""The report's curves as SVG that takes the page's text colour, light or dark. Same numbers, same bytes."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from lpr.evaluation.report.tables import Points, precision_recall_rows, read_points, reliability_rows
from lpr.evaluation.results import Results

_INK = "#010203"
"""Stands for the page's text colour, which matplotlib has no name for."""
COLOURS = ("#3b82f6", "#f59e0b")
_STYLE: dict[Any, Any] = {
    "svg.hashsalt": "lpr", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 10,
    "text.color": _INK, "axes.labelcolor": _INK, "axes.edgecolor": _INK, "xtick.color": _INK, "ytick.color": _INK,
    "axes.spines.top": False, "axes.spines.right": False, "axes.linewidth": 0.6, "legend.frameon": False,
    "axes.grid": True, "grid.color": _INK, "grid.alpha": 0.12, "grid.linewidth": 0.6,
}  # fmt: skip


def accuracy_curves(photos: Results, reading: Results) -> dict[str, Markup]:
    """Return the curves that can be drawn, by title: of the detection in photos, and of the reading of true boxes."""
    curves: dict[str, Markup] = {}
    detections = {"all plates": photos.detection, "large plates": photos.detection_large}
    lines = {label: [row[:2] for row in precision_recall_rows(metric)] for label, metric in detections.items()}
    if any(lines.values()):
        curves["Precision and recall, IoU 0.5"] = _svg("Recall", "Precision", lambda axes: _draw_lines(axes, lines))
    if rows := reliability_rows(reading):
        curves["Confidence and accuracy"] = _svg("Confidence", "Accuracy", lambda axes: _draw_reliability(axes, rows))
    return curves


def against_base(x: str, y: str, base: Points, here: Points, calibrated: bool = False) -> Markup:
    """Return a curve over that of the base, each points in [0, 1]; `calibrated` draws the diagonal too."""

    def draw(axes: Any) -> None:
        if calibrated:
            axes.plot((0, 1), (0, 1), color=_INK, alpha=0.25, linewidth=1, linestyle=":", label="calibrated")
        if base:
            axes.plot(*zip(*base, strict=True), color=COLOURS[1], label="base", linewidth=1.6, linestyle="--")
        if here:
            axes.plot(*zip(*here, strict=True), color=COLOURS[0], label="here", linewidth=1.8)
        axes.set(xlim=(0, 1.01), ylim=(0, 1.02))
        axes.legend(loc="upper left" if calibrated else "lower left")

    return _svg(x, y, draw)


def training_curves(results: Path) -> dict[str, Markup]:
    """Return the curves of `training_files`, by title; files that hold none, and of less than two points, are left
    out."""
    curves: dict[str, Markup] = {}
    for title, path in training_files(results):
        try:
            points = read_points(path.read_text(encoding="utf-8"), "step", path.stem, "\t")
        except ValueError:  # the report goes without it
            continue
        if len(points) > 1:
            curves[title] = _training_curve(points)
    return curves


def training_files(results: Path) -> Iterator[tuple[str, Path]]:
    """Yield the curves that DVCLive left under `results/train_*`, a file for each training and metric, with a title."""
    for training in sorted(results.glob("train_*")):
        folder = training / "plots" / "metrics"
        for path in sorted(folder.rglob("*.tsv")):
            name = path.relative_to(folder).with_suffix("").as_posix()
            yield f"{training.name.removeprefix('train_')}: {name}", path


def _draw_lines(axes: Any, lines: Mapping[str, Points]) -> None:
    for (label, points), colour in zip(lines.items(), COLOURS, strict=True):
        if points:
            axes.plot(*zip(*points, strict=True), color=colour, label=label, linewidth=1.8)
    axes.set(xlim=(0, 1.01), ylim=(0, 1.02))
    axes.legend(loc="lower left")


def _draw_reliability(axes: Any, rows: Sequence[tuple[float, float, float, int]]) -> None:
    """Draw accuracy over confidence; the larger a point, the more plates are in its bin."""
    confidences, accuracies, _, counts = zip(*rows, strict=True)
    axes.plot((0, 1), (0, 1), color=_INK, alpha=0.4, linewidth=1, linestyle="--", label="calibrated")
    axes.plot(confidences, accuracies, color=COLOURS[0], linewidth=1.4, label="measured")
    axes.scatter(confidences, accuracies, s=[14 + 220 * count / sum(counts) for count in counts], color=COLOURS[0])
    axes.set(xlim=(0, 1.02), ylim=(0, 1.02))
    axes.legend(loc="upper left")


def _training_curve(points: Points) -> Markup:
    return _svg(
        "Step", "", lambda axes: axes.plot(*zip(*points, strict=True), color=COLOURS[0], linewidth=1.5), (3.4, 2.1)
    )


def _svg(x: str, y: str, draw: Callable[[Any], object], size: tuple[float, float] = (4.6, 3.4)) -> Markup:
    """Return what `draw` draws into axes of `size` inches, to stand in a page as it is: our own numbers and labels,
    which matplotlib escapes."""
    import matplotlib
    from matplotlib.figure import Figure  # without pyplot, which keeps figures and chooses a screen

    stream = io.StringIO()
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=size, layout="constrained")
        axes = figure.subplots()
        axes.set(xlabel=x, ylabel=y)
        draw(axes)
        figure.savefig(stream, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    drawing = stream.getvalue()
    drawing = re.sub(r"<metadata>.*?</metadata>", "", drawing[drawing.index("<svg") :], flags=re.DOTALL)
    # Sized by the page, with the aspect of the view box.
    drawing = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", drawing, count=1)
    drawing = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", drawing, count=1)
    return Markup(drawing.replace(_INK, "currentColor"))
