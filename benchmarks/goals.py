"""Ratios and what they should be: their verdicts, the files that each part of `make bench` leaves, and one plot of all.

Each part writes NAME.md to be read and NAME.json with its ratios, from which the plot is drawn anew: a part that is
measured alone keeps the others' bars.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from matplotlib.figure import Figure

from benchmarks.stopwatch import Ratio
from lpr.base.files import atomic_path, write_json, write_text

ROOT = Path(__file__).parents[1]
WORK = ROOT / ".work" / "benchmarks"
RESULTS = ROOT / "benchmarks" / "results"
PARTS = ("inference", "training", "scale")
PLOT = "ratios.png"
WIDEST = 2.5
"""Of the plot, in shares of a target: what misses it by more is cut off, so that the others can be told apart."""


@dataclass(frozen=True)
class Goal:
    """A measured ratio and what was asked of it.

    Attributes:
        name: what was measured / against what.
        ratio: of the two; its quartiles are the median where it was measured once.
        target: the most that the ratio should be; None where nothing was asked.
        at_least: whether `target` is the least instead.
    """

    name: str
    ratio: Ratio
    target: float | None
    at_least: bool = False

    @property
    def verdict(self) -> str:
        """Whether the target is met; nothing where there is none."""
        if self.target is None:
            return ""
        met = self.ratio.median >= self.target if self.at_least else self.ratio.median <= self.target
        return "met" if met else "missed"

    @property
    def share(self) -> Ratio:
        """How far it is on its way to the target's wrong side: 1 is the target, less is better in either direction."""
        if self.target is None:
            raise ValueError(f"{self.name}: no target")
        if self.at_least:
            return Ratio(*(self.target / value for value in (self.ratio.median, self.ratio.high, self.ratio.low)))
        return Ratio(*(value / self.target for value in (self.ratio.median, self.ratio.low, self.ratio.high)))

    @property
    def asked(self) -> str:
        """The target with its direction."""
        if self.target is None:
            return ""
        return f"at {'least' if self.at_least else 'most'} {self.target:g}"


def spread(ratio: Ratio) -> str:
    """Return a ratio with its quartiles, or alone where it was measured once."""
    if ratio.low == ratio.median == ratio.high:
        return f"{ratio.median:.3g}"
    return f"{ratio.median:.3g} [{ratio.low:.3g}, {ratio.high:.3g}]"


def publish(part: str, text: str, goals: Sequence[Goal], folder: Path) -> None:
    """Print a part's text, and write it, its ratios and the plot of all parts into a folder."""
    print(text)
    write_text(folder / f"{part}.md", text + "\n")
    write_json(folder / f"{part}.json", [asdict(goal) for goal in goals])
    plot(read_all(folder), folder / PLOT)


def read_all(folder: Path) -> list[Goal]:
    """Return the ratios of all parts that were measured, in the parts' order."""
    files = [folder / f"{part}.json" for part in PARTS]
    entries = [entry for file in files if file.is_file() for entry in json.loads(file.read_text(encoding="utf-8"))]
    return [Goal(**{**entry, "ratio": Ratio(**entry["ratio"])}) for entry in entries]


def plot(goals: Sequence[Goal], path: Path) -> None:
    """Draw each ratio as a share of its target: a bar that ends left of the line has met it."""
    asked = [goal for goal in goals if goal.target is not None]
    figure = Figure(figsize=(10, 0.42 * len(asked) + 1.2), layout="constrained")
    axes = figure.subplots()
    shares = [goal.share for goal in asked]
    medians = [share.median for share in shares]
    errors = [[s.median - s.low for s in shares], [s.high - s.median for s in shares]]
    colours = ["tab:green" if goal.verdict == "met" else "tab:red" for goal in asked]
    names = [textwrap.fill(f"{goal.name.replace('`', '')}, {goal.asked}", 64) for goal in asked]
    axes.barh(names, medians, xerr=errors, color=colours, ecolor="black", capsize=3)
    axes.axvline(1, color="black", linewidth=1)
    axes.set_xlim(0, WIDEST)
    axes.set_xlabel("ratio / target, or target / ratio where it is the least: left of the line is met", fontsize=8)
    axes.tick_params(axis="y", labelsize=7)
    axes.invert_yaxis()
    with atomic_path(path) as temporary:
        figure.savefig(temporary, dpi=120)
