"""The stress bench as curves: what is found and what is read right over the strength of each condition."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

_COLUMNS = 4
_SIZE = (3.0, 2.4)
"""Inches of one condition's axes."""


def draw_stress(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Write a PNG with one small plot for each condition of `lpr.assessment.stress.stress`."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    groups = [(name, list(group)) for name, group in groupby(rows, key=lambda row: str(row["condition"]))]
    lines = -(-len(groups) // _COLUMNS)
    figure = Figure(figsize=(_SIZE[0] * _COLUMNS, _SIZE[1] * lines), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(lines, _COLUMNS, squeeze=False, sharey=True).flatten()
    for axis, (name, group) in zip(axes, groups, strict=False):
        places = range(len(group))
        for key, style in (("found", "o--"), ("right", "o-")):
            axis.plot(places, [row[key]["accuracy"] for row in group], style, label=key, markersize=3)
        axis.set_xticks(places, [f"{row['strength']:g}" for row in group])
        axis.set(title=name, xlabel=group[0]["unit"], ylim=(0, 1.02))
        axis.grid(alpha=0.2)
    axes[0].legend(loc="lower left")
    for axis in axes[len(groups) :]:
        axis.axis("off")
    figure.savefig(path, format="png", dpi=110)
