"""`lpr models list|get|rollback`: the published versions of the models."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add(subparsers: Any) -> None:
    """Declare the commands."""
    group = subparsers.add_parser("models", help="list, fetch and roll back published models")
    commands = group.add_subparsers(metavar="COMMAND", required=True)
    for name, run, text in (
        ("list", _list, "show all published versions"),
        ("get", _get, "fetch a version and compare it with its published hashes"),
        ("rollback", _rollback, "publish an older version's content as a new version"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("--dataset", metavar="OWNER/SLUG", help="default: publish.dataset of params.yaml")
        if name == "get":
            command.add_argument("version", nargs="?", default="latest", help="v1.1, or latest (the default)")
            command.add_argument("--into", metavar="DIR", type=Path, default=Path("models"), help="default: models")
        if name == "rollback":
            command.add_argument("version", help="v1.1")
        command.set_defaults(run=run)


def _open(arguments: argparse.Namespace) -> Any:
    from lpr.kaggle.models import KaggleModels
    from lpr.params import load_params

    return KaggleModels(arguments.dataset or load_params().publish.dataset)


def _list(arguments: argparse.Namespace) -> int:
    target = _open(arguments)
    versions = target.versions()
    for models in versions:
        print(f"{models.reference.version:>4}  {models.message}{'' if models.whole else '  (not whole: not used)'}")
    if not versions:
        print(f"{target.dataset.dataset}: no models are published there")
    return 0


def _get(arguments: argparse.Namespace) -> int:
    models = _open(arguments).get(arguments.version, arguments.into)
    print(f"{models.message}\n{models.reference} is in {arguments.into}")
    return 0


def _rollback(arguments: argparse.Namespace) -> int:
    models = _open(arguments).rollback(arguments.version)
    print(f"published {models.message}: {models.reference.url}")
    return 0
