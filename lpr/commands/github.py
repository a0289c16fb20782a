"""`lpr github comment|no-report|issue|release|propose`: what the workflows say to GitHub."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add(subparsers: Any) -> None:
    """Declare the commands."""
    group = subparsers.add_parser("github", help="what the workflows say to GitHub, through its command line `gh`")
    commands = group.add_subparsers(metavar="COMMAND", required=True)
    comment = commands.add_parser("comment", help="keep a checked report as one comment on its pull request")
    comment.add_argument("folder", metavar="DIR", type=Path, help="the artifact: report.md and pr.json")
    comment.add_argument("--run-sha", metavar="SHA", required=True, help="head commit of the run that left it")
    comment.add_argument("--run", dest="address", metavar="URL", required=True, help="the page of that run")
    comment.set_defaults(run=_comment)
    none = commands.add_parser("no-report", help="say in that comment that the newest run left no report")
    none.add_argument("--head", required=True, metavar="OWNER:BRANCH", help="that the run was of")
    none.add_argument("--run-sha", metavar="SHA", required=True, help="head commit of the run")
    none.add_argument("--run", dest="address", metavar="URL", required=True, help="the run's page")
    none.add_argument("--conclusion", required=True, help="how the run ended: failure, timed_out, ...")
    none.set_defaults(run=_no_report)
    issue = commands.add_parser("issue", help="open or update the issue on gates that fell, or close it")
    issue.add_argument("folder", metavar="DIR", type=Path, help="what `lpr models bundle` wrote")
    issue.add_argument("--result", required=True, help="how the validation ended: success, failure, ...")
    issue.add_argument("--run", dest="address", metavar="URL", required=True, help="the run's page")
    issue.set_defaults(run=_issue)
    release = commands.add_parser("release", help="attach a bundle that meets its gates to the release of its version")
    release.add_argument("folder", metavar="DIR", type=Path, help="what `lpr models bundle` wrote")
    release.set_defaults(run=_release)
    proposal = commands.add_parser("propose", help="open a pull request with the working tree's results")
    proposal.add_argument("--base", required=True, metavar="BRANCH", help="what the pull request is against")
    proposal.add_argument("--branch", required=True, help="the new branch")
    proposal.add_argument("--body", required=True, metavar="FILE", type=Path, help="Markdown with the report")
    proposal.set_defaults(run=_propose)


def _comment(arguments: argparse.Namespace) -> int:
    from lpr.github.comment import keep_comment

    print(keep_comment(arguments.folder, arguments.run_sha, arguments.address))
    return 0


def _no_report(arguments: argparse.Namespace) -> int:
    from lpr.github.comment import say_no_report

    print(say_no_report(arguments.head, arguments.run_sha, arguments.address, arguments.conclusion))
    return 0


def _issue(arguments: argparse.Namespace) -> int:
    from lpr.github.issue import keep_issue

    print(keep_issue(arguments.folder, arguments.result, arguments.address))
    return 0


def _release(arguments: argparse.Namespace) -> int:
    from lpr.github.release import keep_release

    print(keep_release(arguments.folder))
    return 0


def _propose(arguments: argparse.Namespace) -> int:
    from lpr.github.proposal import propose

    print(propose(arguments.base, arguments.branch, arguments.body))
    return 0
