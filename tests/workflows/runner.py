"""Runs a workflow as GitHub's runner does: every `run:` step of every job, in order, each job in a fresh clone.

Real: the steps' commands under their shell, the environment files, expressions, conditions, matrices, `needs`.
Stand-ins: the actions that `uses:` names (see `Machine`), `gh`, and the installation, since this Python has everything
installed: `make install` finds a finished .venv, whose `mypy` and `pytest` are narrowed to what a test can wait for.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from expressions import evaluate, interpolate
from venv_standin import finished_venv

SHELLS = {None: ["bash", "-e"], "bash": ["bash", "--noprofile", "--norc", "-eo", "pipefail"]}
REPOSITORY = "someone/license-plate-recognition"


@dataclass
class Step:
    """What became of a step."""

    name: str
    outcome: str
    output: str = ""
    outputs: dict[str, str] = field(default_factory=dict)


@dataclass
class Job:
    """What became of a job; `environments` holds that of each `run:` step, by the step's name."""

    name: str
    result: str = "success"
    steps: list[Step] = field(default_factory=list)
    summary: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    environments: dict[str, dict[str, str]] = field(default_factory=dict)
    workspace: Path | None = None

    @property
    def failed(self) -> Step | None:
        """The first step that failed."""
        return next((step for step in self.steps if step.outcome == "failure"), None)

    def step(self, name: str) -> Step:
        """The step of that name."""
        return next(step for step in self.steps if step.name == name)


