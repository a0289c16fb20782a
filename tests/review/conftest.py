"""A small repository with the real DVC: three stages that copy files, run once and committed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from lpr.records.gates_file import Gate, save_gates

PIPELINE = {
    "fetch_data": {
        "cmd": "mkdir -p data results/fetch_data && cp raw/*.txt data && cp raw/*.json results/fetch_data",
        "deps": ["raw"],
        "outs": ["data", {"results/fetch_data/details.json": {"cache": False}}],
        "metrics": [{"results/fetch_data/metrics.json": {"cache": False}}],
    },
    "train": {
        "cmd": "cp data/a.txt model.txt",
        "deps": ["code", "data"],
        "params": ["train"],
        "outs": ["model.txt"],
    },
    "evaluate": {
        "cmd": "mkdir -p results/evaluate && cp measured/* results/evaluate",
        "deps": ["measured", "model.txt", "data"],
        "metrics": [{"results/evaluate/metrics.json": {"cache": False}}],
        "outs": [
            {f"results/evaluate/{name}": {"cache": False}} for name in ("details.json", "gates.json", "readings.csv")
        ],
    },
}
METRICS = {
    "end_to_end": {"accuracy": 0.9, "low": 0.7, "high": 0.97, "right": 18, "total": 20},
    "reading": {"plate_accuracy": 0.955, "plates": 200, "two_line": None},
    "calibration": {"ece": 0.03, "plates": 200},
    "images": 40,
}
GATES = [
    Gate("end_to_end", 0.9, 0.85, ">=", True, "18 of 20 plates read exactly right"),
    Gate("batch_seconds", 0.05, 2.0, "<", True, "10 images"),
]
READINGS = """image,plate,truth,read,verdict,confidence
a.jpg,0,AB12,AB12,right,0.99
b.jpg,0,CD34,CD84,wrong,0.7
c.jpg,0,EF56,EF56,right,0.8
"""


@dataclass(frozen=True)
class Project:
    """A repository, to be changed at will; it is the working directory of the test."""

    path: Path

    def write(self, name: str, text: str) -> None:
        (self.path / name).parent.mkdir(parents=True, exist_ok=True)
        (self.path / name).write_text(text, encoding="utf-8")

    def write_json(self, name: str, value: Any) -> None:
        self.write(name, json.dumps(value, indent=2))

    def metrics_with(self, **changes: Any) -> dict[str, Any]:
        """The metrics with other values; names are dotted with two underscores."""
        metrics: dict[str, Any] = json.loads(json.dumps(METRICS))
        for name, value in changes.items():
            *sections, leaf = name.split("__")
            target = metrics
            for section in sections:
                target = target[section]
            target[leaf] = value
        return metrics

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=self.path, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commit(self, message: str = "Change") -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def repro(self, *stages: str, single_item: bool = False) -> None:
        from dvc.repo import Repo

        # DVC looks for dvc.yaml in the working directory, whatever the repository.
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.path)
            with Repo() as repo:
                repo.reproduce(list(stages) or None, single_item=single_item)


@pytest.fixture(scope="session", autouse=True)
def own_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing of the user's git and DVC."""
    home = tmp_path_factory.mktemp("home")
    person = {f"GIT_{role}_{key}": "test" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}
    settings = {
        **person,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "DVC_NO_ANALYTICS": "1",
        "DVC_SITE_CACHE_DIR": str(home / "site"),
        "DVC_GLOBAL_CONFIG_DIR": str(home / "global"),
        "DVC_SYSTEM_CONFIG_DIR": str(home / "system"),
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="session")
def finished(own_settings: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository after its run. Do not change it."""
    from dvc.repo import Repo

    project = Project(tmp_path_factory.mktemp("finished") / "project")
    project.write("dvc.yaml", yaml.safe_dump({"stages": PIPELINE}, sort_keys=False))
    project.write("params.yaml", "train: {lr: 0.002, sources: [{name: cars, limit: 5}]}\n")
    project.write("raw/a.txt", "plates\n")
    total = {"photos": 40, "plates": 20}
    project.write_json("raw/metrics.json", {"total": total})
    project.write_json("raw/details.json", {"total": total, "splits": {"test": {"photos": 8}}})
    project.write("code/loss.py", "LOSS = 1\n")
    project.write("code/inner/model.py", "MODEL = 1\n")
    project.write_json("measured/metrics.json", {"end_to_end": {"accuracy": 0.9}})
    project.write_json("measured/details.json", METRICS)
    save_gates(project.path / "measured/gates.json", GATES)
    project.write("measured/readings.csv", READINGS)
    project.write(".gitignore", "/data\n/model.txt\n")
    project.git("init", "--quiet", "--initial-branch", "main")
    Repo.init(str(project.path)).close()
    project.repro()
    project.commit("Results")
    return project.path


@pytest.fixture
def with_data(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A copy of the finished repository, its data and cache included."""
    shutil.copytree(finished, tmp_path / "copy", symlinks=True)
    monkeypatch.chdir(tmp_path / "copy")
    return Project(tmp_path / "copy")


@pytest.fixture
def without_data(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A git clone: neither data nor models nor cache."""
    subprocess.run(["git", "clone", "--quiet", str(finished), str(tmp_path / "clone")], check=True)
    monkeypatch.chdir(tmp_path / "clone")
    return Project(tmp_path / "clone")


@pytest.fixture(params=["with_data", "without_data"])
def project(request: pytest.FixtureRequest) -> Project:
    """Both of them in turn."""
    return request.getfixturevalue(request.param)
