"""A fork of this project that is set up: data and models on (a stand-in for) Kaggle, everything committed.

Only the trainings are replaced: hand-made models stand in their place. Data, evaluation and publication are run by DVC.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from standin import StandIn
from venv_standin import finished_venv, write_program

from lpr.base.files import fingerprint, sha256
from tests.records_here import training_metadata

ROOT = Path(__file__).parents[2]
DATASET, MODELS = "alice/stripes", "alice/license-plate-models"
SOURCE = {"name": "stripes", "kind": "kaggle", "dataset": f"{DATASET}/1", "use": "both", "licence": "CC0-1.0"}
PARAMS: dict[str, Any] = {
    "fetch_data": {"sources": [SOURCE]},
    "gates": {"model_kilobytes": 50},
    "evaluate": {"examples": 2},
}
TOKEN = "alice-access-token-0815"
PROJECT = "license-plate-recognition"
QUICK = {
    "LPR_KAGGLE_TRIES": "2",
    "LPR_KAGGLE_FIRST_WAIT": "0.01",
    "LPR_KAGGLE_READY": "5",
    "LPR_KAGGLE_SETTLE": "0.2",
    "LPR_KAGGLE_POLL": "0.3",
}


@dataclass(frozen=True)
class Fork:
    """Where it is.

    Attributes:
        folder: of everything.
    """

    folder: Path

    @property
    def cache(self) -> Path:
        """DVC's cache, of all that was made on the way."""
        return self.folder / "cache"

    @property
    def bare(self) -> Path:
        """The repository before anything ran: no dvc.lock, no results."""
        return self.folder / "bare.git"

    @property
    def run(self) -> Path:
        """The repository after its first run, whose models are published in a folder alone."""
        return self.folder / "run.git"

    @property
    def mistaken(self) -> Path:
        """Models that read every letter as the next one."""
        return self.folder / "mistaken"

    @property
    def commit(self) -> str:
        """The commit that made the models."""
        return str(json.loads((self.mistaken / "training_metadata.json").read_text(encoding="utf-8"))["git_commit"])

    def fill(self, service: StandIn) -> None:
        """Bring to Kaggle what is there: the photos, and models v1.0."""
        for dataset in (DATASET, MODELS):
            folder = self.folder / "datasets" / dataset
            files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
            service.state.put(dataset, {name: path.read_bytes() for name, path in files.items()})

    def environment(self, service: StandIn, home: Path) -> dict[str, str]:
        """The variables of a process that knows neither the user's settings nor the user's Kaggle."""
        programs = f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}"
        person = {f"GIT_{role}_{key}": "test" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}
        return {
            **person,
            **service.environment(),
            **QUICK,
            "PATH": programs,
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "KAGGLE_CONFIG_DIR": str(home / "kaggle"),
            "LPR_CACHE": str(home / "cache"),
            "KAGGLE_INPUT_ROOT": str(home / "input"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "DVC_NO_ANALYTICS": "1",
            "DVC_SITE_CACHE_DIR": str(home / "site"),
            "DVC_GLOBAL_CONFIG_DIR": str(home / "global"),
            "DVC_SYSTEM_CONFIG_DIR": str(home / "system"),
            "OMP_NUM_THREADS": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }


def make_fork(folder: Path) -> Fork:
    """Set a fork up by the commands of docs/ci.md, unless it is there."""
    fork = Fork(folder)
    if (folder / "done").exists():
        return fork
    shutil.rmtree(folder, ignore_errors=True)
    upstream, origin, home = folder / "upstream", folder / "origin.git", folder / "home"
    _copy_sources(upstream)
    with StandIn() as service:
        # torch takes seconds to import, and tests that need no fork need none of it.
        from stripes import photos

        service.state.put(DATASET, photos())
        service.state.polls_until_ready = 0
        write_global_cache(home / "global", fork.cache)
        write_gh(home)
        environment = fork.environment(service, home) | {
            "KAGGLE_API_TOKEN": TOKEN,
            "GH_TOKEN": "token owner",
            "GH_STATE": str(folder / "gh.json"),
            "GH_ORIGIN": str(origin),
        }

        def run(command: str, where: Path, **more: str) -> str:
            done = subprocess.run(
                ["bash", "-ec", command], cwd=where, env=environment | more,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            )  # fmt: skip
            assert done.returncode == 0, f"{command}\n{done.stdout}"
            return done.stdout

        run("git init --quiet --initial-branch main && git add --all && git commit --quiet -m Upstream", upstream)
        run(f"git clone --quiet --bare upstream {origin}", folder)
        run("git clone --quiet --bare upstream bare.git", folder)
        run(f"git -C {origin} config uploadpack.allowAnySHA1InWant true", folder)
        # The trainings, whose results DVC then takes out of its cache in the fork.
        finished_venv(upstream)
        path = {"PATH": f"{upstream / '.venv' / 'bin'}{os.pathsep}{environment['PATH']}"}
        run("dvc repro fetch_data", upstream, **path)
        train(upstream, upstream / "models")
        run("dvc commit --force train_detector train_ocr export", upstream, **path)
        # What a mistaken training made; published by hand, past the gates.
        train(upstream, fork.mistaken, mistaken=True)
        # By the default parameters, which publish into a folder.
        run("dvc repro && git add dvc.lock results && git commit --quiet -m 'First run'", upstream, **path)
        run("git clone --quiet --bare upstream run.git", folder)
        where = folder
        for step in documented_steps():
            run(step, where)
            if step.startswith("gh repo fork"):
                where = folder / PROJECT
                finished_venv(where)
        for name, dataset in service.state.datasets.items():
            for file, content in dataset.versions[-1].files.items():
                path_of_file = folder / "datasets" / name / file
                path_of_file.parent.mkdir(parents=True, exist_ok=True)
                path_of_file.write_bytes(content)
    (folder / "done").touch()
    return fork


def documented_steps() -> list[str]:
    """The commands by which docs/ci.md sets a fork up, one string for each of its steps."""
    text = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    section = text.split("## Setting it up for a fork\n")[1]
    block = section.split("```bash\n")[1].split("```")[0]
    steps = re.split(r"^# \d\. .*\n", block, flags=re.MULTILINE)[1:]
    assert len(steps) == 5
    return steps


def write_gh(home: Path) -> None:
    """Write the programs that come with GitHub's runner: `gh`, and a Python that has nothing installed."""
    stand_in = Path(__file__).with_name("gh_standin.py")
    write_program(home / "bin" / "gh", f'exec "{sys.executable}" "{stand_in}" "$@"')
    write_program(home / "bin" / "python3", f'exec "{sys.executable}" -S "$@"')


def write_global_cache(folder: Path, cache: Path) -> None:
    """Write DVC settings by which all repositories of a user share a cache."""
    folder.mkdir(parents=True)
    (folder / "config").write_text(f"[cache]\n    dir = {cache}\n", encoding="utf-8")


def _copy_sources(work: Path) -> None:
    """Copy what git knows or would add; results of other data would only be in the way."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    skipped = ("dvc.lock", "results/fetch_data", "results/evaluate", "results/publish", "docs/")
    for name in filter(None, listed.stdout.split("\0")):
        if not name.startswith(skipped) and (ROOT / name).is_file():
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, work / name)
    params = yaml.safe_load((work / "params.yaml").read_text(encoding="utf-8"))
    for section, values in PARAMS.items():
        params[section].update(values)
    (work / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")


def train(work: Path, models: Path, mistaken: bool = False) -> None:
    """Write what both trainings and the export would have written."""
    from stripes import write_models

    from lpr.base.pipeline import models_code
    from lpr.exporting.training_record import git_state

    write_models(models, mistaken)
    (work / "checkpoints").mkdir(exist_ok=True)
    for kind in ("detector", "ocr"):
        shutil.copyfile(models / f"{kind}.pt", work / "checkpoints" / f"{kind}.pt")
    files = {path.name: path for path in sorted(models.glob("*.*")) if path.suffix in (".pt", ".onnx")}
    head, dirty = git_state(models_code(), work)
    with contextlib.chdir(work):  # the fingerprint holds the files' names
        code = fingerprint(models_code())
    manifest = json.loads((work / "data" / "manifest.json").read_text(encoding="utf-8"))
    record = training_metadata(
        git_commit=head,
        git_dirty=dirty,
        code=code,
        data={"fingerprint": manifest["fingerprint"], "sources": manifest["sources"]},
        files={name: {"bytes": path.stat().st_size, "sha256": sha256(path)} for name, path in files.items()},
    )
    (models / "training_metadata.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    (models / "README.md").write_text("# Models that read stripes\n", encoding="utf-8")


def published_files(models: Path, version: str, commit: str) -> dict[str, bytes]:
    """The files of a version of the models' dataset, as a publication would have left them."""
    files = {path.name: path for path in models.iterdir()}
    record = {
        "version": version,
        "message": f"{version} - end-to-end unknown",
        "git_commit": commit,
        "files": {name: {"bytes": path.stat().st_size, "sha256": sha256(path)} for name, path in files.items()},
    }
    return {name: path.read_bytes() for name, path in files.items()} | {"version.json": json.dumps(record).encode()}
