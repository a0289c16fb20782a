"""The results of a training as a pull request."""

from __future__ import annotations

from pathlib import Path

from lpr.base.errors import LprError
from lpr.base.git import git
from lpr.github.gh import gh

PROPOSED = ("dvc.lock", "params.yaml", "results")
NAME, ADDRESS = "github-actions[bot]", "41898282+github-actions[bot]@users.noreply.github.com"
# What GitHub's own token opens starts no workflow, so that workflows cannot start each other for ever.
NOTE = "\n\nCI does not start by itself on a pull request that a workflow opened: close and reopen this one.\n"


def propose(base: str, branch: str, body: Path) -> str:
    """Commit the working tree's results on a new branch, push it, open a pull request and return its address.

    Args:
        base: branch that the pull request is against.
        branch: name of the new branch.
        body: Markdown file with the report.

    Raises:
        LprError: nothing has changed, or git or `gh` fails.
    """
    git("add", "--", *PROPOSED)
    if not git("diff", "--cached", "--name-only"):
        raise LprError(f"{', '.join(PROPOSED)} are as committed: the training brought nothing new to propose")
    text = body.read_text(encoding="utf-8") + NOTE
    git("switch", "--quiet", "--create", branch)
    identity = ("-c", f"user.name={NAME}", "-c", f"user.email={ADDRESS}")
    title = f"Results of a training on {base}"
    git(*identity, "commit", "--quiet", "--message", title)
    # The token is asked for when it is needed, and is written nowhere.
    gh("auth", "setup-git")
    git("push", "--quiet", "origin", branch)
    return gh("pr", "create", "--base", base, "--head", branch, "--title", title, "--body-file", "-", text=text).strip()
