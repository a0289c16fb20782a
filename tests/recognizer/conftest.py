"""Models whose answers are known, opened once."""

from __future__ import annotations

from pathlib import Path

import pytest

from lpr.recognizer import LicensePlateRecognizer
from tests.tiny import write_hand_made


@pytest.fixture(scope="session")
def hand_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_hand_made(tmp_path_factory.mktemp("hand-made"))


@pytest.fixture(scope="session")
def recognizer(hand_made: Path) -> LicensePlateRecognizer:
    return LicensePlateRecognizer(hand_made, threads=1)
