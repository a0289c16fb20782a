"""`lpr models list|get|committed|rollback|verify|bundle`: the published models, and what is done with a version."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from lpr.commands import shipped

COMMITTED, SHIPPED = "committed", "shipped"
RECEIPT = Path("results/publish/receipt.json")
VERSIONS = (
    f"v1.1, {COMMITTED} (of this commit's receipt), latest (the default), or {SHIPPED} (those that came with lpr)"
)


def add(subparsers: Any) -> None:
    """Declare the commands."""
    group = subparsers.add_parser(
        "models", help="list, fetch and roll back the models published on Kaggle; bundle, ship and verify models"
    )
    commands = group.add_subparsers(metavar="COMMAND", required=True)
    for name, run, text in (
        ("list", _list, "show all published versions"),
        ("get", _get, "fetch a version and compare it with its published hashes"),
        ("rollback", _rollback, "publish an older version's content as a new version"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("--dataset", metavar="OWNER/SLUG", help="default: publish.dataset of params.yaml")
        if name == "list":
            command.add_argument("--json", action="store_true", help="print one JSON object a version and line")
        if name == "get":
            command.add_argument("version", nargs="?", default="latest", help=VERSIONS)
            command.add_argument("--into", metavar="DIR", type=Path, default=Path("models"), help="default: models")
        if name == "rollback":
            command.add_argument("version", help="the version to go back to, such as v1.1")
        command.set_defaults(run=run)
    committed = commands.add_parser(
        "committed", help="tell which published version belongs to this commit; exit 1 if none does"
    )
    committed.add_argument("--json", action="store_true", help="print one JSON object: version (or null), note")
    committed.set_defaults(run=_committed)
    verify = commands.add_parser("verify", help="check hashes and origin of fetched models; exit 1 if one is not right")
    verify.set_defaults(run=_verify)
    bundle = commands.add_parser("bundle", help="pack fetched and evaluated models for deployment")
    bundle.add_argument("--out", metavar="DIR", type=Path, required=True, help="folder for the archive and its gates")
    bundle.set_defaults(run=_bundle)
    shipped.add(commands)
    for command in (verify, bundle):
        command.add_argument("--models", metavar="DIR", type=Path, default=Path("models"), help="default: %(default)s")


def _open(arguments: argparse.Namespace) -> Any:
    from lpr.publishing.kaggle_target import KaggleTarget
    from lpr.records.params import load_params

    return KaggleTarget(arguments.dataset or load_params().publish.dataset)


def _list(arguments: argparse.Namespace) -> int:
    from lpr.publishing.published_models import list_models

    target = _open(arguments)
    versions = list_models(target)
    for models in versions:
        record = models.record
        if arguments.json:
            numbered = {"version": record.version, "number": models.number, "message": record.message}
            print(json.dumps({**numbered, "whole": models.whole, **record.model_dump(exclude={"version", "message"})}))
            continue
        print(f"{models.number:>4}  {record.message}{'' if models.whole else '  (not whole: not used)'}")
    if not versions and not arguments.json:
        print(f"{target.dataset}: no models are published there")
    return 0


def _get(arguments: argparse.Namespace) -> int:
    from lpr.deployment.committed import get_committed, get_shipped
    from lpr.deployment.fetched import note_version
    from lpr.publishing.published_models import get_models

    if arguments.version == SHIPPED:
        get_shipped(arguments.into)
        print(f"the shipped models are in {arguments.into}")
        return 0
    if arguments.version == COMMITTED:
        models = get_committed(RECEIPT, arguments.into)
    else:
        models = get_models(_open(arguments), arguments.version, arguments.into)
    note_version(arguments.into, models.record.version, models.record.message, models.content)
    print(f"{models.record.message}\n{models.reference} is in {arguments.into}")
    return 0


def _committed(arguments: argparse.Namespace) -> int:
    from lpr.deployment.committed import NothingPublishedError, committed_publication

    try:
        record = committed_publication(RECEIPT)
    except NothingPublishedError as error:
        version, note = None, str(error)
    else:
        version, note = record.version, f"`{record.dataset}`, {record.version}: {record.message}"
    print(json.dumps({"version": version, "note": note}) if arguments.json else note)
    return 1 if version is None else 0


def _rollback(arguments: argparse.Namespace) -> int:
    from lpr.publishing.published_models import rollback

    models = rollback(_open(arguments), arguments.version)
    print(f"published {models.record.message}: {models.where}")
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    from lpr.deployment.verification import verify

    faults = verify(arguments.models)
    for fault in faults:
        print(f"FAIL  {fault}")
    if not faults:
        print(f"{arguments.models}: the files are those recorded, made by a commit of this history")
    return 1 if faults else 0


def _bundle(arguments: argparse.Namespace) -> int:
    from lpr.deployment.bundle import write_bundle

    bundle = write_bundle(arguments.models, Path("results/evaluate"), arguments.out)
    print(f"{bundle.archive} holds models {bundle.version}, SHA-256 {bundle.sha256}")
    return 0
