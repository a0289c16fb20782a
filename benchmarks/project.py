"""A project in which everything is up to date, and what `dvc` takes to find that out.

No stage runs in it: it has the code and parameters of the working tree, stand-ins for what the stages make, and a
dvc.lock that says that they made it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from benchmarks.goals import ROOT, Goal
from benchmarks.stopwatch import Ratio, take_turns
from lpr.base.errors import LprError

TARGET = 1.3
_RESULTS = ("dvc.lock", "results/")
"""What earlier runs left in git: the project starts without it."""
IMAGES = 1000
"""Files in the stand-in of `data/`."""


class Project:
    """A git repository of the working tree's files in which DVC shares nothing with the user's.

    Args:
        folder: of the repository and of DVC's own files; made anew.
    """

    def __init__(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        self.path, self.home = folder / "project", folder / "home"
        for name in _tracked():
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.path / name)
        for arguments in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "--message", "The code")):
            self._run("git", *arguments)
        for out in _outs(self.path / "dvc.yaml"):
            _stand_in(self.path / out)
        self.dvc("commit", "--force", "--quiet")

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
        }


def _tracked() -> list[str]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        raise LprError(f"{ROOT}: not a git repository, of which the benchmark of `dvc` makes a copy: clone it with git")
    names = filter(None, listed.stdout.split("\0"))
    return [name for name in names if not name.startswith(_RESULTS) and (ROOT / name).is_file()]


def _outs(path: Path) -> list[str]:
    """Return what the stages of a dvc.yaml make."""
    stages = yaml.safe_load(path.read_text(encoding="utf-8"))["stages"].values()
    entries = [entry for stage in stages for key in ("outs", "metrics", "plots") for entry in stage.get(key, [])]
    return [entry if isinstance(entry, str) else next(iter(entry)) for entry in entries]


def _stand_in(path: Path) -> None:
    """Make something where a stage would: a file, or a folder of files for a name without a suffix."""
    count = IMAGES if path.name == "data" else 1
    files = [path] if path.suffix else [path / "images" / f"{number:04}.jpg" for number in range(count)]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{file.name} stands in\n", encoding="utf-8")
    if path.name == "data":
        (path / "manifest.json").write_text("{}\n", encoding="utf-8")


def nothing_to_do(folder: Path, rounds: int) -> Goal:
    """Measure `dvc repro` with nothing to do against `dvc status`, in a project made in `folder`, which is removed.

    Raises:
        LprError: `dvc status` finds something to do, or `dvc repro` does something.
    """
    project = Project(folder)
    for command in ("status", "repro"):
        if "Data and pipelines are up to date" not in (said := project.dvc(command)):
            raise LprError(f"{project.path}: `dvc {command}` finds something to do:\n{said}")
    contestants = {"repro": lambda: project.dvc("repro"), "status": lambda: project.dvc("status")}
    times = take_turns(contestants, rounds, warmup=1)
    shutil.rmtree(folder)
    return Goal("`dvc repro` with nothing to do / `dvc status`", Ratio.of(times["repro"], times["status"]), TARGET)
