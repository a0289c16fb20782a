"""The `lpr` command. Each group of commands is a module of `lpr.commands`; what is heavy is imported when it runs."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from lpr import __version__
from lpr.base import console
from lpr.commands import completion, data, evaluate, gates, github, kaggle, models, params, probe, read, review, serve

GROUPS = (read, serve, evaluate, probe, gates, review, data, params, models, kaggle, github)
"""Modules whose `add(subparsers)` adds their commands, in the order of the help."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and exit with its status: 0 done, 1 a verdict against, 2 something that the user can mend.

    Args:
        arguments: the command line's words; None: those of this process, which is then the command's alone.
    """
    # File names need not be valid text, and a terminal need not know every letter: neither is a reason to stop.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    parsed = _parser().parse_args(arguments)
    # A command that leaves loads much, computes little and starts no process: it is quick if it begins and ends so.
    leaves = arguments is None and getattr(parsed, "leaves", False)
    if leaves:
        # numpy's matrix products, of which reading has none to speak of, would start threads of their own.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        console.run(lambda: parsed.run(parsed))
    except SystemExit as ending:
        if leaves:
            console.leave(ending.code)
        raise


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lpr",
        description="License plate recognition: read photos, serve, judge models, prepare data, train on Kaggle.",
    )
    parser.add_argument("--version", action="version", version=f"lpr {__version__}")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for group in GROUPS:
        group.add(subparsers)
    completion.adder(_parser)(subparsers)
    return parser
