"""The table of gates that `lpr gates`, `evaluate` and GitHub's messages show."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from lpr.records.gates_file import Gate, failed, load_gates, verdict


def format_gates(gates: Sequence[Gate]) -> str:
    """Return an aligned table of the gates, one a line: verdict, name, value, threshold, detail."""
    rows = [
        (
            verdict(gate),
            gate.name,
            show(gate.value),
            f"{gate.direction} {show(gate.threshold)}",
            gate.detail,
        )
        for gate in gates
    ]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(4)]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row[:4], widths, strict=True)) + f"  {row[4]}"
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def report(path: Path | str) -> tuple[str, bool]:
    """Return gates.json as a table with a verdict in its last line, and whether every gate is met. Raises LprError."""
    gates = load_gates(path)
    missed = failed(gates)
    line = f"failed: {', '.join(gate.name for gate in missed)}" if missed else summary(gates)
    return f"{format_gates(gates)}\n{line}", not missed


def summary(gates: Sequence[Gate]) -> str:
    """Return one line for gates none of which is missed: how many are met, and which ones do not apply."""
    absent = [gate.name for gate in gates if not gate.applies]
    return f"all {len(gates) - len(absent)} gates are met" + (
        f"; not applicable: {', '.join(absent)}" if absent else ""
    )


def as_json(path: Path | str) -> str:
    """Return gates.json as one line of JSON with `passed` and `gates`. Raises LprError."""
    gates = load_gates(path)
    return json.dumps({"passed": not failed(gates), "gates": [asdict(gate) for gate in gates]}, ensure_ascii=False)


def show(value: float | None) -> str:
    """Return a value as people read it: `-` for None, four significant places at most."""
    if value is None:
        return "-"
    return f"{value:.4g}" if abs(value) < 10000 else f"{value:.0f}"
