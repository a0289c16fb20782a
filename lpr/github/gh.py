"""Calls of `gh`, GitHub's command line, which takes its token from GH_TOKEN."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from lpr.base.errors import LprError


def gh(*arguments: str, text: str | None = None) -> str:
    """Run `gh` and return what it prints; `text` is its standard input. Raises LprError with its message."""
    try:
        done = subprocess.run(["gh", *arguments], input=text, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise LprError("gh: no such program; install GitHub's command line, see https://cli.github.com") from error
    if done.returncode:
        reason = (done.stderr.strip() or done.stdout.strip() or f"status {done.returncode}").splitlines()[-1]
        raise LprError(f"gh {' '.join(arguments[:2])}: {reason}")
    return done.stdout


def gh_json(*arguments: str) -> Any:
    """Run `gh` and return the JSON that it prints. Raises LprError."""
    return json.loads(gh(*arguments))
