"""`lpr serve`: read plates over HTTP, with a page at `/`."""

from __future__ import annotations

import argparse
import os
from typing import Any

from lpr.base.errors import LprError

TOKEN = "LPR_SERVE_TOKEN"
_HOST, _PORT, _FOLLOW = "127.0.0.1", 8000, 60.0


def add(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "serve",
        help="read plates over HTTP, with a page to drop photos on",
        epilog=f"With {TOKEN} in the environment, requests need that bearer token. SIGHUP looks for newer models, "
        "SIGTERM answers what is in hand and ends.",
    )
    parser.add_argument(
        "--models", metavar="WHERE",
        help="a folder, `registry`, registry:DIR or kaggle:OWNER/SLUG, the last two with /v1.2 for one version; "
        "default: the ones that came with the package",
    )  # fmt: skip
    parser.add_argument("--host", default=_HOST, help="default: %(default)s, this machine alone; 0.0.0.0: everybody")
    parser.add_argument("--port", type=int, default=_PORT, help="0: a free one; default: %(default)s")
    parser.add_argument(
        "--follow", metavar="SECONDS", type=float, nargs="?", const=_FOLLOW,
        help="look for newer models that often; without a number every %(const)g",
    )  # fmt: skip
    parser.add_argument("--threads", type=int, help="of the models; default: every core")
    for name, default, what in (
        ("megabytes", 32, "of a request"),
        ("megapixels", 50, "of a photo"),
        ("photos", 16, "of a request"),
        ("queue", 128, "photos that wait or are being read"),
        ("seconds", 30, "to send a request, and to answer it"),
    ):
        parser.add_argument(f"--max-{name}", metavar="N", type=int, default=default, help=f"{what}; default: {default}")
    parser.add_argument("--log-plates", action="store_true", help="write what is read into the log")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve until told to stop; return 0."""
    try:
        from lpr.serve.server import Settings, serve
    except ModuleNotFoundError as error:
        raise LprError(f"lpr serve needs the module {error.name}; pip install '.[serve]'") from error
    from lpr.serve.limits import Limits

    if arguments.follow is not None and not arguments.follow > 0:
        raise LprError(f"--follow is {arguments.follow:g}: seconds above 0")
    token = os.environ.get(TOKEN)
    if token is not None and not token.strip():
        raise LprError(f"{TOKEN} is empty: give it a token, or unset it")
    names = ("megabytes", "megapixels", "photos", "queue", "seconds")
    limits = Limits(**{name: getattr(arguments, f"max_{name}") for name in names})
    return serve(
        Settings(
            models=arguments.models,
            host=arguments.host,
            port=arguments.port,
            follow=arguments.follow,
            threads=arguments.threads,
            token=token,
            log_plates=arguments.log_plates,
            limits=limits,
        )
    )
