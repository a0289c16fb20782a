"""What every workflow keeps to, whatever it does: pins, permissions, limits, secrets."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from expressions import ExpressionError, evaluate, interpolate
from fork import documented_steps

from lpr.kaggle.service.retry import RetryPolicy
from lpr.kaggle.sessions.kernels import OVERTIME

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
WORKFLOWS = {path.name: yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader) for path in FILES}
JOBS = [
    pytest.param(workflow, job, id=f"{name}-{key}")
    for name, workflow in WORKFLOWS.items()
    for key, job in workflow["jobs"].items()
]


def test_all_five_workflows_are_here():
    assert list(WORKFLOWS) == ["ci-test.yml", "model-validation.yml", "pages.yml", "report.yml", "train.yml"]


def test_the_pipeline_runs_when_the_guide_says():
    on = WORKFLOWS["ci-test.yml"]["on"]
    assert on["push"]["branches"] == ["main", "develop"]
    assert on["pull_request"]["branches"] == ["main"]
    assert [entry["cron"] for entry in on["schedule"]] == ["0 2 * * *"]
    assert "workflow_dispatch" in on


def test_the_time_limits_of_a_training_add_up():
    hours = WORKFLOWS["train.yml"]["on"]["workflow_dispatch"]["inputs"]["hours"]["options"]
    waited = 60 * (max(map(float, hours)) + OVERTIME)
    ready = RetryPolicy().ready / 60
    assert waited + ready + 20 <= int(WORKFLOWS["train.yml"]["jobs"]["train"]["timeout-minutes"]) <= 360


def test_the_steps_of_a_fork_are_the_same_on_a_mac():
    # BSD's sed takes other options than GNU's.
    assert [step for step in documented_steps() if re.search(r"\bsed\b", step)] == []


def actions(path: Path) -> list[str]:
    return [line.strip().removeprefix("- ") for line in path.read_text().splitlines() if "uses:" in line]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_action_is_pinned_by_hash_with_its_version_beside_it(path: Path):
    used = actions(path)
    assert used
    assert [line for line in used if not re.fullmatch(r"uses: [\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)] == []


def test_an_action_has_one_version_everywhere():
    used = {line for path in FILES for line in actions(path)}
    assert len({line.split("@")[0] for line in used}) == len(used)


def test_the_report_waits_for_the_workflow_that_makes_it():
    assert WORKFLOWS["report.yml"]["on"]["workflow_run"]["workflows"] == [WORKFLOWS["ci-test.yml"]["name"]]


@pytest.mark.parametrize(("workflow", "job"), JOBS)
def test_every_job_has_limits_and_asks_for_its_own_permissions(workflow: Any, job: Any):
    assert workflow["permissions"] == {}
    assert "group" in workflow["concurrency"]
    assert 0 < int(job["timeout-minutes"]) <= 360
    assert set(job["permissions"].values()) <= {"read", "write"}
    assert job["permissions"].get("contents") != "write" or job["permissions"].keys() <= {"contents", "pull-requests"}


@pytest.mark.parametrize(("workflow", "job"), JOBS)
def test_no_expression_stands_in_a_script(workflow: Any, job: Any):
    assert [step["run"] for step in job["steps"] if "${{" in step.get("run", "")] == []


def everything(job: Any, workflow: Any, event: str) -> str:
    """All values of a job after GitHub has filled them in, for an event in a repository that has every secret."""
    secret = "hidden-value"
    contexts = {
        "github": {"event_name": event, "token": "github-token", "event": {}},
        "secrets": dict.fromkeys(("KAGGLE_API_TOKEN", "KAGGLE_USERNAME", "KAGGLE_KEY"), secret),
        "inputs": {}, "matrix": {"python": "3.14"}, "runner": {"temp": "/tmp"},
        "needs": {"validate": {"result": "success"}}, "steps": {},
    }  # fmt: skip
    functions = {"hashFiles": lambda *_: "hash"}
    blocks = [workflow.get("env", {}), job.get("env", {})]
    blocks += [step.get(key, {}) for step in job["steps"] for key in ("env", "with")]
    return "\n".join(interpolate(str(value), contexts, functions) for block in blocks for value in block.values())


@pytest.mark.parametrize(("workflow", "job"), JOBS)
def test_no_secret_reaches_a_job_that_runs_a_pull_requests_code(workflow: Any, job: Any):
    if "pull_request" in workflow["on"]:
        assert "hidden-value" not in everything(job, workflow, "pull_request")
    if "workflow_run" in workflow["on"]:
        assert "secrets." not in str(job)


@pytest.mark.parametrize(
    ("event", "has_pages", "runs"),
    [("push", False, False), ("push", True, True), ("workflow_dispatch", False, True)],
)
def test_pages_are_published_where_a_repository_has_them_or_when_asked(event: str, has_pages: bool, runs: bool):
    jobs = WORKFLOWS["pages.yml"]["jobs"]
    github = {"event_name": event, "event": {"repository": {"has_pages": has_pages}}}
    assert evaluate(jobs["build"]["if"], {"github": github}, {}) is runs
    # What may publish runs nothing of the repository.
    assert jobs["deploy"]["needs"] == "build" and [step for step in jobs["deploy"]["steps"] if "run" in step] == []


def test_the_evaluation_uses_the_secrets_on_pushes():
    workflow = WORKFLOWS["ci-test.yml"]
    assert "hidden-value" in everything(workflow["jobs"]["evaluate"], workflow, "push")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("github.event_name != 'push' && secrets.KEY || ''", "k"),
        ("github.event_name == 'push' && secrets.KEY || ''", ""),
        ("${{ !(github.event_name == 'push') && true }}", True),
        ("github.event.workflow_run.id", None),
        ("format('{0}-{1}', 'a', 2)", "a-2"),
    ],
)
def test_expressions_mean_what_github_makes_of_them(text: str, value: object):
    contexts = {"github": {"event_name": "pull_request"}, "secrets": {"KEY": "k"}}
    assert evaluate(text, contexts, {"format": lambda text, *values: text.format(*values)}) == value


@pytest.mark.parametrize("text", ["fromJSON('1')", "vars.X", "a ? b", "github.x ==", "steps.x.outputs.y"])
def test_expressions_that_the_harness_does_not_know_are_errors(text: str):
    with pytest.raises(ExpressionError):
        evaluate(text, {"github": {}, "steps": {}}, {})
