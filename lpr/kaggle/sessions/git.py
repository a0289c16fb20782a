"""Git, as far as sessions need it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from lpr.base.errors import LprError


def git(*arguments: str, otherwise: str | None = None, folder: Path | None = None) -> str:
    """Run git and return what it prints, without the last line's end.

    Args:
        arguments: of git.
        otherwise: the error when git fails; by default the last line of what git says.
        folder: to run in; by default the working directory.

    Raises:
        LprError: git fails.
    """
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LprError(otherwise or f"git {' '.join(arguments[:2])}: {''.join(done.stderr.strip().splitlines()[-1:])}")
    return done.stdout.rstrip("\n")
