"""model-validation.yml: only measured models become a release, and one issue says why others do not."""

from __future__ import annotations

import json

import pytest
from fork import MODELS, Fork, published_files
from runner import Machine
from standin import StandIn

pytestmark = pytest.mark.timeout(600)


def state(github: Machine) -> dict:
    return json.loads((github.folder / "gh.json").read_text())


def test_models_that_hold_their_gates_become_a_release(github: Machine):
    jobs = github.run("model-validation.yml", "schedule")
    assert {name: job.result for name, job in jobs.items()} == {
        "published": "success", "validate": "success", "release": "success", "issue": "success"
    }, [job.failed for job in jobs.values()]  # fmt: skip
    assert state(github)["issues"] == []
    (release,) = state(github)["releases"]
    assert release["tag"] == "models-v1.0"
    assert [asset["name"] for asset in release["assets"]] == ["license-plate-models-v1.0.zip"]
    assert "end_to_end" in release["notes"]


def test_a_model_that_fails_a_gate_opens_one_issue_and_no_release(github: Machine, kaggle: StandIn, fork: Fork):
    kaggle.state.put(MODELS, published_files(fork.mistaken, "v1.1", fork.commit))
    jobs = github.run("model-validation.yml", "schedule")
    assert {name: job.result for name, job in jobs.items()} == {
        "published": "success", "validate": "failure", "release": "skipped", "issue": "success"
    }  # fmt: skip
    failed = jobs["validate"].failed
    assert failed is not None
    fallen = "end_to_end, recognition, input_sensitivity"
    assert (failed.name, failed.output.splitlines()[-1]) == ("Gates", f"failed: {fallen}")
    assert state(github)["releases"] == []
    (issue,) = state(github)["issues"]
    assert issue["title"] == "Models v1.1 do not hold their gates: end_to_end, recognition, input_sensitivity"
    assert "`end_to_end` is 0, required >= 0.85, 0.85 below it: 0 of 8 plates read exactly right" in issue["body"]
