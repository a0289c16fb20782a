"""Whether the model tests can fail: without models those of the pipeline are skipped, or fail where required."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    # The guide's tests read with the shipped models where there are no others, and pass.
    ("required", "status", "outcomes"), [("1", 1, {"error", "failed", "passed"}), ("", 0, {"passed", "skipped"})]
)
def test_a_missing_model_is_a_failure_where_models_are_required(
    tmp_path: Path, required: str, status: int, outcomes: set[str]
):
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-n", "0", "-p", "no:cacheprovider"),
            *("tests/test_inference.py", "tests/test_model_quality.py"),
        ],
        cwd=ROOT, env={**os.environ, "LPR_MODELS": str(tmp_path), "LPR_REQUIRE_MODELS": required},
        capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert done.returncode == status, done.stdout
    assert set(re.findall(r"passed|failed|skipped|error", done.stdout.splitlines()[-1])) <= outcomes
    if required:
        assert "no detector.onnx and no ocr.onnx" in done.stdout
