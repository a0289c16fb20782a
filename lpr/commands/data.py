"""`lpr data check DIR`: what is in a folder of photos with plates, and what is wrong with it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from lpr.commands import label
from lpr.commands.formats import FORMATS


def add(subparsers: Any) -> None:
    """Declare the commands."""
    group = subparsers.add_parser(
        "data", help="check a data set before training on it; label photos that have no labels"
    )
    commands = group.add_subparsers(metavar="COMMAND", required=True)
    check = commands.add_parser("check", help="count what can be used and say what cannot, and why")
    check.add_argument("folder", metavar="DIR", type=Path, help="photos with annotations in any known format")
    check.add_argument("--format", choices=FORMATS, help="of the annotations; default: found out")
    check.set_defaults(run=run)
    label.add(commands)


def run(arguments: argparse.Namespace) -> int:
    """Print the findings; return 0 when nothing would be rejected, else 1."""
    from lpr.assessment.data_check import check_dataset

    report = check_dataset(arguments.folder, arguments.format)
    print(report.text())
    return 0 if report.ok else 1
