"""Models that several test folders use, exported once a session: an export takes seconds."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

# Several test processes share the cores: threads of their own, and of the programs they start, would only fight.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shell's background jobs ignore Ctrl-C, and so would every program that the tests start and interrupt.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def hand_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models whose answers can be computed by hand; see tests/tiny.py."""
    from tests.tiny import write_hand_made

    return write_hand_made(tmp_path_factory.mktemp("hand-made"))


@pytest.fixture(scope="session")
def random_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of our own networks with random weights; its checkpoints lie beside it in `checkpoints/`."""
    from tests.tiny import write_random_bundle

    return write_random_bundle(tmp_path_factory.mktemp("random"))
