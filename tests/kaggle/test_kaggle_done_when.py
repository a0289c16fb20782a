"""The whole way on Kaggle once, as a user goes it, in clones of the last commit: a data set is published, trained on,
and gives a version of the models; a second clone gets models and cache back without training.

`pytest -m long -n 0 -s tests/kaggle/test_kaggle_done_when.py`: minutes of CPU, so it is left out otherwise.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml
from sandbox import ROOT, git
from standin import StandIn

pytestmark = [pytest.mark.long, pytest.mark.timeout(7200)]

PHOTOS = {"name": "rendered", "kind": "synthetic", "use": "both", "photos": 300, "crops": 0, "style": "legible"}
CROPS = {"name": "rendered", "kind": "synthetic", "use": "reading", "photos": 0, "crops": 2500, "style": "legible"}
DATASETS = {"photos": "alice/rendered-photos", "crops": "alice/rendered-crops"}
MODELS, STORAGE = "alice/license-plate-models", "alice/dvc-storage"
SMALL = {
    "fetch_data": {
        "sources": [
            {"name": "photos", "kind": "kaggle", "dataset": f"{DATASETS['photos']}/1", "use": "both"},
            {"name": "crops", "kind": "kaggle", "dataset": DATASETS["crops"], "use": "reading"},
        ]
    },
    "train": {"device": "cpu", "batch_size": 16, "workers": 0},
    "detector": {"width": 12, "epochs": 12},
    "ocr": {"width": 16, "epochs": 16},
    "publish": {"target": "kaggle"},
}
"""A pipeline of minutes. What it reaches is no good model: the gate is lowered to it, and the way is what is shown."""
BUSY = {"gates": {"batch_seconds": 60.0, "detection": 0.0, "recognition": 0.0}}  # neither the machine's other work
TOO_HIGH, REACHED = {"gates": {"end_to_end": 0.999}}, {"gates": {"end_to_end": 0.3}}


@dataclass
class User:
    """Someone at a shell whose environment brings the Kaggle client to the stand-in."""

    home: Path
    environment: dict[str, str]
    said: list[str] = field(default_factory=list)

    def run(self, folder: Path, *command: str, fails: bool = False) -> str:
        """Run a command in a folder, keep what it says, and print its time; `fails`: it must end with an error."""
        began = time.monotonic()
        done = subprocess.run(
            command, cwd=folder, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        print(f"$ {' '.join(command)}  # {folder.name}, {time.monotonic() - began:.0f} s\n{done.stdout}", flush=True)
        assert (done.returncode != 0) == fails, f"{command}: {done.returncode}"
        self.said.append(done.stdout)
        return done.stdout

    def set(self, folder: Path, *parts: dict) -> None:
        """Put values into a clone's params.yaml with a recipe, as `make repro RECIPE=...` does."""
        recipe = self.home / "recipe.yaml"
        for part in parts:
            recipe.write_text(yaml.safe_dump(part))
            self.run(folder, "lpr", "params", str(recipe))

    def clone(self, source: Path, folder: Path) -> Path:
        self.run(self.home, "git", "clone", "--quiet", str(source), str(folder))
        git(folder, "config", "user.name", "Alice")
        git(folder, "config", "user.email", "alice@localhost")
        return folder


@pytest.fixture
def service() -> Iterator[StandIn]:
    with StandIn() as service:
        yield service


@pytest.fixture
def user(service: StandIn, tmp_path: Path) -> User:
    home = tmp_path / "home"
    (home / "bin").mkdir(parents=True)
    (home / "tmp").mkdir()
    for name, module in (("python", ""), ("lpr", "-m lpr "), ("dvc", "-m dvc ")):
        path = home / "bin" / name
        path.write_text(f'#!/bin/sh\nexec "{sys.executable}" {module}"$@"\n')
        path.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KAGGLE", "LPR", "DVC", "GIT"))}
    environment = {
        **kept,
        **service.environment(),
        "KAGGLE_USERNAME": "alice",
        "KAGGLE_KEY": service.state.keys["alice"],
        "HOME": str(home),
        "TMPDIR": str(home / "tmp"),
        "PATH": f"{home / 'bin'}{os.pathsep}{kept['PATH']}",
        "DVC_NO_ANALYTICS": "1",
        "DVC_SITE_CACHE_DIR": str(home / "site"),
        "OMP_NUM_THREADS": "1",
    }
    return User(home, environment)


def test_from_a_clone_to_published_models_and_back(service: StandIn, user: User, tmp_path: Path) -> None:
    first, second = user.clone(ROOT, tmp_path / "first"), tmp_path / "second"
    base = git(first, "rev-parse", "HEAD")
    publish_data(user, first)
    train_and_be_refused(service, user, first)
    publish_models(service, user, first, base)
    store(user, first)
    come_back(service, user, first, second)
    check_secrets(service, user, first, second)


