"""How two clones of one commit are compared after their runs."""

from __future__ import annotations

from dvc_clone import Clone

TIMED = {
    "results/train_detector/speed",
    "results/train_ocr/speed",
    "models/training_metadata.json",
    "results/evaluate/latency.json",
    "results/evaluate/gates.json",
    "results/evaluate/report.html",
}
"""Outputs that hold timings or a date. Two clones of one commit agree in all others."""


def assert_same_lock(first: Clone, twin: Clone) -> None:
    """Compare what dvc.lock says of every stage, but for the hashes of `TIMED`."""
    # What publish refuses, or publishes, it says with gates.json, which holds timings.
    here, there = (
        {name: stage for name, stage in clone.read("dvc.lock")["stages"].items() if name != "publish"}
        for clone in (first, twin)
    )
    assert here.keys() == there.keys()
    for name, stage in here.items():
        other = there[name]
        assert (stage["cmd"], stage.get("params")) == (other["cmd"], other.get("params"))
        for kind in ("deps", "outs"):
            ours, theirs = ({entry["path"]: entry["md5"] for entry in side[kind]} for side in (stage, other))
            assert ours.keys() == theirs.keys()
            assert {path for path in ours if ours[path] != theirs[path]} <= TIMED, name
