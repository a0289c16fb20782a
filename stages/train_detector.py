"""Train the detector: data/ to checkpoints/detector.pt."""

from __future__ import annotations

from pathlib import Path

from lpr.console import run
from lpr.params import load_params
from lpr.training.detection.task import Detection
from lpr.training.stage import CODE, WORK, data_fingerprint, finish


def main() -> int:
    """Run the stage."""
    params = load_params()
    fingerprint = data_fingerprint(Path("data"))
    task = Detection(Path("data"), params.detector, params.seed, WORK / "prepared", fingerprint, params.train.workers)
    return finish(task, params.train, params.seed, params.detector, [*CODE, "lpr/detector", "lpr/training/detection"])


if __name__ == "__main__":
    run(main)
