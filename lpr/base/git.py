"""The git repository in the working directory, or in another folder."""

from __future__ import annotations

import subprocess
from pathlib import Path

from lpr.base.errors import LprError


def run_git(*arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run git and return what it printed and its status, whatever that is. Raises LprError where there is no git."""
    try:
        return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=False)
    except FileNotFoundError as error:
        raise LprError("git: no such program; install it") from error


def git(*arguments: str, otherwise: str | None = None, folder: Path | None = None) -> str:
    """Run git and return what it prints, without the last line's end.

    Args:
        arguments: of git.
        otherwise: the error when git fails; by default the last line of what git says.
        folder: to run in; by default the working directory.

    Raises:
        LprError: git fails, or there is none.
    """
    done = run_git(*arguments, folder=folder)
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise LprError(otherwise or f"git {' '.join(arguments[:2])}: {''.join(said) or 'failed'}")
    return done.stdout.decode("utf-8", "replace").rstrip("\n")
