"""report.yml: the report of a pull request's run, a fork's too, as one comment; nothing in it is trusted."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from runner import Job, Machine

SHA, RUN = "b" * 40, "77"
EVENT = {
    "workflow_run": {
        "id": RUN, "event": "pull_request", "conclusion": "success", "head_sha": SHA,
        "html_url": f"https://github.example/runs/{RUN}", "head_branch": "patch-1",
        "head_repository": {"full_name": "stranger/plates", "owner": {"login": "stranger"}},
    }
}  # fmt: skip
REPORT = "# Report\n\nNothing changed.\n"
PAGE = f"\nAs a page: `html/index.html` in the artifact `report` of [the run](https://github.example/runs/{RUN}).\n"
"""Ends each comment: GitHub shows neither pictures nor drawings of a comment's own."""

Leave = Callable[..., Path]


@pytest.fixture
def leave(github: Machine) -> Leave:
    """Leave an artifact as the pull request's run would, and the pull requests 7 and 8 on GitHub."""
    github.folder.mkdir()
    pulls = [
        {"number": 7, "head": {"sha": SHA, "label": "stranger:patch-1"}},
        {"number": 8, "head": {"sha": "c" * 40, "label": "someone:patch-1"}},
    ]
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


def run(github: Machine, **values: str) -> Job:
    event = {"workflow_run": {**EVENT["workflow_run"], **values}}
    return github.run("report.yml", "workflow_run", event)["comment"]


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
    assert (ours["issue"], ours["body"]) == (7, f"<!-- lpr report -->\n# Report\n\nA metric changed.\n{PAGE}")


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


def test_a_run_whose_tests_failed_takes_the_old_report_away(github: Machine, leave: Leave):
    folder = leave()
    assert run(github).result == "success"
    # The next run ends before its evaluation: it uploads nothing.
    shutil.rmtree(folder)
    job = run(github, conclusion="failure")
    assert job.result == "success", job.failed
    (comment,) = comments(github)
    assert comment["issue"] == 7
    assert "### No report: CI of `bbbbbbbbbbbb` ended before the models were measured" in comment["body"]
    assert "`failure`" in comment["body"] and f"(https://github.example/runs/{RUN})" in comment["body"]
    assert "Nothing changed." not in comment["body"]
    # And a report that comes again takes its place.
    leave()
    assert run(github).result == "success"
    assert [c["body"] for c in comments(github)] == [f"<!-- lpr report -->\n{REPORT}{PAGE}"]


def test_a_first_run_without_a_report_is_told_of_too(github: Machine, leave: Leave):
    shutil.rmtree(leave())
    assert run(github, conclusion="timed_out").result == "success"
    (comment,) = comments(github)
    assert comment["issue"] == 7 and "`timed_out`" in comment["body"]


def test_a_run_without_a_report_whose_pull_request_has_moved_on_says_nothing(github: Machine, leave: Leave):
    shutil.rmtree(leave())
    job = run(github, conclusion="failure", head_sha="e" * 40)
    assert job.step("Say that there is no report").output == (
        "no open pull request is at eeeeeeeeeeee; nothing was posted\n"
    )
    assert comments(github) == []


@pytest.mark.parametrize("conclusion", ["cancelled", "action_required", "skipped"])
def test_a_run_that_did_not_run_to_its_end_says_nothing(github: Machine, conclusion: str):
    assert run(github, conclusion=conclusion).result == "skipped"


def test_runs_of_pushes_are_left_alone(github: Machine):
    assert run(github, event="push").result == "skipped"
