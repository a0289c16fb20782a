"""The figures of a run as Markdown and as a plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from benchmarks.stopwatch import Ratio


@dataclass(frozen=True)
class Row:
    """A ratio of two medians of times in milliseconds, and the most it should be, if anything was asked."""

    name: str
    ours: float
    theirs: float
    ratio: Ratio
    target: float | None

    @property
    def verdict(self) -> str:
        """Whether the target is met."""
        return "" if self.target is None else "met" if self.ratio.median <= self.target else "missed"


@dataclass(frozen=True)
class Cost:
    """What a model costs: milliseconds a batch, FLOPs an image, and the share of the machine's peak that it reaches."""

    name: str
    batch: int
    milliseconds: float
    parameters: int
    flops: float | None
    share: float | None


@dataclass(frozen=True)
class Split:
    """Milliseconds of `lpr read PHOTO`, and of the steps that a process takes for it."""

    total: float
    interpreter: float
    imports: float
    sessions: float
    read: float


def ratios(rows: Sequence[Row]) -> str:
    """Return the table of ratios."""
    lines = ["| measured / against | ms | against, ms | ratio [quartiles] | at most | |", "|---|---|---|---|---|---|"]
    for row in rows:
        spread = f"{row.ratio.median:.3g} [{row.ratio.low:.3g}, {row.ratio.high:.3g}]"
        target = "" if row.target is None else f"{row.target:g}"
        lines.append(f"| {row.name} | {row.ours:.3g} | {row.theirs:.3g} | {spread} | {target} | {row.verdict} |")
    return "\n".join(lines)


def costs(models: Sequence[Cost]) -> str:
    """Return the table of the models' costs."""
    lines = ["| model | batch | ms | parameters | MFLOPs an image | share of peak |", "|---|---|---|---|---|---|"]
    for cost in models:
        flops = "unknown" if cost.flops is None else f"{cost.flops / 1e6:,.0f}"
        share = "unknown" if cost.share is None else f"{cost.share:.0%}"
        size = f"{cost.parameters / 1e6:.2f} M"
        lines.append(f"| {cost.name} | {cost.batch} | {cost.milliseconds:.1f} | {size} | {flops} | {share} |")
    return "\n".join(lines)


def split(times: Split) -> str:
    """Return the table of where the time of `lpr read PHOTO` goes."""
    steps = {
        "starting Python": times.interpreter, "imports": times.imports, "opening both models": times.sessions,
        "the first read": times.read,
    }  # fmt: skip
    rest = times.total - sum(steps.values())
    lines = ["| step of `lpr read PHOTO` | ms |", "|---|---|"]
    lines += [f"| {name} | {value:.0f} |" for name, value in {**steps, "printing, ending": rest}.items()]
    return "\n".join([*lines, f"| all | {times.total:.0f} |"])


def plot(rows: Sequence[Row], path: Path) -> None:
    """Draw each ratio as a share of its target: a bar that ends left of the line has met it."""
    asked = [row for row in rows if row.target is not None]
    figure = Figure(figsize=(9, 0.5 * len(asked) + 1.2), layout="constrained")
    axes = figure.subplots()
    shares = [row.ratio.median / (row.target or 1) for row in asked]
    spread = [
        [(row.ratio.median - row.ratio.low) / (row.target or 1) for row in asked],
        [(row.ratio.high - row.ratio.median) / (row.target or 1) for row in asked],
    ]
    colours = ["tab:green" if row.verdict == "met" else "tab:red" for row in asked]
    names = [row.name.replace("`", "") for row in asked]
    axes.barh(names, shares, xerr=spread, color=colours, ecolor="black", capsize=3)
    axes.axvline(1, color="black", linewidth=1)
    axes.set_xlabel("measured ratio / target")
    axes.tick_params(axis="y", labelsize=7)
    axes.invert_yaxis()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
