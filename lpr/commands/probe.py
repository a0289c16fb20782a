"""`lpr probe`: whether models load and keep their contract."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("probe", help="load the models and check shapes, decoding and repeatability")
    parser.add_argument("--models", metavar="DIR", type=Path, default=Path("models"), help="default: %(default)s")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print each check; return 0 when all hold, else 1."""
    import time

    from lpr.assessment.probe import probe

    start = time.perf_counter()
    failed = 0
    for check in probe(arguments.models):
        print(f"{'ok' if check.passed else 'FAIL':<4}  {check.name:<16} {check.detail}")
        failed += not check.passed
    verdict = f"{failed} checks failed" if failed else f"{arguments.models} works"
    print(f"{verdict} ({time.perf_counter() - start:.1f} s)")
    return 1 if failed else 0
