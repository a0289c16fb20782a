"""The figures of inference as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.goals import Goal, spread


@dataclass(frozen=True)
class Row:
    """A ratio of two times, and both medians in milliseconds."""

    goal: Goal
    ours: float
    theirs: float


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
        goal = row.goal
        target = "" if goal.target is None else f"{goal.target:g}"
        cells = [goal.name, f"{row.ours:.3g}", f"{row.theirs:.3g}", spread(goal.ratio), target, goal.verdict]
        lines.append(f"| {' | '.join(cells)} |")
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
