"""What the two sides of a change hold: a revision, and the working tree."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lpr.base.errors import LprError
from lpr.evaluation.report.tables import PRECISION_RECALL, PRECISION_RECALL_LARGE, RELIABILITY, PlotFile, Points
from lpr.review import git
from lpr.review.dvc_repo import open_repo
from lpr.review.lock import LOCK, locked_stages, output_hashes

METRICS, DETAILS, GATES, READINGS = (
    f"results/evaluate/{name}" for name in ("metrics.json", "details.json", "gates.json", "readings.csv")
)
RECEIPT, DATA_METRICS = "results/publish/receipt.json", "results/fetch_data/metrics.json"
PLOTS = "results/evaluate/plots"
CURVES = {
    "Precision and recall, all plates": PRECISION_RECALL,
    "Precision and recall, large plates": PRECISION_RECALL_LARGE,
    "Confidence and accuracy": RELIABILITY,
}
"""Files under `PLOTS` by the title of their curves."""
WORKSPACE = "workspace"
"""DVC's name for the working tree."""
_COLUMNS = {"image", "plate", "truth", "read", "verdict", "confidence"}

ReadingRows = dict[tuple[str, str], dict[str, str]]
"""Rows of readings.csv by image and plate."""


@dataclass(frozen=True)
class Side:
    """One side; a file that it lacks, or that cannot be read, is None or empty.

    Attributes:
        commit: its full hash; of the working tree, that of HEAD.
        metrics: content of each file that dvc.yaml names under `metrics`, by path; where a details.json lies beside it,
            which holds the same and more, that one's.
        params: content of params.yaml.
        stages: those of dvc.lock by name.
        gates: values by name.
        readings: of the test split's plates.
        curves: points by title, as in `CURVES`.
        receipt: of the last publication.
        missing: files of metrics that dvc.yaml names and that are not there.
    """

    commit: str
    metrics: Mapping[str, Any] = field(default_factory=dict)
    params: Any = None
    stages: Mapping[str, Any] = field(default_factory=dict)
    gates: Mapping[str, Any] = field(default_factory=dict)
    readings: ReadingRows | None = None
    curves: Mapping[str, Points] = field(default_factory=dict)
    receipt: Mapping[str, Any] = field(default_factory=dict)
    missing: tuple[str, ...] = ()

    def hashes(self) -> dict[str, str]:
        """MD5 of each output in dvc.lock, by path."""
        return output_hashes(self.stages)


@dataclass(frozen=True)
class Sides:
    """Both sides, and the pipeline as it is here: each stage with those it reads from, in the order of dvc.yaml."""

    base: Side
    here: Side
    pipeline: dict[str, list[str]]


def read_sides(base: str) -> Sides:
    """Read both sides of a change against a revision, through DVC what it knows of.

    Raises:
        LprError: no such revision, no DVC repository, or a file here cannot be read. Files of the base that cannot be
            read count as missing there.
    """
    commit = git.resolve(base)
    with open_repo() as repo:
        metrics = repo.metrics.show(revs=[commit], hide_workspace=False)
        params = repo.params.show(revs=[commit], hide_workspace=False)
        pipeline = {stage.name: [s.name for s in repo.index.graph.successors(stage)] for stage in repo.index.stages}
    there, here = (
        _side(rev, git.resolve("HEAD") if rev == WORKSPACE else commit, metrics.get(rev, {}), params.get(rev, {}))
        for rev in (commit, WORKSPACE)
    )
    return Sides(there, here, pipeline)


def _side(rev: str, commit: str, metrics: Mapping[str, Any], params: Mapping[str, Any]) -> Side:
    """Read a side; `metrics` and `params` are what DVC shows of it."""
    read, missing = _contents(metrics, rev == WORKSPACE)
    return Side(
        commit=commit,
        metrics={path: _details(rev, path) or content for path, content in read.items()},
        params=next(iter(_contents(params, rev == WORKSPACE)[0].values()), None),
        stages=_stages(_load(rev, LOCK)),
        gates=_gates(_load(rev, GATES)),
        readings=_readings(_load(rev, READINGS)),
        curves={title: _curve(file, _load(rev, f"{PLOTS}/{file.name}")) for title, file in CURVES.items()},
        receipt=_mapping(_load(rev, RECEIPT)),
        missing=tuple(missing),
    )


def _contents(result: Mapping[str, Any], strict: bool) -> tuple[dict[str, Any], list[str]]:
    if strict and "error" in result:
        raise LprError(f"DVC: {result['error']}")
    read, missing = {}, []
    for path, found in (result.get("data") or {}).items():
        error = found.get("error")
        if error is None:
            read[path] = found["data"]
        elif strict and not isinstance(error, FileNotFoundError):
            raise LprError(f"{path}: not readable ({type(error).__name__}); run `dvc repro`")
        else:
            missing.append(path)
    return read, missing


def _details(rev: str, path: str) -> dict[str, Any]:
    """Return what the details.json beside a file of metrics holds, {} where there is none."""
    name = f"{path.rpartition('/')[0]}/details.json"
    text = _load(rev, name)
    details = _mapping(text)
    if text and not details and rev == WORKSPACE:
        raise LprError(f"{name}: holds no JSON object; run `dvc repro`")
    return details


def _load(rev: str, path: str) -> str:
    if rev == WORKSPACE:
        content = Path(path).read_bytes() if Path(path).is_file() else None
    else:
        content = git.committed(rev, path)
    return (content or b"").decode("utf-8", "replace")


def _stages(text: str) -> dict[str, Any]:
    try:
        return locked_stages(text)
    except ValueError:
        return {}


def _mapping(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text or "{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _gates(text: str) -> dict[str, Any]:
    gates = _mapping(text).get("gates") or []
    return {gate["name"]: gate.get("value") for gate in gates if isinstance(gate, dict) and "name" in gate}


def _readings(text: str) -> ReadingRows | None:
    rows = list(csv.DictReader(io.StringIO(text)))
    if not rows or not set(rows[0]) >= _COLUMNS:
        return None
    return {(row["image"], row["plate"]): row for row in rows}


def _curve(file: PlotFile, text: str) -> Points:
    try:
        return [point for point in file.points(text) if all(map(math.isfinite, point))]
    except ValueError:
        return []
