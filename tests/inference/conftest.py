"""Models whose answers are known (tests/tiny.py), opened once."""

from __future__ import annotations

from pathlib import Path

import pytest

from lpr.inference.recognizer import LicensePlateRecognizer


@pytest.fixture(scope="session")
def recognizer(hand_made: Path) -> LicensePlateRecognizer:
    return LicensePlateRecognizer(hand_made, threads=1)
