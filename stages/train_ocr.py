"""Train the OCR: data/ to checkpoints/ocr.pt."""

from __future__ import annotations

from pathlib import Path

from lpr.base.console import run
from lpr.records.params import Params
from lpr.training.ocr.task import OcrTask
from lpr.training.stage import WORK, data_fingerprint, train


def build(params: Params) -> OcrTask:
    """Return the task."""
    fingerprint = data_fingerprint(Path("data"))
    return OcrTask(Path("data"), params.ocr, params.seed, WORK / "prepared", fingerprint, params.train.workers)


def main() -> int:
    """Run the stage."""
    return train("ocr", build)


if __name__ == "__main__":
    run(main)
