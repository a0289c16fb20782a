"""`lpr gates`: the verdict on the models."""

from __future__ import annotations

import argparse
from typing import Any


def add(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("gates", help="print the verdict of each gate; exit 1 when one is not met")
    parser.add_argument("--file", default="results/evaluate/gates.json", help="default: %(default)s")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the table of gates; return 0 when all are met, else 1."""
    from lpr.records.gates_file import report

    table, passed = report(arguments.file)
    print(table)
    return 0 if passed else 1
