"""report.yml: the report of a pull request's run, a fork's too, as one comment; nothing in it is trusted."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from runner import Job, Machine

SHA, RUN = "b" * 40, "77"
EVENT = {
    "workflow_run": {
        "id": RUN, "event": "pull_request", "conclusion": "success", "head_sha": SHA,
        "head_branch": "patch-1", "head_repository": {"full_name": "stranger/plates"},
    }
}  # fmt: skip
REPORT = "# Report\n\nNothing changed.\n"

Leave = Callable[..., Path]


@pytest.fixture
def leave(github: Machine) -> Leave:
    """Leave an artifact as the pull request's run would, and the pull requests 7 and 8 on GitHub."""
    github.folder.mkdir()
    pulls = [{"number": 7, "head": {"sha": SHA}}, {"number": 8, "head": {"sha": "c" * 40}}]
    (github.folder / "gh.json").write_text(json.dumps({"pulls": pulls}))

    def write(report: str = REPORT, pr: object = None, **files: str) -> Path:
        folder = github.artifacts / RUN / "report"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "report.md").write_text(report)
        (folder / "pr.json").write_text(json.dumps({"number": 7, "sha": SHA} if pr is None else pr))
        for name, text in files.items():
            (folder / name).write_text(text)
        return folder

    return write


def comments(github: Machine) -> list[dict]:
    return json.loads((github.folder / "gh.json").read_text()).get("comments", [])


def run(github: Machine) -> Job:
    return github.run("report.yml", "workflow_run", EVENT)["comment"]


def test_the_report_is_one_comment_that_each_run_rewrites(github: Machine, leave: Leave):
    leave()
    state = json.loads((github.folder / "gh.json").read_text())
    other = {"id": 1, "issue": 7, "user": {"login": "stranger"}, "body": "<!-- lpr report -->\nmine"}
    (github.folder / "gh.json").write_text(json.dumps({**state, "comments": [other]}))
    job = run(github)
    assert job.result == "success", job.failed
    leave("# Report\n\nA metric changed.\n")
    assert run(github).step("Keep one comment").output == "updated the comment on pull request 7\n"
    first, ours = comments(github)
    assert first == other
    assert (ours["issue"], ours["body"]) == (7, "<!-- lpr report -->\n# Report\n\nA metric changed.\n")


@pytest.mark.parametrize(
    ("left", "says"),
    [
        ({"pr": {"number": "7; gh pr merge 8", "sha": SHA}}, "number should be that of a pull request"),
        ({"pr": {"number": 7, "sha": "d" * 40}}, "the run that left it was of bbbbbbbbbbbb"),
        ({"pr": [7]}, "pr.json: should be"),
        ({"report": ""}, "report.md: empty"),
        ({"run.sh": "curl evil"}, "'run.sh': no report holds such a file"),
    ],
    ids=["number", "commit", "shape", "empty", "file"],
)
def test_a_malformed_artifact_is_refused_and_not_posted(github: Machine, leave: Leave, left: dict, says: str):
    leave(**left)
    job = run(github)
    assert job.failed is not None and job.failed.name == "Check the report"
    assert says in job.failed.output
    assert comments(github) == []


def test_a_report_for_another_pull_request_is_not_posted(github: Machine, leave: Leave):
    leave(pr={"number": 8, "sha": SHA})
    job = run(github)
    assert job.failed is not None and job.failed.name == "Keep one comment"
    assert "pull request 8 is at cccccccccccc, and the report is of bbbbbbbbbbbb" in job.failed.output
    assert comments(github) == []


def test_a_run_that_left_no_report_is_red(github: Machine):
    job = run(github)
    assert job.failed is not None and job.failed.name == "Fetch the report"


def test_runs_of_pushes_are_left_alone(github: Machine):
    event = {"workflow_run": {**EVENT["workflow_run"], "event": "push"}}
    assert github.run("report.yml", "workflow_run", event)["comment"].result == "skipped"
