"""The report as one comment on its pull request, rewritten by each run."""

from __future__ import annotations

import json
from pathlib import Path

from lpr.base.errors import LprError
from lpr.github.gh import gh, gh_json

MARKER = "<!-- lpr report -->"
"""First line of the comment, by which the next run finds it."""
BOT = "github-actions[bot]"


def keep_comment(folder: Path, run_sha: str, run: str) -> str:
    """Write `report.md` of a run's artifact as the comment on the pull request of its `pr.json`; say what was done.

    The artifact may be a fork's, and its number another pull request's: GitHub is asked for the head of that pull
    request, and nothing is posted unless it is the commit of the run.

    Args:
        folder: the artifact, which `lpr report-check` has checked.
        run_sha: head commit of the run that left it, as GitHub says.
        run: address of that run, as GitHub says; its artifact holds the page with pictures, which no comment shows.

    Raises:
        LprError: the pull request is at another commit, or `gh` fails.
    """
    number = int(json.loads((folder / "pr.json").read_text(encoding="utf-8"))["number"])
    head = gh_json("api", f"repos/{{owner}}/{{repo}}/pulls/{number}")["head"]["sha"]
    if head != run_sha:
        raise LprError(
            f"pull request {number} is at {head[:12]}, and the report is of {run_sha[:12]}: a newer commit was pushed, "
            "or it is another pull request's report; nothing was posted"
        )
    report = (folder / "report.md").read_text(encoding="utf-8")
    return _keep(number, f"{report}\nAs a page: `html/index.html` in the artifact `report` of [the run]({run}).\n")


def say_no_report(head: str, run_sha: str, run: str, conclusion: str) -> str:
    """Write into the comment on a pull request, over an older report, that its newest run left none; say what was done.

    A run of a fork's pull request does not say which one it is of: GitHub is asked for those of its branch.

    Args:
        head: `owner:branch` that the run was of, as GitHub says.
        run_sha: head commit of the run, as GitHub says.
        run: address of the run.
        conclusion: GitHub's word for how the run ended.

    Raises:
        LprError: `gh` fails.
    """
    address = "repos/{owner}/{repo}/pulls"
    found = gh_json("api", "--method", "GET", address, "--raw-field", "state=open", "--raw-field", f"head={head}")
    numbers = [int(pull["number"]) for pull in found if pull["head"]["sha"] == run_sha]
    if not numbers:
        return f"no open pull request is at {run_sha[:12]}; nothing was posted"
    text = (
        f"### No report: CI of `{run_sha[:12]}` ended before the models were measured\n\n"
        f"It ended with `{conclusion}`; [the run]({run}) says at which step and why. A report of an earlier commit "
        "that stood here is not about this one.\n"
    )
    return "; ".join(_keep(number, text) for number in numbers)


def _keep(number: int, text: str) -> str:
    comments = f"repos/{{owner}}/{{repo}}/issues/{number}/comments"
    pages = gh_json("api", "--paginate", "--slurp", comments)
    ours = [c for page in pages for c in page if c["user"]["login"] == BOT and c["body"].startswith(MARKER)]
    body = json.dumps({"body": f"{MARKER}\n{text}"})
    if ours:
        address = f"repos/{{owner}}/{{repo}}/issues/comments/{ours[0]['id']}"
        gh("api", "--method", "PATCH", address, "--input", "-", text=body)
        return f"updated the comment on pull request {number}"
    gh("api", "--method", "POST", comments, "--input", "-", text=body)
    return f"commented on pull request {number}"
