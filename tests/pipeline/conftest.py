"""One run of the whole pipeline, which the tests of this folder look at or copy."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from dvc_clone import Clone, Run, first_clone


@contextmanager
def locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this test session share: the first that comes runs the pipeline for the others."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "pipeline"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def source(shared: Path) -> Clone:
    """The commit that the others are clones of; nothing runs in it."""
    with locked(shared / "source.lock"):
        return first_clone(shared)


@pytest.fixture(scope="session")
def run(source: Clone, shared: Path) -> Run:
    """A whole run. Its models are bad, so that publish refuses; nothing is committed afterwards. Do not change it."""
    clone, output = Clone(shared / "run", source.home), shared / "run.txt"
    with locked(shared / "run.lock"):
        if not output.exists():
            source.clone(clone.path)
            output.write_text(clone.dvc("repro"), encoding="utf-8")
    return Run(clone, output.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def committed(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """The run with its results in git. Do not change it."""
    clone = run.clone.copy(tmp_path_factory.mktemp("committed") / "project")
    clone.commit("Results")
    return clone


@pytest.fixture(scope="session")
def meeting() -> Callable[[Clone], Clone]:
    """Return the function that lets a run's models meet their gates, as far as its gates.json says.

    No model that trains in seconds meets them.
    """

    def meet(clone: Clone) -> Clone:
        gates = clone.path / "results/evaluate/gates.json"
        text = gates.read_text(encoding="utf-8")
        gates.write_text(text.replace('"passed": false', '"passed": true'), encoding="utf-8")
        clone.dvc("commit", "--force", "evaluate")
        clone.commit("Met")
        return clone

    return meet


@pytest.fixture
def project(committed: Clone, tmp_path: Path) -> Clone:
    """A copy of the committed run, to be changed at will."""
    return committed.copy(tmp_path / "project")


@pytest.fixture(scope="session")
def stages(source: Clone) -> dict[str, dict]:
    """The stages of dvc.yaml by name, each with lists of plain paths under `deps` and `outs` (metrics, plots too)."""

    def paths(stage: dict, *keys: str) -> list[str]:
        entries = [entry for key in keys for entry in stage.get(key, [])]
        return [entry if isinstance(entry, str) else next(iter(entry)) for entry in entries]

    return {
        name: {**stage, "deps": paths(stage, "deps"), "outs": paths(stage, "outs", "metrics", "plots")}
        for name, stage in source.read("dvc.yaml")["stages"].items()
    }


@pytest.fixture(scope="session")
def following(stages: dict[str, dict]) -> Callable[[str], set[str]]:
    """Return the function that names the stages which use what a stage makes, directly or not."""

    def find(name: str) -> set[str]:
        made = stages[name]["outs"]
        users = {
            other
            for other, stage in stages.items()
            if any(dep == out or dep.startswith(f"{out}/") for dep in stage["deps"] for out in made)
        }
        return users.union(*(find(user) for user in users))

    return find
