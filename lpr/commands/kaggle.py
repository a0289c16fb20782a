"""`lpr kaggle ...`: data sets, sessions and storage on Kaggle."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from lpr.commands.data import FORMATS


def add(subparsers: Any) -> None:
    """Declare the commands."""
    group = subparsers.add_parser("kaggle", help="data sets, sessions and storage on Kaggle")
    commands = group.add_subparsers(metavar="COMMAND", required=True)
    _add_data(commands)


def _add_data(commands: Any) -> None:
    data = commands.add_parser("data", help="publish a local data set").add_subparsers(metavar="COMMAND", required=True)
    push = data.add_parser("push", help="check a folder and publish it as a dataset, or as a new version of one")
    push.add_argument("folder", metavar="DIR", type=Path)
    push.add_argument("--dataset", metavar="OWNER/SLUG", required=True)
    push.add_argument("--note", default="published by lpr kaggle data push", help="the version's message")
    push.add_argument("--licence", help="as Kaggle names it, such as CC0-1.0; default: of dataset-metadata.json")
    push.add_argument("--public", action="store_true", help="create it for everybody to see; default: private")
    push.add_argument("--format", choices=FORMATS, help="annotation format; found out by itself unless given")
    push.add_argument("--despite-problems", action="store_true", help="publish what the check finds fault with")
    push.set_defaults(run=_data_push)


def _data_push(arguments: argparse.Namespace) -> int:
    from lpr.data.check import check_dataset
    from lpr.kaggle.data_push import push_dataset

    report = check_dataset(arguments.folder, arguments.format)
    print(report.text())
    if not report.ok and not arguments.despite_problems:
        print("not published: mend these problems, or give --despite-problems")
        return 1
    pushed = push_dataset(arguments.folder, arguments.dataset, arguments.note, arguments.licence, arguments.public)
    what = f"{pushed.files} files, {pushed.size / 1e6:.1f} MB"
    print(f"{'published' if pushed.fresh else 'unchanged, published before'}: {what}: {pushed.reference.url}")
    print(f"in params.yaml: dataset: {pushed.reference}")
    return 0
