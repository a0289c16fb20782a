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
    sandbox.environment = {
        **fork.environment(kaggle, settings),
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


def test_a_training_that_fails_proposes_nothing(github: Machine, kaggle: StandIn):
    kaggle.state.on_push = lambda kernel: kernel.states.__setitem__(slice(None), ["ERROR"])
    inputs = {"ref": "main", "parameters": "", "hours": "1"}
    job = github.run("train.yml", "workflow_dispatch", inputs=inputs)["train"]
    assert job.failed is not None and job.failed.name == "Run the session"
    assert "alice/license-plate-training: error" in job.failed.output
    assert github.git("branch", "--list") == "* main"
