"""A tiny project in which everything is up to date, and what `dvc` takes to find that out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from benchmarks.goals import ROOT, Goal
from benchmarks.stopwatch import Ratio, take_turns
from lpr.errors import LprError

TARGET = 1.3
_RESULTS = ("dvc.lock", "results/")
"""What earlier runs left in git: the project starts without it."""
_SOURCE = {"name": "rendered", "kind": "synthetic", "use": "both", "photos": 16, "crops": 32, "style": "legible"}
_SETTINGS: dict[str, dict[str, Any]] = {
    "fetch_data": {"sources": [_SOURCE], "shares": {"train": 0.5, "val": 0.2, "test": 0.3}},
    "train": {"device": "cpu", "batch_size": 8, "workers": 0},
    "detector": {"width": 4, "epochs": 1, "cache_side": 224},
    "ocr": {"width": 4, "epochs": 1},
    "evaluate": {"examples": 2},
    # So bad a model has to pass, or nothing would be published and `publish` never up to date.
    "gates": {"end_to_end": 0.0, "batch_seconds": 600.0, "model_kilobytes": 1.0, "input_sensitivity": 1.0},
}
"""Changes of params.yaml by section that let the whole pipeline run in a minute."""


class Project:
    """A git repository of the working tree's files with tiny settings, in which DVC shares nothing with the user's.

    Args:
        folder: of the repository and of DVC's own files; made anew.
    """

    def __init__(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        self.path, self.home = folder / "project", folder / "home"
        self._add_python()
        for name in _tracked():
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.path / name)
        params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
        for section, changes in _SETTINGS.items():
            params[section] |= changes
        (self.path / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")
        for arguments in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "--message", "Tiny settings")):
            self._run("git", *arguments)

    def dvc(self, *arguments: str) -> str:
        """Run DVC and return what it prints. Raises LprError with its last lines when it fails."""
        return self._run(sys.executable, "-m", "dvc", *arguments)

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            command, cwd=self.path, env=self._environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        if done.returncode:
            last = "\n".join(done.stdout.splitlines()[-12:])
            raise LprError(f"{' '.join(command)} in {self.path} ended with {done.returncode}:\n{last}")
        return done.stdout

    def _add_python(self) -> None:
        # The stages call `python`, which has to be this one wherever the benchmark was started from.
        python = self.home / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
        python.chmod(0o755)

    def _environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "DVC", "PYTHON"))}
        person = {f"GIT_{role}_{key}": "benchmark" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}
        folders = {f"DVC_{key}": str(self.home / key) for key in ("SITE_CACHE_DIR", "GLOBAL_CONFIG_DIR")}
        return {
            **kept,
            **person,
            **folders,
            "DVC_NO_ANALYTICS": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "PATH": f"{self.home / 'bin'}{os.pathsep}{kept['PATH']}",
        }


def _tracked() -> list[str]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        raise LprError(f"{ROOT}: not a git repository, of which the benchmark of `dvc` makes a copy: clone it with git")
    names = filter(None, listed.stdout.split("\0"))
    return [name for name in names if not name.startswith(_RESULTS) and (ROOT / name).is_file()]


def nothing_to_do(folder: Path, rounds: int) -> Goal:
    """Measure `dvc repro` with nothing to do against `dvc status`, in a project made in `folder`, which is removed.

    Raises:
        LprError: the tiny pipeline fails, or is not up to date after `dvc repro`.
    """
    project = Project(folder)
    project.dvc("repro")
    status = project.dvc("status")
    if "up to date" not in status:
        raise LprError(f"{project.path}: `dvc status` finds something to do right after `dvc repro`:\n{status}")
    contestants = {"repro": lambda: project.dvc("repro"), "status": lambda: project.dvc("status")}
    times = take_turns(contestants, rounds, warmup=1)
    shutil.rmtree(folder)
    return Goal("`dvc repro` with nothing to do / `dvc status`", Ratio.of(times["repro"], times["status"]), TARGET)
