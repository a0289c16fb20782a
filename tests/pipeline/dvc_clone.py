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
SETTINGS: dict[str, dict[str, Any]] = {
    "train": {"device": "cpu", "batch_size": 8, "workers": 0},
    "detector": {"width": 4, "epochs": 1, "cache_side": 224},
    "ocr": {"width": 4, "epochs": 1},
    "evaluate": {"examples": 2},
}
DATA = {
    "sources": [
        {"name": "rendered", "kind": "synthetic", "use": "both", "photos": 16, "crops": 32, "style": "legible"}
    ],
    "shares": {"train": 0.5, "val": 0.2, "test": 0.3},
}


@dataclass(frozen=True)
class Clone:
    """A git repository with the pipeline in it.

    Attributes:
        path: its root.
        home: folder of what must not be shared with the user's own DVC: `python` for the stages, DVC's site cache.
    """

    path: Path
    home: Path

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

    def edit(self, key: str, value: Any) -> None:
        """Set one key, `section.name`, of params.yaml."""
        params = self.read("params.yaml")
        section, name = key.split(".")
        assert name in params[section]
        params[section][name] = value
        (self.path / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")

    def _run(self, command: list[str], errors: int = subprocess.STDOUT) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=self.path, env=_environment(self.home), text=True, stdout=subprocess.PIPE, stderr=errors
        )


def first_clone(folder: Path) -> Clone:
    """Return a repository of the working tree's files, committed with tiny settings; nothing has run in it."""
    clone = Clone(folder / "first", folder / "home")
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
    params = clone.read("params.yaml")
    for section, values in (*SETTINGS.items(), ("fetch_data", DATA)):
        params[section].update(values)
    (clone.path / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")
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
