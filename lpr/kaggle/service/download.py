"""Versions of datasets in a local cache, each a folder that is whole or absent."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from lpr.base.errors import LprError
from lpr.base.files import write_json
from lpr.kaggle.service.archive import BadArchiveError, compare_files, extract
from lpr.kaggle.service.client import Client
from lpr.kaggle.service.references import Reference
from lpr.kaggle.service.transfer import fetch
from lpr.records.record import Record

_MARGIN = 64 << 20  # bytes of disk to leave free


class CachedVersion(Record):
    """What is written beside a version that came whole: its files' sizes in bytes by name, and Kaggle's licence."""

    licence: str | None = None
    files: dict[str, int]


def cache_root() -> Path:
    """`$LPR_CACHE`, else `lpr` in the user's cache folder."""
    if folder := os.environ.get("LPR_CACHE"):
        return Path(folder)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lpr"


def cached(reference: Reference) -> Path | None:
    """The folder of a version downloaded before, if it is still as it came; `reference` must name a version."""
    folder = _folder(reference)
    record = _read_record(folder)
    return folder if record and record.files and not compare_files(files_below(folder), record.files) else None


def cached_licence(reference: Reference) -> str | None:
    """What Kaggle called the licence of a version in the cache, if it named one."""
    record = _read_record(_folder(reference))
    return record.licence if record else None


def newest_cached(dataset: Reference) -> Reference | None:
    """The highest version in the cache."""
    parent = _folder(dataset.at(1)).parent
    versions = sorted((int(path.name) for path in parent.glob("*") if path.name.isdigit()), reverse=True)
    return next((dataset.at(number) for number in versions if cached(dataset.at(number))), None)


def download(client: Client, reference: Reference) -> Path:
    """Bring a version, which `reference` must name, into the cache and return its folder.

    Raises:
        KaggleError: the service refuses, or cannot be reached. What has come is kept for the next run.
        LprError: no room, a damaged or hostile archive, contents other than listed. Nothing is left of those.
    """
    folder = _folder(reference)
    with locked(folder):
        if cached(reference) is not None:
            return folder
        shutil.rmtree(folder, ignore_errors=True)
        listed, licence = client.files(reference), client.licence(reference)
        archive = folder.with_name(folder.name + ".zip")
        for last in (False, True):
            if not archive.is_file():
                _fetch(client, reference, archive, sum(listed.values()))
            try:
                extract(archive, folder, listed, str(reference))
                break
            except BadArchiveError as error:
                archive.unlink()
                if last:
                    raise LprError(
                        f"{error}, twice; report it to the dataset's owner, or run it again later"
                    ) from error
                print(f"{error}; downloading it once more")
        write_json(_record_of(folder), CachedVersion(licence=licence, files=listed).model_dump())
        archive.unlink()
        return folder


def files_below(folder: Path) -> dict[str, int]:
    """Names relative to a folder, with `/`, and sizes in bytes of all files in it."""
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in folder.rglob("*") if path.is_file()}


def _fetch(client: Client, reference: Reference, archive: Path, inflated: int) -> None:
    def check_room(packed: int) -> None:
        free = shutil.disk_usage(archive.parent).free
        if packed + inflated + _MARGIN > free:
            raise LprError(
                f"{archive.parent}: {reference} needs {(packed + inflated) / 1e9:.2f} GB and {free / 1e9:.2f} GB are "
                "free; free some, or set LPR_CACHE to a folder on a larger disk"
            )

    archive.parent.mkdir(parents=True, exist_ok=True)
    # Before anything is asked for: the list alone may tell that it cannot fit.
    check_room(0)
    fetch(lambda: client.open_download(reference), archive, f"downloading {reference}", client.policy, check_room)


def _folder(reference: Reference) -> Path:
    return cache_root() / "kaggle" / reference.owner / reference.slug / str(reference.version)


def _record_of(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.files.json")


def _read_record(folder: Path) -> CachedVersion | None:
    try:
        return CachedVersion.model_validate_json(_record_of(folder).read_bytes(), strict=True)
    except (OSError, ValidationError):
        return None


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Let one process at a time work on a path; the lock goes with the process that holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f".{path.name}.lock").open("w") as handle:
        _lock(handle)
        yield


def _lock(handle: Any) -> None:
    try:
        import fcntl
    except ImportError:
        # Windows: two downloads of one version at one time would spoil each other; their archive's test tells.
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("another process is at work on this; waiting for it", file=sys.stderr, flush=True)
        fcntl.flock(handle, fcntl.LOCK_EX)
