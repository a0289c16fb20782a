"""The figures of `make gpu` as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["met", "missed", "not tried"]


@dataclass(frozen=True)
class Speed:
    """How fast a model trains in a number format.

    Attributes:
        model: its name.
        precision: the format.
        bare: images a second of bare steps on tensors that are on the device: what it can take.
        loop: images a second of the real loop.
        preparing: images a second that the preparing processes give when nobody trains.
        waiting: share of the loop's time in which it waits for a batch.
        busy: share of the loop's time in which the GPU computes; None without one.
        megabytes: most memory of the GPU that a bare step holds; None without one.
    """

    model: str
    precision: str
    bare: float
    loop: float
    preparing: float
    waiting: float
    busy: float | None
    megabytes: float | None


@dataclass(frozen=True)
class Check:
    """Whether something works on this device.

    Attributes:
        name: what is asked.
        verdict: the answer.
        found: what was seen, in a line.
    """

    name: str
    verdict: Verdict
    found: str


def speeds(rows: Sequence[Speed]) -> str:
    """Return the table of speeds."""
    lines = [
        "| model | format | bare, images/s | loop, images/s | loop / bare | preparing alone, images/s "
        "| waiting for a batch | GPU busy | GPU memory, MB |",
        "|" + "---|" * 9,
    ]
    for row in rows:
        cells = [
            row.model, row.precision, f"{row.bare:.0f}", f"{row.loop:.0f}", f"{row.loop / row.bare:.2f}",
            f"{row.preparing:.0f}", f"{row.waiting:.0%}", "no GPU" if row.busy is None else f"{row.busy:.0%}",
            "no GPU" if row.megabytes is None else f"{row.megabytes:.0f}",
        ]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def checks(rows: Sequence[Check]) -> str:
    """Return the table of checks."""
    lines = ["| check | | found |", "|---|---|---|"]
    # A bar within an error's message would end the cell.
    lines += [f"| {row.name} | {row.verdict} | {row.found.replace('|', '/')} |" for row in rows]
    return "\n".join(lines)
