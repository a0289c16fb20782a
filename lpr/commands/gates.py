"""`lpr gates`: the verdict on the models."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

_FILE = "results/evaluate/gates.json"


def add(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "gates", help="print the verdict of each gate; exit 1 if one is not met, 2 if it is not about the models here"
    )
    parser.add_argument("--file", default=_FILE, help="default: %(default)s")
    parser.add_argument(
        "--models",
        metavar="DIR",
        type=Path,
        help="the models that the gates must be about; default: models, unless --file is given",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object: passed, gates")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the table of gates; return 0 when all are met, else 1."""
    from lpr.records.gates_table import as_json, report
    from lpr.review.belonging import require_own_results

    models = arguments.models or (Path("models") if arguments.file == _FILE else None)
    if models is not None:
        require_own_results(Path(arguments.file), models)
    table, passed = report(arguments.file)
    print(as_json(arguments.file) if arguments.json else table)
    return 0 if passed else 1
