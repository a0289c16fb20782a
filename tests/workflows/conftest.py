from __future__ import annotations

import fcntl
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "kaggle"))

from fork import Fork, make_fork, write_gh
from runner import Machine
from standin import StandIn
from venv_standin import write_program

SECRETS = {"KAGGLE_USERNAME": "alice"}


@pytest.fixture(scope="session")
def fork(tmp_path_factory: pytest.TempPathFactory) -> Fork:
    """A fork that is set up; made once for all processes of this test session."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    with (shared / "fork.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return make_fork(shared / "fork")


@pytest.fixture
def kaggle(fork: Fork) -> Iterator[StandIn]:
    """Kaggle with the fork's data and models."""
    with StandIn() as service:
        fork.fill(service)
        yield service


@pytest.fixture
def github(fork: Fork, kaggle: StandIn, tmp_path: Path) -> Machine:
    """GitHub with a copy of the fork; the secrets are alice's."""
    secrets = {**SECRETS, "KAGGLE_KEY": kaggle.state.keys["alice"]}
    return make_machine(fork.folder / "origin.git", fork, kaggle, tmp_path, secrets)


def fresh_machine(repository: Path, fork: Fork, tmp_path: Path) -> Machine:
    """GitHub with a copy of a repository that knows of no Kaggle: no secrets, and nothing answers at its address."""
    with StandIn() as gone:
        pass
    return make_machine(repository, fork, gone, tmp_path, {})


def make_machine(repository: Path, fork: Fork, kaggle: StandIn, tmp_path: Path, secrets: dict[str, str]) -> Machine:
    """GitHub with a copy of a bare repository."""
    shutil.copytree(repository, tmp_path / "origin.git")
    home = tmp_path / "home"
    write_gh(home)
    # GitHub lets a push through whose token may write.
    write_program(
        tmp_path / "origin.git" / "hooks" / "pre-receive",
        'case "$GH_TOKEN" in *contents:write*) ;; *) echo "Permission to the repository denied"; exit 1 ;; esac',
    )
    return Machine(
        tmp_path / "origin.git",
        tmp_path / "runs",
        fork.environment(kaggle, home),
        secrets,
    )
