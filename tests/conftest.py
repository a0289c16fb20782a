"""What several test folders use: models, exported once a session since an export takes seconds, and a browser."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

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


@pytest.fixture
def lpr(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run the command in this process: its exit status, standard output and standard error."""
    from lpr.cli import main

    def run(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A real headless Chromium, in which whatever a test expects may take two minutes."""
    from tests.browser import chromium

    with chromium(120_000) as started:
        yield started


@pytest.fixture
def page(browser: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A page whose errors fail the test, and which asks no other host."""
    options = getattr(request, "param", {"viewport": {"width": 1000, "height": 900}})
    context = browser.new_context(**options)
    opened = context.new_page()
    wrong: list[str] = []
    hosts: set[str] = set()
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    # Of the whole context: a page's workers ask as well.
    context.on("request", lambda asked: hosts.add(re.sub(r"^(\w+:(?://[^/:]+)?).*", r"\1", asked.url)))
    yield opened
    context.close()
    assert wrong == []
    assert hosts <= {"http://127.0.0.1", "blob:", "data:"} and "http://127.0.0.1" in hosts
