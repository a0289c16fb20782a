"""The kinds of input that are fuzzed, one module each."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

KINDS = ("image", "annotations", "params", "documents", "archive", "model", "checkpoint")
_WEIGHTS = {"image": 4, "annotations": 4, "params": 3, "documents": 4, "archive": 3, "model": 4, "checkpoint": 3}


def load(kind: str, seeds: Path) -> Any:
    """Return the target of a kind, which keeps its seeds in a folder."""
    seeds.mkdir(exist_ok=True)
    return import_module(f"{__name__}.{kind}").Target(seeds)


def shares(kinds: Sequence[str], cases: int) -> dict[str, int]:
    """Divide a number of cases among kinds."""
    total = sum(_WEIGHTS[kind] for kind in kinds)
    return {kind: max(cases * _WEIGHTS[kind] // total, 1) for kind in kinds}
