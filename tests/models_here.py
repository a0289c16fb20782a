"""The models that the model tests are about: those in $LPR_MODELS, else under models/, else the shipped ones."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lpr.inference.shipped import SHIPPED

ROOT = Path(__file__).parents[1]
# Read when the tests are collected: other tests of this process change the environment.
GIVEN = os.environ.get("LPR_MODELS")
REQUIRED = os.environ.get("LPR_REQUIRE_MODELS") == "1"
FILES = ("detector.onnx", "ocr.onnx")


def models_folder() -> Path:
    """The folder. Without models in $LPR_MODELS the test is skipped; with LPR_REQUIRE_MODELS=1 it fails then, and also
    where there are none under models/."""
    folder = Path(GIVEN) if GIVEN else ROOT / "models"
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing and not GIVEN and not REQUIRED:
        return SHIPPED
    if missing:
        reason = f"{folder}: no {' and no '.join(missing)}; `dvc repro`, `dvc pull` or `lpr models get latest`"
        if REQUIRED:
            pytest.fail(f"{reason} (LPR_REQUIRE_MODELS is 1)")
        pytest.skip(reason)
    return folder
