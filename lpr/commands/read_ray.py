"""`lpr read PHOTO... --ray [ADDRESS] --out readings.parquet`: the same on a cluster."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from lpr.base.errors import LprError

_CUT_URL = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]+):/(?=[^/])")


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the option."""
    parser.add_argument(
        "--ray", metavar="ADDRESS", nargs="?", const="local",
        help="read on a Ray cluster, on this machine's cores without an address, and write Parquet to --out",
    )  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Read on the cluster; return 0, or 2 when a photo could not be read.

    Raises:
        LprError: no folder is named, or options are given that do not go with a cluster.
    """
    if arguments.out is None:
        raise LprError("--ray writes Parquet: name its folder, as --out readings.parquet")
    for name in ("json", "csv", "draw"):
        if getattr(arguments, name):
            raise LprError(f"--{name} does not go with --ray, which writes Parquet: leave one of them out")
    from lpr.batch.cluster import read_with_ray

    models = None if arguments.models is None else str(arguments.models.resolve())
    reader = {"models": models, "regions": arguments.region}
    photos, plates, failed = read_with_ray(
        [_place(photo) for photo in arguments.photos], _place(arguments.out), arguments.ray, arguments=reader
    )
    print(f"{arguments.out}: {photos} photos, {plates} plates, {failed} photos could not be read")
    return 2 if failed else 0


def _place(path: Path) -> str:
    """Return a path as a cluster's workers need it, or the URL that argparse made a path of."""
    if _CUT_URL.match(str(path)):
        return _CUT_URL.sub(r"\1://", str(path))
    return str(path.resolve())
