"""`lpr models card|ship`: what is known of models, and making the ones that travel with the package."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

NOTES = Path("docs/models.md")


def add(commands: Any) -> None:
    """Declare the commands within the group `models`."""
    card = commands.add_parser("card", help="print the models' card: data, metrics, limits, provenance")
    card.add_argument("--models", metavar="DIR", type=Path, help="default: the models that came with the package")
    card.set_defaults(run=_card)
    ship = commands.add_parser("ship", help="make the models that travel with the package out of a pipeline's")
    ship.add_argument("models", metavar="DIR", type=Path, help="the bundle that `dvc repro export` wrote")
    ship.add_argument("--evaluation", metavar="FILE", type=Path, required=True, help="report of `lpr evaluate --out`")
    ship.add_argument(
        "--notes", metavar="FILE", type=Path, default=NOTES,
        help="Markdown for the card: recipe, time, what they have never seen; default: %(default)s",
    )  # fmt: skip
    ship.add_argument(
        "--recipe", metavar="FILE", type=Path, help="keep the run's lock, parameters and metrics beside this recipe"
    )
    ship.add_argument("--into", metavar="DIR", type=Path, help="default: the package's own folder")
    ship.set_defaults(run=_ship)


def _card(arguments: argparse.Namespace) -> int:
    from lpr.inference.shipped import models_folder, read_card

    print(read_card(models_folder(arguments.models)), end="")
    return 0


def _ship(arguments: argparse.Namespace) -> int:
    from lpr.deployment.recipe_record import record_run
    from lpr.deployment.shipping import ship
    from lpr.inference.shipped import SHIPPED

    target = arguments.into or SHIPPED
    if arguments.recipe:
        # First: what refuses a run leaves the shipped models as they are.
        for path in record_run(arguments.recipe, arguments.models, arguments.models.parent):
            print(f"{path}: of the run that made them")
    size = ship(arguments.models, arguments.evaluation, arguments.notes, target)
    print(f"{target}: models of {size / 1e6:.1f} MB")
    return 0
