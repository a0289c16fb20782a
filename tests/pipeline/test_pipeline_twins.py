"""Two clones of one commit give the same results, but for what holds timings or a date."""

from __future__ import annotations

from pathlib import Path

import pytest
from dvc_clone import Clone

pytestmark = pytest.mark.timeout(900)  # the whole pipeline runs twice

TIMED = {
    "results/train_detector/speed",
    "results/train_ocr/speed",
    "models/training_metadata.json",
    "results/evaluate/latency.json",
    "results/evaluate/gates.json",
    "results/evaluate/report.html",
}
"""Outputs that hold timings or a date. Two clones of one commit agree in all others."""


def test_two_clones_give_the_same_lock_but_for_timings(source: Clone, tmp_path: Path, request: pytest.FixtureRequest):
    twin = source.clone(tmp_path / "twin")
    twin.dvc("repro", "evaluate")
    # Asked for only now: another process of this test session may have made it meanwhile.
    first = request.getfixturevalue("run").clone
    here, there = (clone.read("dvc.lock")["stages"] for clone in (first, twin))
    assert here.keys() == there.keys()
    for name, stage in here.items():
        other = there[name]
        assert (stage["cmd"], stage["params"]) == (other["cmd"], other["params"])
        for kind in ("deps", "outs"):
            ours, theirs = ({entry["path"]: entry["md5"] for entry in side[kind]} for side in (stage, other))
            assert ours.keys() == theirs.keys()
            assert {path for path in ours if ours[path] != theirs[path]} <= TIMED, name
