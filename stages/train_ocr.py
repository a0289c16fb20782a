"""Train the OCR: data/ to checkpoints/ocr.pt."""

from __future__ import annotations

from pathlib import Path

from lpr.console import run
from lpr.params import load_params
from lpr.training.reading.task import Reading
from lpr.training.stage import CODE, WORK, data_fingerprint, finish


def main() -> int:
    """Run the stage."""
    params = load_params()
    fingerprint = data_fingerprint(Path("data"))
    task = Reading(Path("data"), params.ocr, params.seed, WORK / "prepared", fingerprint, params.train.workers)
    return finish(task, params.train, params.seed, params.ocr, [*CODE, "lpr/ocr", "lpr/training/reading"])


if __name__ == "__main__":
    run(main)