@dataclass
class Machine:
    """What GitHub offers around the workflows.

    Attributes:
        origin: the repository on GitHub, bare.
        folder: for workspaces, artifacts and the state of `gh`.
        environment: of every step: the stand-in for Kaggle, and what keeps the user's own settings away.
        secrets: of the repository.
        narrow: test files that `pytest` without a file runs, in place of the whole suite.
    """

    origin: Path
    folder: Path
    environment: Mapping[str, str]
    secrets: Mapping[str, str] = field(default_factory=dict)
    narrow: str = "tests/plate/test_plate_text_and_boxes.py"
    run_id: int = 1000
    _count: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def artifacts(self) -> Path:
        """Folder of the artifacts of each run, `RUN/NAME`."""
        return self.folder / "artifacts"

    def run(
        self,
        workflow: str,
        event: str,
        payload: Mapping[str, Any] | None = None,
        inputs: Mapping[str, str] | None = None,
        only: tuple[str, ...] = (),
        ref: str = "main",
    ) -> dict[str, Job]:
        """Run a workflow of the repository, or `only` some of its jobs, and return its jobs by name.

        Args:
            workflow: file name below .github/workflows.
            event: its name.
            payload: what GitHub says of the event.
            inputs: of a start by hand.
            only: jobs to run; those that they need count as done.
            ref: branch or commit whose workflow runs and is checked out.
        """
        self.run_id += 1
        text = self.git("show", f"{ref}:.github/workflows/{workflow}")
        definition = yaml.load(text, yaml.BaseLoader)
        commit = self.git("rev-parse", ref)
        if event == "workflow_dispatch":
            inputs = _checked(definition["on"][event]["inputs"], inputs or {})
        token_free = {
            "event_name": event, "event": dict(payload or {}), "ref": f"refs/heads/{ref}", "ref_name": ref,
            "sha": commit, "repository": REPOSITORY, "server_url": "https://github.example", "run_id": str(self.run_id),
            "workflow": definition["name"], "actor": "someone",
        }  # fmt: skip
        jobs: dict[str, Job] = {}
        for name, job in definition["jobs"].items():
            needs = job.get("needs", [])
            needs = [needs] if isinstance(needs, str) else needs
            if only and name not in only:
                jobs[name] = Job(name)
                continue
            done = {need: {"result": jobs[need].result, "outputs": _outputs(jobs[need])} for need in needs}
            for values in _matrix(job):
                contexts = {
                    "github": {**token_free, "token": _token(definition, job)},
                    "inputs": dict(inputs or {}), "secrets": dict(self.secrets), "matrix": values, "needs": done,
                    "steps": {}, "runner": {"os": "Linux"}, "env": {},
                }  # fmt: skip
                key = " ".join([name, *values.values()])
                jobs[key] = _JobRun(self, key, definition, job, contexts).run()
                if values:
                    worst = jobs[key] if jobs[key].result != "success" else jobs.get(name, jobs[key])
                    jobs[name] = worst
        return jobs

    def git(self, *arguments: str) -> str:
        """Run git in the repository on GitHub."""
        command = ["git", "-C", str(self.origin), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def fresh_folder(self, name: str) -> Path:
        """A new empty folder."""
        folder = self.folder / f"{next(self._count)}-{name.replace(' ', '-')}"
        folder.mkdir(parents=True)
        return folder


class _JobRun:
    def __init__(
        self, machine: Machine, name: str, definition: Any, job: Mapping[str, Any], contexts: dict[str, Any]
    ) -> None:
        self.machine, self.definition, self.job, self.contexts = machine, definition, job, contexts
        folder = machine.fresh_folder(name)
        self.workspace, self.temp, self.files = folder / "workspace", folder / "temp", folder / "files"
        for path in (self.workspace, self.temp, self.files):
            path.mkdir()
        contexts["runner"]["temp"] = str(self.temp)
        self.result = Job(name, workspace=self.workspace)
        self.path: list[str] = []
        self.functions: dict[str, Callable[..., Any]] = {
            "success": lambda: self.result.result == "success",
            "failure": lambda: self.result.result == "failure",
            "always": lambda: True,
            "cancelled": lambda: False,
            "format": lambda text, *values: text.format(*values),
            "hashFiles": lambda *names: "0123abcd" if all((self.workspace / name).exists() for name in names) else "",
        }

    def run(self) -> Job:
        needed = [need["result"] for need in self.contexts["needs"].values()]
        self.functions["success"] = lambda: all(result == "success" for result in needed)
        self.functions["failure"] = lambda: "failure" in needed
        if not self._holds(self.job.get("if")):
            self.result.result = "skipped"
            return self.result
        self.functions["success"] = lambda: self.result.result == "success"
        self.functions["failure"] = lambda: self.result.result == "failure"
        self.contexts["env"] = self._texts(self.definition.get("env", {})) | self._texts(self.job.get("env", {}))
        for number, step in enumerate(self.job["steps"]):
            name = step.get("name") or step.get("uses", "").split("@")[0] or f"step {number}"
            if not self._holds(step.get("if")):
                done = Step(name, "skipped")
            elif "uses" in step:
                done = self._use(name, step)
            else:
                done = self._execute(name, step)
            if done.outcome == "failure" and step.get("continue-on-error") != "true":
                self.result.result = "failure"
            self.result.steps.append(done)
            if "id" in step:
                outputs = done.outputs if done.outcome == "success" else _Empty(done.outputs)
                self.contexts["steps"][step["id"]] = {"outcome": done.outcome, "outputs": outputs}
        self.result.summary = self._file("summary").read_text(encoding="utf-8")
        self.result.outputs = self._texts(self.job.get("outputs", {}))
        return self.result

    def _holds(self, condition: str | None) -> bool:
        # A condition that asks for no status holds only as long as all went well.
        if condition is None:
            return bool(self.functions["success"]())
        asks = any(f"{name}(" in condition for name in ("success", "failure", "always", "cancelled"))
        value = bool(evaluate(condition, self.contexts, self.functions))
        return value if asks else value and bool(self.functions["success"]())

    def _texts(self, values: Mapping[str, Any]) -> dict[str, str]:
        return {key: interpolate(str(value), self.contexts, self.functions) for key, value in values.items()}

    def _file(self, name: str) -> Path:
        path = self.files / name
        path.touch()
        return path

    def _execute(self, name: str, step: Mapping[str, Any]) -> Step:
        environment = self._environment() | self._texts(step.get("env", {}))
        environment["PATH"] = os.pathsep.join([*self.path, environment["PATH"]])
        self.result.environments[name] = {**environment}
        for kind in ("OUTPUT", "ENV", "PATH"):
            self._file(kind).write_text("")
            environment[f"GITHUB_{kind}"] = str(self._file(kind))
        script = self.files / "script.sh"
        script.write_text(interpolate(step["run"], self.contexts, self.functions), encoding="utf-8")
        shell = step.get("shell") or self.definition.get("defaults", {}).get("run", {}).get("shell")
        folder = self.workspace / step.get("working-directory", ".")
        done = subprocess.run(
            [*SHELLS[shell], str(script)], cwd=folder, env=environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600,
        )  # fmt: skip
        outputs = _pairs(self._file("OUTPUT"))
        self.contexts["env"] |= _pairs(self._file("ENV"))
        self.path = [*reversed(self._file("PATH").read_text().split()), *self.path]
        return Step(name, "failure" if done.returncode else "success", done.stdout, outputs)

    def _environment(self) -> dict[str, str]:
        github = self.contexts["github"]
        event = self._file("event.json")
        event.write_text(json.dumps(github["event"]), encoding="utf-8")
        return {
            **self.machine.environment,
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": github["event_name"],
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_REPOSITORY": github["repository"],
            "GITHUB_RUN_ID": github["run_id"],
            "GITHUB_SERVER_URL": github["server_url"],
            "GITHUB_SHA": github["sha"],
            "GITHUB_STEP_SUMMARY": str(self._file("summary")),
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_TEMP": str(self.temp),
            "GH_STATE": str(self.machine.folder / "gh.json"),
            **self.contexts["env"],
        }

    def _use(self, name: str, step: Mapping[str, Any]) -> Step:
        action = step["uses"].split("@")[0]
        values = self._texts(step.get("with", {}))
        try:
            _ACTIONS[action](self, values)
        except ActionError as error:
            return Step(name, "failure", str(error))
        return Step(name, "success")

    def checkout(self, values: Mapping[str, str]) -> None:
        assert values.get("persist-credentials") == "false"
        github = self.contexts["github"]
        ref = values.get("ref") or github["sha"]
        depth = int(values.get("fetch-depth", "1"))
        self._git("init", "--quiet")
        self._git("remote", "add", "origin", f"file://{self.machine.origin}")
        refs = ["+refs/heads/*:refs/remotes/origin/*"] if depth == 0 else []
        # Commits by their hash come from a file:// remote only where it allows that.
        self._git("fetch", "--quiet", "--no-tags", *([f"--depth={depth}"] if depth else []), "origin", ref, *refs)
        branch = ref.removeprefix("refs/heads/")
        place = ["-B", branch] if branch != ref else ["--detach"]
        self._git("checkout", "--quiet", *place, "FETCH_HEAD")

    def set_up_uv(self, values: Mapping[str, str]) -> None:
        finished_venv(self.workspace, self.machine.narrow)

    def upload(self, values: Mapping[str, str]) -> None:
        source = self.workspace / values["path"]
        if not source.is_dir() or not any(source.iterdir()):
            raise ActionError(f"No files were found with the provided path: {values['path']}")
        target = self.machine.artifacts / self.contexts["github"]["run_id"] / values["name"]
        shutil.copytree(source, target)

    def download(self, values: Mapping[str, str]) -> None:
        run = self.machine.artifacts / values.get("run-id", self.contexts["github"]["run_id"])
        name = values.get("name") or values["pattern"]
        if (run / name).is_dir():
            shutil.copytree(run / name, self.workspace / values["path"], dirs_exist_ok=True)
        elif "name" in values:
            raise ActionError(f"Unable to download artifact(s): Artifact not found for name: {name}")

    def cache(self, values: Mapping[str, str]) -> None:
        assert values["key"] and values["path"]

    def _git(self, *arguments: str) -> None:
        done = subprocess.run(
            ["git", *arguments], cwd=self.workspace, env={**self.machine.environment}, capture_output=True, text=True
        )
        if done.returncode:
            raise ActionError(done.stderr)


class _Empty(dict[str, str]):
    """Outputs of what did not succeed: those that it did not come to are empty, as on GitHub."""

    def __contains__(self, key: object) -> bool:
        return True


def _outputs(job: Job) -> dict[str, str]:
    return job.outputs if job.result == "success" else _Empty(job.outputs)


class ActionError(Exception):
    """An action failed."""


_ACTIONS: dict[str, Callable[[_JobRun, Mapping[str, str]], None]] = {
    "actions/checkout": _JobRun.checkout,
    "astral-sh/setup-uv": _JobRun.set_up_uv,
    "actions/upload-artifact": _JobRun.upload,
    "actions/download-artifact": _JobRun.download,
    "actions/cache": _JobRun.cache,
}


def _token(definition: Any, job: Mapping[str, Any]) -> str:
    """A token that says what it may do, so that the stand-in of `gh` can refuse the rest."""
    permissions = job.get("permissions", definition["permissions"])
    return "token " + " ".join(f"{scope}:{level}" for scope, level in sorted(permissions.items()))


def _checked(declared: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, str]:
    """The inputs of a start by hand, with defaults; GitHub refuses what is not declared."""
    assert given.keys() <= declared.keys()
    values = {name: given.get(name, declared[name].get("default", "")) for name in declared}
    assert all(values[name] in what["options"] for name, what in declared.items() if what["type"] == "choice")
    return values


def _matrix(job: Mapping[str, Any]) -> list[dict[str, str]]:
    matrix = job.get("strategy", {}).get("matrix", {})
    return [dict(zip(matrix, values, strict=True)) for values in itertools.product(*matrix.values())]


def _pairs(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines)