def publish_data(user: User, first: Path) -> None:
    for name, source in (("photos", PHOTOS), ("crops", CROPS)):
        user.set(first, {"fetch_data": {"sources": [source]}})
        user.run(first, "dvc", "repro", "fetch_data")
        (first / "data").rename(first.parent / name)
        git(first, "checkout", "--quiet", ".")
        push = ["lpr", "kaggle", "data", "push", f"../{name}", "--dataset", DATASETS[name], "--licence", "CC0-1.0"]
        pushed = user.run(first, *push)
        assert pushed.splitlines()[-1] == f"in params.yaml: dataset: {DATASETS[name]}/1"


def train_and_be_refused(service: StandIn, user: User, first: Path) -> None:
    user.set(first, SMALL, BUSY, TOO_HIGH)
    refused = user.run(first, "dvc", "repro")
    lines = refused.splitlines()
    assert lines[lines.index("> python -m stages.fetch_data") + 1] == f"{DATASETS['photos']}/1: Kaggle API"
    assert f"warning: {DATASETS['crops']} is not pinned: version 1 is used; write {DATASETS['crops']}/1" in refused
    assert "not published, since these gates are not met:\n  end_to_end: " in refused
    assert MODELS not in service.state.datasets
    receipt = json.loads((first / "results" / "publish" / "receipt.json").read_text())
    assert [gate["name"] for gate in receipt["refused"]] == ["end_to_end"]
    gates = json.loads((first / "results" / "evaluate" / "gates.json").read_text())["gates"]
    assert [gate["name"] for gate in gates if not gate["passed"]] == ["end_to_end"]


def publish_models(service: StandIn, user: User, first: Path, commit: str) -> None:
    user.set(first, REACHED)
    assert "Running stage 'train_" not in user.run(first, "dvc", "repro")
    [version] = service.state.datasets[MODELS].versions
    receipt = json.loads((first / "results" / "publish" / "receipt.json").read_text())
    assert (receipt["dataset"], receipt["version"], receipt["number"]) == (MODELS, "v1.0", 1)
    assert receipt["message"].startswith("v1.0 - end-to-end ")
    assert receipt["git_commit"].removesuffix("-dirty") == commit
    for name, file in receipt["files"].items():
        assert version.files[name] == (first / "models" / name).read_bytes()
        assert file["bytes"] == len(version.files[name])
    sources = json.loads(version.files["training_metadata.json"])["data"]["sources"]
    assert [(source["dataset"], source["version"]) for source in sources] == [(name, 1) for name in DATASETS.values()]
    assert {(source["kind"], source["licence"]) for source in sources} == {("kaggle", "CC0-1.0")}
    assert user.run(first, "dvc", "repro").splitlines()[-1] == "Data and pipelines are up to date."


def store(user: User, first: Path) -> None:
    user.run(first, "dvc", "remote", "add", "--default", "kaggle", "../storage-of-first")
    git(first, "add", "--all")
    git(first, "commit", "--quiet", "--message", "Trained on Kaggle's data")
    user.run(first, "dvc", "push", "--run-cache")
    user.run(first, "lpr", "kaggle", "storage", "push", "--dataset", STORAGE)


def come_back(service: StandIn, user: User, first: Path, second: Path) -> None:
    """Models and cache in a second clone, with nothing trained."""
    user.clone(first, second)
    user.run(second, "lpr", "models", "get", "latest", "--into", "models")
    user.run(second, "lpr", "probe")
    user.run(second, "dvc", "remote", "modify", "--local", "kaggle", "url", "../storage-of-second")
    user.run(second, "lpr", "kaggle", "storage", "pull", "--dataset", STORAGE)
    user.run(second, "dvc", "pull", "--run-cache")
    assert user.run(second, "dvc", "repro").splitlines()[-1] == "Data and pipelines are up to date."
    assert (second / "models" / "ocr.pt").read_bytes() == (first / "models" / "ocr.pt").read_bytes()
    # Without the lock the run-cache alone tells what is there; DVC keeps no run of fetch_data, whose table is in git.
    (second / "dvc.lock").unlink()
    anew = user.run(second, "dvc", "repro", "export").splitlines()
    assert [line for line in anew if line.startswith("Running stage")] == ["Running stage 'fetch_data':"]
    for name in ("train_detector", "train_ocr", "export"):
        assert f"Stage '{name}' is cached - skipping run, checking out outputs" in anew
    assert len(service.state.datasets[MODELS].versions) == 1


def check_secrets(service: StandIn, user: User, *clones: Path) -> None:
    """No key and no signed address in anything said, sent or left behind."""
    secrets = [service.state.keys["alice"].encode(), b"signed-url-secret"]
    texts = [
        "\n".join(user.said).encode(),
        json.dumps([asked.body for asked in service.asked if "path" not in asked.body]).encode(),
    ]
    texts += [b for dataset in service.state.datasets.values() for v in dataset.versions for b in v.files.values()]
    files = [path for folder in (*clones, user.home) for path in folder.rglob("*") if path.is_file()]
    # The tests themselves name them, in the clones too.
    ours = [path for path in files if "tests" not in path.relative_to(user.home.parent).parts]
    assert [path for path in ours if any(secret in path.read_bytes() for secret in secrets)] == []
    assert not any(secret in text for secret in secrets for text in texts)
