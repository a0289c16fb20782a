"""Train the detector: data/ to checkpoints/detector.pt."""

from __future__ import annotations

from pathlib import Path

from lpr.base.console import run
from lpr.records.params import Params
from lpr.training.detector.task import DetectorTask
from lpr.training.stage import WORK, data_fingerprint, train


def build(params: Params) -> DetectorTask:
    """Return the task."""
    data = Path("data")
    fingerprint = data_fingerprint(data)
    return DetectorTask(data, params.detector, params.seed, WORK / "prepared", fingerprint, params.train.workers)


def main() -> int:
    """Run the stage."""
    return train("detector", build)


if __name__ == "__main__":
    run(main)
