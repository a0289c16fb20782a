"""Git clones of the working tree in which the real DVC runs the real stages, with tiny settings."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
RESULTS = ("dvc.lock", "results/")
"""What earlier runs left in git: a clone for a test starts without it."""
SETTINGS: dict[str, Any] = {
    "fetch_data.sources": [
        {"name": "rendered", "kind": "synthetic", "use": "both", "photos": 16, "crops": 32, "style": "legible"}
    ],
    "fetch_data.shares": {"train": 0.5, "val": 0.2, "test": 0.3},
    "train.device": "cpu",
    "train.batch_size": 8,
    "train.workers": 0,
    "detector.width": 4,
    "detector.epochs": 1,
    "detector.cache_side": 224,
    "ocr.width": 4,
    "ocr.epochs": 1,
    "evaluate.examples": 2,
}
"""Changes of params.yaml that let the whole pipeline run in a minute."""


@dataclass(frozen=True)
class Clone:
    """A git repository with the pipeline in it.

    Attributes:
        path: its root.
        home: folder of what must not be shared with the user's own DVC: `python` for the stages, DVC's site cache.
    """

    path: Path
    home: Path

    def environment(self) -> dict[str, str]:
        """The variables of processes that know nothing of the user's settings."""
        return _environment(self.home)

    def dvc(self, *arguments: str, fails: bool = False) -> str:
        """Run DVC and return what it and its stages print; `fails`: it must end with an error, else with none."""
        done = self._run([sys.executable, "-m", "dvc", *arguments])
        assert (done.returncode != 0) == fails, f"dvc {' '.join(arguments)}: {done.returncode}\n{done.stdout}"
        return done.stdout

    def dvc_json(self, *arguments: str) -> Any:
        """Return what DVC prints as JSON, warnings on standard error left out."""
        done = self._run([sys.executable, "-m", "dvc", *arguments, "--json"], subprocess.PIPE)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def start(self, *arguments: str, output: Path) -> subprocess.Popen[bytes]:
        """Start DVC as the first process of a session of its own; what is printed goes to a file."""
        with output.open("wb") as stream:
            return subprocess.Popen(
                [sys.executable, "-m", "dvc", *arguments],
                cwd=self.path,
                env=_environment(self.home),
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def statuses(self, changes: list[dict[str, str]]) -> list[dict[str, Any]]:
        """Return what `dvc status --json` says after each change (file to new text), none of which stays."""
        script = [sys.executable, str(Path(__file__).with_name("status_after.py"))]
        done = self._run(script, subprocess.PIPE, json.dumps(changes))
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def git(self, *arguments: str) -> str:
        """Run git and return its standard output."""
        done = self._run(["git", *arguments], subprocess.PIPE)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def commit(self, message: str) -> None:
        """Commit everything that git does not ignore."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)

    def clone(self, path: Path) -> Clone:
        """Return a git clone of the commit that is checked out: without data, cache and results."""
        self.git("clone", "--quiet", str(self.path), str(path))
        return Clone(path, self.home)

    def copy(self, path: Path) -> Clone:
        """Return a copy of everything, data and DVC cache included."""
        shutil.copytree(self.path, path, symlinks=True)
        return Clone(path, self.home)

    def read(self, name: str) -> Any:
        """Return the content of a JSON or YAML file."""
        return yaml.safe_load((self.path / name).read_text(encoding="utf-8"))

    def params_with(self, changes: dict[str, Any]) -> str:
        """Return the text of params.yaml with other values for some of its keys, each `section.name`."""
        params = self.read("params.yaml")
        for key, value in changes.items():
            section, name = key.split(".")
            assert name in params[section]
            params[section][name] = value
        return yaml.safe_dump(params, sort_keys=False)

    def _run(
        self, command: list[str], errors: int = subprocess.STDOUT, text: str = ""
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.path,
            env=_environment(self.home),
            input=text,
            text=True,
            stdout=subprocess.PIPE,
            stderr=errors,
        )


@dataclass(frozen=True)
class Run:
    """`dvc repro` in a fresh clone: where, and what it printed."""

    clone: Clone
    output: str


def first_clone(folder: Path) -> Clone:
    """Return a repository of the working tree's files, committed with tiny settings; made unless it is there."""
    clone = Clone(folder / "first", folder / "home")
    if clone.path.exists():
        return clone
    (clone.home / "bin").mkdir(parents=True)
    python = clone.home / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        if not name.startswith(RESULTS) and (ROOT / name).is_file():
            (clone.path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, clone.path / name)
    (clone.path / "params.yaml").write_text(clone.params_with(SETTINGS), encoding="utf-8")
    clone.git("init", "--quiet", "--initial-branch", "main")
    clone.commit("Tiny settings")
    return clone


def _environment(home: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "DVC", "KAGGLE", "PYTHON"))}
    person = {f"GIT_{role}_{key}": "test" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}
    return {
        **kept,
        **person,
        "PATH": f"{home / 'bin'}{os.pathsep}{kept['PATH']}",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "DVC_NO_ANALYTICS": "1",
        "DVC_SITE_CACHE_DIR": str(home / "site"),
        "DVC_GLOBAL_CONFIG_DIR": str(home / "global"),
        "DVC_SYSTEM_CONFIG_DIR": str(home / "system"),
        "OMP_NUM_THREADS": "1",
    }
