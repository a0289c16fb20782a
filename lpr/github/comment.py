"""The report as one comment on its pull request, rewritten by each run."""

from __future__ import annotations

import json
from pathlib import Path

from lpr.base.errors import LprError
from lpr.github.gh import gh, gh_json

MARKER = "<!-- lpr report -->"
"""First line of the comment, by which the next run finds it."""
BOT = "github-actions[bot]"


def keep_comment(folder: Path, run_sha: str) -> str:
    """Write `report.md` of a run's artifact as the comment on the pull request that its `pr.json` names.

    The artifact may be a fork's, and its number another pull request's: GitHub is asked for the head of that pull
    request, and nothing is posted unless it is the commit of the run.

    Args:
        folder: the artifact, which `lpr report-check` has checked.
        run_sha: head commit of the run that left it, as GitHub says.

    Returns:
        What was done, in a few words.

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
    comments = f"repos/{{owner}}/{{repo}}/issues/{number}/comments"
    pages = gh_json("api", "--paginate", "--slurp", comments)
    ours = [c for page in pages for c in page if c["user"]["login"] == BOT and c["body"].startswith(MARKER)]
    body = json.dumps({"body": f"{MARKER}\n{(folder / 'report.md').read_text(encoding='utf-8')}"})
    if ours:
        address = f"repos/{{owner}}/{{repo}}/issues/comments/{ours[0]['id']}"
        gh("api", "--method", "PATCH", address, "--input", "-", text=body)
        return f"updated the comment on pull request {number}"
    gh("api", "--method", "POST", comments, "--input", "-", text=body)
    return f"commented on pull request {number}"
