from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from standin import StandIn

QUICK = {
    "LPR_KAGGLE_TRIES": "4",
    "LPR_KAGGLE_FIRST_WAIT": "0.01",
    "LPR_KAGGLE_LONGEST_WAIT": "3",
    "LPR_KAGGLE_TIMEOUT": "10",
    "LPR_KAGGLE_READY": "2",
    "LPR_KAGGLE_SETTLE": "0.2",
    "LPR_KAGGLE_POLL": "0.01",
}


@pytest.fixture(scope="session", autouse=True)
def _client_under_test_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The client fixes its configuration folder and its address when it is imported: keep both from the user's."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("KAGGLE_", "LPR_"))]:
            patch.delenv(name)
        home = tmp_path_factory.mktemp("home")
        patch.setenv("HOME", str(home))
        patch.setenv("KAGGLE_CONFIG_DIR", str(home / "config"))
        patch.setenv("KAGGLE_API_ENVIRONMENT", "LOCALHOST")
        yield


@pytest.fixture
def kaggle(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[StandIn]:
    """A stand-in that this process, and processes started by it, talk to; alice is signed in."""
    with StandIn() as service:
        for name, value in {**service.environment(), **QUICK}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("KAGGLE_USERNAME", "alice")
        monkeypatch.setenv("KAGGLE_KEY", service.state.keys["alice"])
        monkeypatch.setenv("LPR_CACHE", str(tmp_path / "cache"))
        monkeypatch.setenv("KAGGLE_INPUT_ROOT", str(tmp_path / "input"))
        temporary = tmp_path / "tmp"
        temporary.mkdir()
        monkeypatch.setenv("TMPDIR", str(temporary))
        yield service
