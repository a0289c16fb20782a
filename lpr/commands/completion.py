"""`lpr completion SHELL`: a script by which a shell completes this command's words."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from lpr.base.errors import LprError

SHELLS = ("bash", "zsh", "fish")


def adder(parser: Callable[[], argparse.ArgumentParser]) -> Callable[[Any], None]:
    """Return an `add(subparsers)` that declares the command for the parser that `parser` makes."""

    def add(subparsers: Any) -> None:
        command = subparsers.add_parser("completion", help="print a script by which a shell completes lpr's words")
        command.add_argument("shell", choices=SHELLS, help="source <(lpr completion bash), or into the shell's folder")
        command.set_defaults(run=lambda arguments: run(parser(), arguments.shell))

    return add


def run(parser: argparse.ArgumentParser, shell: str) -> int:
    """Print the script; file and folder names are completed where an option takes one. Returns 0."""
    try:
        import shtab
    except ImportError as error:
        raise LprError("completion needs the package shtab: pip install shtab") from error
    _complete_paths(parser, shtab)
    print(shtab.complete(parser, shell))
    return 0


def _complete_paths(parser: argparse.ArgumentParser, shtab: Any) -> None:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                _complete_paths(inner, shtab)
        elif action.metavar in ("FILE", "PHOTO", "RECIPE.yaml") or str(action.metavar).endswith(".yaml"):
            action.complete = shtab.FILE  # type: ignore[attr-defined]
        elif action.metavar == "DIR":
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
