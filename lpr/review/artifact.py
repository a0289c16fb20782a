"""The artifact that a pull request's run leaves: whoever opened the pull request may have written all of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lpr.base.errors import LprError
from lpr.review import markdown

REPORT, PULL_REQUEST = "report.md", "pr.json"
LARGEST = {REPORT: 4 * markdown.LONGEST, PULL_REQUEST: 1000, "html/index.html": 4_000_000}
"""The files that an artifact may hold, and their largest sizes in bytes. Nobody posts the page."""
_FIELDS = {"number", "sha"}
_SHA = re.compile(r"[0-9a-f]{40}")


def check(folder: Path, run_sha: str) -> list[str]:
    """Return why an artifact cannot be trusted, one line a fault; [] where it can be posted.

    Args:
        folder: where it was unpacked.
        run_sha: head commit of the run that left it, as GitHub says.

    Raises:
        LprError: no such folder, or `run_sha` is no full commit hash.
    """
    if not folder.is_dir():
        raise LprError(f"{folder}: no such folder")
    if not _SHA.fullmatch(run_sha):
        raise LprError(f"--run-sha {run_sha}: should be the 40 hexadecimal digits of a commit")
    # What is no plain file of a known size is not even read.
    return list(_files(folder)) or [*_report(folder / REPORT), *_pull_request(folder / PULL_REQUEST, run_sha)]


def _files(folder: Path) -> Iterator[str]:
    known = {*LARGEST, *(parent.as_posix() for name in LARGEST for parent in Path(name).parents)}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name not in known:
            yield f"{name!r}: no report holds such a file"
        elif path.is_symlink() or not (path.is_dir() if name not in LARGEST else path.is_file()):
            yield f"{name}: not a plain file"
        elif name in LARGEST and path.stat().st_size > LARGEST[name]:
            yield f"{name}: {path.stat().st_size} bytes, more than {LARGEST[name]}"
    yield from (f"{name}: missing" for name in (REPORT, PULL_REQUEST) if not (folder / name).exists())


def _report(path: Path) -> list[str]:
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return [f"{path.name}: not UTF-8"]
    if not text.strip():
        return [f"{path.name}: empty"]
    return [f"{path.name}: {fault}" for fault in markdown.faults(text)]


def _pull_request(path: Path, run_sha: str) -> Iterator[str]:
    try:
        value: Any = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict) or set(value) != _FIELDS:
        yield f'{path.name}: should be {{"number": 1, "sha": "..."}}, the pull request and its head commit'
        return
    if type(value["number"]) is not int or not 0 < value["number"] < 1 << 31:
        yield f"{path.name}: number should be that of a pull request"
    if not isinstance(value["sha"], str) or not _SHA.fullmatch(value["sha"]):
        yield f"{path.name}: sha should be the 40 hexadecimal digits of a commit"
    elif value["sha"] != run_sha:
        yield f"{path.name}: it is about commit {value['sha'][:12]}, and the run that left it was of {run_sha[:12]}"
