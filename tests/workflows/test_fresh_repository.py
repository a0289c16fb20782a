"""What the workflows make of a repository that has published nothing: no secrets, no Kaggle, and no red."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from fork import Fork, train
from runner import Job, Machine
from standin import StandIn
from venv_standin import finished_venv

from tests.workflows.conftest import fresh_machine

pytestmark = pytest.mark.timeout(900)
SHA = "a" * 40
PULL_REQUEST = {"number": 7, "pull_request": {"number": 7, "head": {"sha": SHA}}}


@pytest.fixture(params=["bare", "run"])
def fresh(request: pytest.FixtureRequest, fork: Fork, tmp_path: Path) -> Machine:
    """GitHub with the repository before anything ran, or after a run that published into a folder."""
    return fresh_machine(getattr(fork, request.param), fork, tmp_path)


@pytest.fixture
def refused(fork: Fork, kaggle: StandIn, tmp_path: Path) -> Machine:
    """GitHub with the repository after a run whose models miss gates, so that `publish` refuses them."""
    clone = tmp_path / "clone"
    # With a cache of its own: the right models must not come out of the fork's.
    environment = fork.environment(kaggle, tmp_path / "person")
    environment["PATH"] = f"{clone / '.venv' / 'bin'}{os.pathsep}{environment['PATH']}"

    def run(command: str, where: Path) -> None:
        done = subprocess.run(["bash", "-ec", command], cwd=where, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr

    run(f"git clone --quiet {fork.run} clone", tmp_path)
    finished_venv(clone)
    run("dvc repro --single-item fetch_data", clone)
    train(clone, clone / "models", mistaken=True)
    run("dvc commit --force train_detector train_ocr export && dvc repro", clone)
    run("git add dvc.lock results && git commit --quiet --message 'A run that missed a gate'", clone)
    run("git clone --quiet --bare clone refused.git", tmp_path)
    return fresh_machine(tmp_path / "refused.git", fork, tmp_path)


def outcomes(job: Job) -> dict[str, str]:
    return {step.name: step.outcome for step in job.steps}


def test_the_first_push_is_green_and_says_how_to_publish(fresh: Machine):
    job = fresh.run("ci-test.yml", "push", only=("evaluate",))["evaluate"]
    assert job.result == "success", job.failed
    assert job.summary.startswith("### Nothing is published yet\n")
    assert "`lpr params recipes/kaggle.yaml`" in job.summary
    assert "all 8 gates are met" in job.summary and "plates read exactly right" in job.summary
    done = outcomes(job)
    assert {done[name] for name in ("Evaluate", "Gates", "Probe", "Model tests")} == {"success"}
    assert {done[name] for name in ("Bring the published models", "Compare with the committed metrics")} == {"skipped"}
    assert "skipped" not in job.step("Model tests").output
    # After a run its report is there, of what is committed; before there is nothing to report.
    assert ("### Models: " in job.summary) == (done["Report"] == "success")


def test_nothing_is_validated_and_no_issue_is_opened(fresh: Machine):
    jobs = fresh.run("model-validation.yml", "push")
    assert {name: job.result for name, job in jobs.items()} == {
        "published": "success", "validate": "skipped", "release": "skipped", "issue": "skipped"
    }, jobs["published"].failed  # fmt: skip
    assert jobs["published"].summary.startswith("### Nothing is published yet\n")


def test_models_that_missed_a_gate_are_red_and_the_comment_says_both(refused: Machine):
    job = refused.run("ci-test.yml", "pull_request", PULL_REQUEST, only=("evaluate",))["evaluate"]
    assert job.failed is not None and job.failed.name == "Gates of what is committed"
    assert job.failed.output.splitlines()[-1] == "failed: end_to_end, recognition, input_sensitivity"
    assert outcomes(job)["Gates"] == "success"
    (refused.folder / "gh.json").write_text(json.dumps({"pulls": [{"number": 7, "head": {"sha": SHA}}]}))
    run = {"id": str(refused.run_id), "event": "pull_request", "conclusion": "failure", "head_sha": SHA}
    comment = refused.run("report.yml", "workflow_run", {"workflow_run": run})["comment"]
    assert comment.result == "success", comment.failed
    ((said,)) = [c["body"] for c in json.loads((refused.folder / "gh.json").read_text())["comments"]]
    assert "### Nothing is published yet" in said and "`end_to_end`, `recognition`, `input_sensitivity`" in said
    assert "gates are NOT met" in said
