"""One run of the whole pipeline, which the tests of this folder look at or copy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from dvc_clone import Clone, first_clone


@dataclass(frozen=True)
class Run:
    """`dvc repro` in a fresh clone: where, and what it printed."""

    clone: Clone
    output: str


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """The commit that the others are clones of; nothing runs in it."""
    return first_clone(tmp_path_factory.mktemp("pipeline"))


@pytest.fixture(scope="session")
def run(source: Clone) -> Run:
    """A whole run. Its models are bad, so that publish refuses; nothing is committed afterwards. Do not change it."""
    clone = source.clone(source.path.parent / "run")
    return Run(clone, clone.dvc("repro", fails=True))


@pytest.fixture(scope="session")
def committed(run: Run) -> Clone:
    """The run with its results in git. Do not change it."""
    clone = run.clone.copy(run.clone.path.parent / "committed")
    clone.commit("Results")
    return clone


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
