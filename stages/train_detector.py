"""Train the detector: data/ to checkpoints/detector.pt."""

from __future__ import annotations

from pathlib import Path

from lpr.base.console import run
from lpr.records.params import Params
from lpr.training.detector.task import Detection
from lpr.training.stage import WORK, data_fingerprint, train


def build(params: Params) -> Detection:
    """Return the task."""
    fingerprint = data_fingerprint(Path("data"))
    return Detection(Path("data"), params.detector, params.seed, WORK / "prepared", fingerprint, params.train.workers)


def main() -> int:
    """Run the stage."""
    return train("detector", build)


if __name__ == "__main__":
    run(main)
