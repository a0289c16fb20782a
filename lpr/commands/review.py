"""`lpr check|compare|report|report-check`: what a reviewer asks of a change."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any


def add(subparsers: Any) -> None:
    """Declare the commands."""
    check = subparsers.add_parser("check", help="is dvc.lock up to date with code and parameters? exit 1 if not")
    check.add_argument("--rev", help="what is committed there; default: the working tree")
    check.add_argument("--cache", action="store_true", help="instead: is DVC's cache whole, byte for byte?")
    check.set_defaults(run=_check)
    compare = subparsers.add_parser("compare", help="do the metrics here reproduce committed ones? exit 1 if not")
    against = "those of a revision, or, as dvc.lock, of HEAD"
    compare.add_argument("--against", required=True, metavar="dvc.lock|REV", help=against)
    most = "largest difference that counts as the same: of all metrics, or of one or its section; "
    most += "default: 0.01, and two plates in any case"
    compare.add_argument("--tolerance", action="append", default=[], metavar="X|NAME=X", help=most)
    compare.set_defaults(run=_compare)
    report = subparsers.add_parser(
        "report", help="what differs from a revision; exit 1 when a file that it needs is missing"
    )
    report.add_argument("--base", default="main", metavar="REV", help="default: %(default)s")
    report.add_argument("--out", default="-", metavar="FILE.md", help="default: print it")
    report.add_argument("--html", metavar="DIR", type=Path, help="write it as a page too, DIR/index.html")
    report.set_defaults(run=_report)
    artifact = subparsers.add_parser("report-check", help="check a report that a fork may have written; exit 1 if bad")
    artifact.add_argument("folder", metavar="DIR", type=Path, help="with report.md and pr.json")
    artifact.add_argument("--run-sha", metavar="SHA", required=True, help="head commit of the run that left it")
    artifact.set_defaults(run=_report_check)


def _check(arguments: argparse.Namespace) -> int:
    if arguments.cache:
        from lpr.review.cache import find_damaged, format_damaged

        damaged = find_damaged()
        print(format_damaged(damaged))
        return 1 if damaged else 0
    from lpr.review.shipped import format_shipped
    from lpr.review.staleness import find_stale, format_stale

    found = find_stale(arguments.rev)
    print(format_stale(found))
    if not arguments.rev and (line := format_shipped()):
        print(line)
    return 1 if found.changed else 0


def _compare(arguments: argparse.Namespace) -> int:
    from lpr.review.reproduction import compare, format_comparison, parse_tolerances

    table, same = format_comparison(compare(arguments.against, parse_tolerances(arguments.tolerance)))
    print(table)
    return 0 if same else 1


def _report(arguments: argparse.Namespace) -> int:
    from lpr.base.files import write_text
    from lpr.review import markdown, page
    from lpr.review.document import Code, Drawing, Readings
    from lpr.review.report import make_report

    sections, missing = make_report(arguments.base)
    if arguments.html:
        path = arguments.html / "index.html"
        write_text(path, page.render(sections))
        if any(isinstance(block, (Readings, Drawing)) for section in sections for block in section.blocks):
            # GitHub shows neither pictures nor drawings of a comment's own.
            sections[0].say(
                "Changed readings with pictures, and curves, on a page that CI keeps as an artifact:", Code(str(path))
            )
    text = markdown.render(sections)
    if arguments.out == "-":
        print(text, end="")
    else:
        write_text(arguments.out, text)
    for name in missing:
        print(f"error: {name}: no such file; run `dvc repro`, and commit what it writes", file=sys.stderr)
    return 1 if missing else 0


def _report_check(arguments: argparse.Namespace) -> int:
    from lpr.review.artifact import check

    faults = check(arguments.folder, arguments.run_sha)
    for fault in faults:
        print(f"FAIL  {fault}")
    print("the report was refused" if faults else "nothing but a report")
    return 1 if faults else 0
