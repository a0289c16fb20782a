"""train.yml: a session on Kaggle, whose pushed script runs here for real, and its results as a pull request."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fork import TOKEN, Fork, write_global_cache
from runner import Machine
from sandbox import Sandbox
from standin import StandIn

pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def sandbox(github: Machine, kaggle: StandIn, fork: Fork, tmp_path: Path) -> Sandbox:
    """A session's machine that has trained before: what did not change comes out of DVC's cache."""
    sandbox = Sandbox(kaggle, tmp_path / "sandbox")
    sandbox.patience = 600
    settings = tmp_path / "session"
    write_global_cache(settings / "global", fork.cache)
    token = settings / "token"
    token.write_text(TOKEN)
    outside = fork.environment(kaggle, settings)
    del outside["KAGGLE_INPUT_ROOT"]  # a session has its own
    sandbox.environment = {
        **outside,
        # By these two the client knows a session, and takes the session's own token.
        "KAGGLE_API_V1_TOKEN": str(token),
        "KAGGLE_DATA_PROXY_URL": kaggle.url,
    }
    return sandbox


def test_a_training_comes_back_as_a_pull_request(github: Machine, kaggle: StandIn, sandbox: Sandbox):
    inputs = {"ref": "main", "parameters": "evaluate.examples=3", "hours": "1"}
    job = github.run("train.yml", "workflow_dispatch", inputs=inputs)["train"]
    assert job.result == "success", (job.failed, kaggle.state.kernels)
    (pull,) = json.loads((github.folder / "gh.json").read_text())["pulls"]
    assert (pull["base"], pull["branch"]) == ("main", f"train/{github.run_id}")
    assert pull["body"].startswith(job.summary)
    assert "close and reopen" in pull["body"]
    changed = github.git("diff", "--name-only", "main", pull["branch"]).splitlines()
    assert {"dvc.lock", "params.yaml"} <= set(changed) <= {"dvc.lock", "params.yaml", *(
        name for name in changed if name.startswith("results/")
    )}  # fmt: skip
    assert "examples: 3" in github.git("show", f"{pull['branch']}:params.yaml")
    # GitHub's token and Kaggle's key are where they are needed, and nowhere else.
    key = github.secrets["KAGGLE_KEY"]
    assert {name for name, values in job.environments.items() if key in values.values()} == {
        "Run the session", "Fetch its results"
    }  # fmt: skip
    assert {name for name, values in job.environments.items() if "GH_TOKEN" in values} == {"Open a pull request"}
    assert key not in "".join(step.output for step in job.steps)


def state(github: Machine) -> dict:
    path = github.folder / "gh.json"
    return json.loads(path.read_text()) if path.is_file() else {}


def test_a_session_that_its_limit_stops_goes_on_and_only_the_end_is_proposed(
    github: Machine, kaggle: StandIn, sandbox: Sandbox
):
    # Of a private repository, whose commit a session cannot clone.
    payload = {"repository": {"private": True}}
    inputs = {"ref": "main", "parameters": "evaluate.examples=3", "hours": "1", "restarts": "1"}
    sandbox.hours = 0.0005
    jobs = github.run("train.yml", "workflow_dispatch", payload, inputs)
    assert {name: job.result for name, job in jobs.items()} == {"train": "success", "again": "success"}, (
        jobs["train"].failed, kaggle.state.kernels,
    )  # fmt: skip
    job = jobs["train"]
    assert "The session was stopped by its limit, with its trainings saved. A new run of Train" in job.summary
    assert {job.step(name).outcome for name in ("Report", "Gates", "Open a pull request")} == {"skipped"}
    assert state(github)["pulls"] == []
    (started,) = state(github)["started"]
    assert (started["workflow"], started["ref"]) == ("train.yml", "main")
    assert started["inputs"] == {**inputs, "restarts": "0", "resume": "alice/license-plate-training"}
    assert list(kaggle.state.datasets["alice/license-plate-code"].versions[0].files)

    # Stopped once more, without a restart that is left: red, and no pull request.
    jobs = github.run("train.yml", "workflow_dispatch", payload, started["inputs"])
    assert {name: job.result for name, job in jobs.items()} == {"train": "failure", "again": "skipped"}
    assert jobs["train"].failed is not None
    assert "No restart is left: start Train by hand" in jobs["train"].failed.output
    assert "`alice/license-plate-training-2`" in jobs["train"].summary
    assert len(state(github)["started"]) == 1 and state(github)["pulls"] == []

    sandbox.hours = None
    resumed = {**started["inputs"], "resume": "alice/license-plate-training-2"}
    jobs = github.run("train.yml", "workflow_dispatch", payload, resumed)
    assert {name: job.result for name, job in jobs.items()} == {"train": "success", "again": "skipped"}, (
        jobs["train"].failed, kaggle.state.kernels["alice/license-plate-training"].log,
    )  # fmt: skip
    assert "resuming from" in kaggle.state.kernels["alice/license-plate-training"].log
    (pull,) = state(github)["pulls"]
    assert "examples: 3" in github.git("show", f"{pull['branch']}:params.yaml")


def test_a_training_that_misses_a_gate_is_shown_and_ends_red(github: Machine, sandbox: Sandbox):
    inputs = {"ref": "main", "parameters": "gates.batch_seconds=0.000001", "hours": "1"}
    jobs = github.run("train.yml", "workflow_dispatch", inputs=inputs)
    assert {name: job.result for name, job in jobs.items()} == {"train": "failure", "again": "skipped"}
    job = jobs["train"]
    assert job.failed is not None and job.failed.name == "Run the session"
    assert [job.step(name).outcome for name in ("Fetch its results", "Report", "Gates", "Open a pull request")] == [
        "success", "success", "failure", "skipped"
    ]  # fmt: skip
    assert "gates are NOT met" in job.summary
    assert job.step("Gates").output.splitlines()[-1] == "failed: batch_seconds"
    assert github.git("branch", "--list") == "* main"


def test_a_training_that_fails_proposes_nothing(github: Machine, kaggle: StandIn):
    kaggle.state.on_push = lambda kernel: kernel.states.__setitem__(slice(None), ["ERROR"])
    inputs = {"ref": "main", "parameters": "", "hours": "1"}
    job = github.run("train.yml", "workflow_dispatch", inputs=inputs)["train"]
    assert job.failed is not None and job.failed.name == "Run the session"
    assert "alice/license-plate-training: error" in job.failed.output
    assert github.git("branch", "--list") == "* main"
