"""The models that the model tests are about: those under models/, or in the folder $LPR_MODELS."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Read when the tests are collected: other tests of this process change the environment.
FOLDER = Path(os.environ.get("LPR_MODELS") or ROOT / "models")
REQUIRED = os.environ.get("LPR_REQUIRE_MODELS") == "1"


def models_folder() -> Path:
    """The folder; without models in it the test is skipped, or with LPR_REQUIRE_MODELS=1 fails."""
    if missing := [name for name in ("detector.onnx", "ocr.onnx") if not (FOLDER / name).is_file()]:
        reason = f"{FOLDER}: no {' and no '.join(missing)}; `dvc repro`, `dvc pull` or `lpr models get latest`"
        if REQUIRED:
            pytest.fail(f"{reason} (LPR_REQUIRE_MODELS is 1)")
        pytest.skip(reason)
    return FOLDER
