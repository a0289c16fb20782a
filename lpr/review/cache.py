"""Whether DVC's cache, and what was taken out of it, still are what dvc.lock names, byte for byte.

DVC believes the names of the objects in its cache as long as they are read-only, and what it has checked out until a
time or size changes: it puts an object that somebody changed into the working tree, and says that all is up to date.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lpr.base.hashes import md5
from lpr.review.dvc_repo import open_repo


def find_damaged() -> list[Path]:
    """Return the objects of DVC's cache, and the files that it has checked out, that are not what dvc.lock names.

    What is not there is not damaged.

    Raises:
        LprError: no DVC repository here, or dvc.yaml or dvc.lock cannot be read.
    """
    with open_repo() as repo:
        outs = [out for stage in repo.index.stages for out in stage.outs if out.use_cache and out.hash_info]
        wanted = {path: digest for out in outs for path, digest in _named(repo, out)}
    damaged = (path for path, digest in wanted.items() if path.is_file() and md5(path) != digest)
    return sorted(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path for path in damaged)


def format_damaged(damaged: list[Path]) -> str:
    """Return the verdict for people, with the command that mends it in the last line."""
    if not damaged:
        return "DVC's cache and what it has checked out are what dvc.lock names"
    lines = [f"{path}: changed since DVC stored it" for path in damaged]
    mend = shlex.join(["rm", "-f", *map(str, damaged)])
    return "\n".join([*lines, f"remove them, and what is missing is made anew: {mend} && dvc repro"])


def _named(repo: Any, out: Any) -> Iterator[tuple[Path, str]]:
    """Yield each file of an output, in the cache and in the working tree, and the MD5 that dvc.lock gives it."""
    digest = str(out.hash_info.value)
    stored, here = Path(repo.cache.local.oid_to_path(digest)), Path(out.fs_path)
    yield stored, digest.removesuffix(".dir")
    if not digest.endswith(".dir"):
        yield here, digest
        return
    try:
        entries = {entry["relpath"]: entry["md5"] for entry in json.loads(stored.read_bytes())}
    except (OSError, ValueError, KeyError, TypeError):  # not there, or damaged and told of already
        return
    for name, value in entries.items():
        yield Path(repo.cache.local.oid_to_path(value)), value
        yield here / name, value
