"""ci-test.yml in fresh clones of a fork: all well, and each thing that can be wrong with the commit or the models."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from fork import MODELS
from runner import Job, Machine
from standin import StandIn

pytestmark = pytest.mark.timeout(900)
RUN_URL = "https://github.example/runs/9"
PULL_REQUEST = {"number": 7, "pull_request": {"number": 7, "head": {"sha": "a" * 40}}}

Change = Callable[[Callable[[Path], None]], str]


@pytest.fixture
def commit(github: Machine, tmp_path: Path) -> Change:
    """Commit a change on a branch of its own, `change`; returns the branch's name."""

    def make(change: Callable[[Path], None]) -> str:
        clone = tmp_path / "change"
        environment = {**github.environment, "GH_TOKEN": "token contents:write"}

        def git(*arguments: str) -> None:
            subprocess.run(["git", *arguments], cwd=clone, env=environment, check=True, capture_output=True)

        clone.mkdir()
        git("clone", "--quiet", str(github.origin), ".")
        change(clone)
        git("switch", "--quiet", "--create", "change")
        git("commit", "--quiet", "--all", "--message", "Change")
        git("push", "--quiet", "origin", "change")
        return "change"

    return make


def evaluate(github: Machine, ref: str = "main") -> Job:
    return github.run("ci-test.yml", "pull_request", PULL_REQUEST, only=("evaluate",), ref=ref)["evaluate"]


def failure(job: Job) -> tuple[str, str]:
    """The step that failed, and the end of what it said."""
    assert job.failed is not None, "no step failed"
    return job.failed.name, "\n".join(job.failed.output.splitlines()[-8:])


def rewrite(root: Path, name: str, old: str, new: str) -> None:
    """Change a text in a file that DVC records, and its hash in dvc.lock, as somebody who cheats would."""
    before = (root / name).read_bytes()
    assert old.encode() in before
    after = before.replace(old.encode(), new.encode(), 1)
    (root / name).write_bytes(after)
    lock = (root / "dvc.lock").read_text()
    digests = [hashlib.md5(content).hexdigest() for content in (before, after)]
    assert digests[0] in lock
    lock = lock.replace(digests[0], digests[1]).replace(f"size: {len(before)}\n", f"size: {len(after)}\n")
    (root / "dvc.lock").write_text(lock)


def test_a_commit_that_reproduces_passes_and_leaves_a_report(github: Machine, kaggle: StandIn):
    jobs = github.run("ci-test.yml", "pull_request", PULL_REQUEST)
    assert {name: job.result for name, job in jobs.items()} == dict.fromkeys(
        ["check", "test 3.11", "test 3.14", "test", "evaluate"], "success"
    ), [(name, failure(job)) for name, job in jobs.items() if job.failed]
    assert "lpr/records/params.py" in jobs["test 3.14"].summary
    job = jobs["evaluate"]
    assert job.step("Compare with the committed metrics").output.splitlines()[-1].startswith("reproduces: all ")
    assert "skipped" not in job.step("Model tests").output
    report = github.artifacts / str(github.run_id) / "report"
    assert sorted(path.name for path in report.iterdir()) == ["html", "pr.json", "report.md"]
    assert json.loads((report / "pr.json").read_text()) == {"number": 7, "sha": "a" * 40}
    assert (report / "report.md").read_text() == job.summary
    page = f"As a page: `html/index.html` in the artifact `report` of [the run]({RUN_URL}).\n"
    assert _comment_of(github) == f"<!-- lpr report -->\n{job.summary}\n{page}"
    # A pull request's code was run: nobody was signed in, here or on Kaggle.
    secret = github.secrets["KAGGLE_KEY"]
    assert [name for name, values in job.environments.items() if secret in values.values()] == []
    assert [asked.what for asked in kaggle.asked if "Authorization" in asked.headers] == []
    assert kaggle.count("DownloadDataset") > 0


def _comment_of(github: Machine) -> str:
    """What report.yml makes of the artifact that the run has left."""
    pull = {"number": 7, "head": {"sha": "a" * 40}}
    (github.folder / "gh.json").write_text(json.dumps({"pulls": [pull]}))
    run = {"id": str(github.run_id), "event": "pull_request", "conclusion": "success", "head_sha": "a" * 40}
    run["html_url"] = RUN_URL
    job = github.run("report.yml", "workflow_run", {"workflow_run": run})["comment"]
    assert job.result == "success", failure(job)
    (comment,) = json.loads((github.folder / "gh.json").read_text())["comments"]
    return str(comment["body"])


def test_a_stale_lock_fails_before_anything_is_fetched(github: Machine, kaggle: StandIn, commit: Change):
    def change(root: Path) -> None:
        text = (root / "params.yaml").read_text()
        (root / "params.yaml").write_text(text.replace("  lr: 0.002", "  lr: 0.003"))

    name, message = failure(evaluate(github, commit(change)))
    assert name == "dvc.lock fits the commit"
    assert "train.lr: 0.002 -> 0.003" in message
    assert "dvc.lock is stale" in message and "run `dvc repro`, and commit dvc.lock" in message
    assert kaggle.asked == []


def test_a_missing_version_fails_where_the_models_are_fetched(github: Machine, kaggle: StandIn):
    (version,) = kaggle.state.datasets[MODELS].versions
    version.files["version.json"] = version.files["version.json"].replace(b'"version": "v1.0"', b'"version": "v0.9"')
    name, message = failure(evaluate(github))
    assert name == "Bring the published models"
    assert f"error: {MODELS}: no version v1.0; there are: v0.9" in message


def test_a_metric_that_does_not_reproduce_is_named(github: Machine, commit: Change):
    def change(root: Path) -> None:
        rewrite(root, "results/evaluate/details.json", '"mean_iou": ', '"mean_iou": 0.4 , "was": ')

    job = evaluate(github, commit(change))
    name, message = failure(job)
    assert name == "Compare with the committed metrics"
    assert "does not reproduce" in message and "detection.mean_iou" in message
    # The reviewer gets the report all the same.
    assert job.step("Report").outcome == "success"
    assert (github.artifacts / str(github.run_id) / "report" / "report.md").is_file()
