"""`lpr check|compare`: what a reviewer of a change asks."""

from __future__ import annotations

import argparse
from typing import Any

TOLERANCE_HELP = "largest difference that still counts as the same: of all metrics, or of one (NAME=X) or its section"


def add(subparsers: Any) -> None:
    """Declare the commands."""
    check = subparsers.add_parser("check", help="is dvc.lock up to date with code and parameters? exit 1 if not")
    check.add_argument("--rev", help="what is committed there; default: the working tree")
    check.set_defaults(run=_check)
    compare = subparsers.add_parser("compare", help="do the metrics here reproduce committed ones? exit 1 if not")
    compare.add_argument(
        "--against", required=True, metavar="dvc.lock|REV", help="dvc.lock: those of HEAD, as it names them"
    )
    compare.add_argument("--tolerance", action="append", default=[], metavar="X|NAME=X", help=TOLERANCE_HELP)
    compare.set_defaults(run=_compare)


def _check(arguments: argparse.Namespace) -> int:
    from lpr.review.staleness import find_stale, format_stale

    found = find_stale(arguments.rev)
    print(format_stale(found))
    return 1 if found.changed else 0


def _compare(arguments: argparse.Namespace) -> int:
    from lpr.review.reproduction import compare, format_comparison, parse_tolerances

    table, same = format_comparison(compare(arguments.against, parse_tolerances(arguments.tolerance)))
    print(table)
    return 0 if same else 1
