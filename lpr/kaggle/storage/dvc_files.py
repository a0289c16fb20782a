"""DVC's cache as plain files: objects named by their MD5, and the run-cache."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from lpr.base.errors import LprError
from lpr.base.files import atomic_path
from lpr.base.hashes import md5

_OBJECT = re.compile(r"files/md5/([0-9a-f]{2})/([0-9a-f]{30})(\.dir)?")
_RUN = re.compile(r"runs/[0-9a-f]{2}/[0-9a-f]{64}/[0-9a-f]{64}")


def run_dvc(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run DVC in this environment and return what it says. Raises LprError when it fails."""
    environment = {**os.environ, "DVC_NO_ANALYTICS": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "dvc", *arguments], capture_output=True, text=True, env=environment, check=False
    )
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise LprError(f"dvc {' '.join(arguments)}: {''.join(said) or 'failed'}")
    return done


def dvc_config() -> dict[str, Any]:
    """DVC's settings of all levels in the working directory, a repository's root; paths in them are resolved.

    Raises:
        LprError: the working directory is no DVC repository, or its settings are wrong.
    """
    # Read in this process: starting DVC takes longer than all else here.
    from dvc.config import Config  # type: ignore[import-untyped]
    from dvc.exceptions import DvcException  # type: ignore[import-untyped]

    if not Path(".dvc").is_dir():
        raise LprError("no DVC repository here; run from the repository's root")
    try:
        return dict(Config(str(Path(".dvc").resolve())))
    except DvcException as error:
        raise LprError(f".dvc/config: {error}") from error


def cache_folder() -> Path:
    """DVC's cache of the repository in the working directory."""
    return Path(str(dvc_config().get("cache", {}).get("dir") or ".dvc/cache"))


def stored(folder: Path) -> list[str]:
    """Names, relative to a cache or a local remote, of all its objects and runs, sorted."""
    names = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in names if is_stored_name(name))


def is_stored_name(name: str) -> bool:
    """Whether DVC gives such a name to an object or a run."""
    return bool(_OBJECT.fullmatch(name) or _RUN.fullmatch(name))


def data_objects(lock: Path, stage: str, cache: Path) -> set[str]:
    """Names of the objects that a stage of dvc.lock made."""
    stages = (_yaml(lock) if lock.is_file() else {}).get("stages", {})
    return _objects_of(stages.get(stage, {}), cache)


def complete_runs(folder: Path, source: Path, target: Path, paths: Container[str] | None = None) -> int:
    """Add the objects of runs to a cache or a local remote, from another one that has them.

    DVC leaves outs that are in git (metrics, plots) behind: `dvc push --run-cache` does not send them, `dvc pull
    --run-cache` does not bring them, and a run without them is not taken from the run-cache.

    Args:
        folder: of the runs.
        source: where objects are.
        target: where they are missing.
        paths: the outs whose objects are added; all if None.

    Returns:
        How many objects were added.
    """
    count = 0
    for name in stored(folder):
        if not name.startswith("runs/"):
            continue
        for wanted in sorted(_objects_of(_yaml(folder / name), source, paths)):
            if not (target / wanted).is_file() and (source / wanted).is_file():
                with (source / wanted).open("rb") as stream:
                    count += store(stream, wanted, target)
    return count


def outs_in_git() -> set[str]:
    """Paths of the outs, metrics and plots in dvc.yaml that DVC does not cache."""
    found: set[str] = set()
    for stage in _yaml(Path("dvc.yaml")).get("stages", {}).values():
        for entry in (entry for key in ("outs", "metrics", "plots") for entry in stage.get(key) or []):
            if isinstance(entry, dict):
                found |= {path for path, options in entry.items() if (options or {}).get("cache") is False}
    return found


def _objects_of(stage: Mapping[str, Any], cache: Path, paths: Container[str] | None = None) -> set[str]:
    found: set[str] = set()
    for out in stage.get("outs") or []:
        if paths is not None and out.get("path") not in paths:
            continue
        name = _name(str(out.get("md5", "")))
        found.add(name)
        listing = cache / name
        if name.endswith(".dir") and listing.is_file():
            found |= {_name(entry["md5"]) for entry in json.loads(listing.read_text(encoding="utf-8"))}
    return {name for name in found if is_stored_name(name)}


def _yaml(path: Path) -> dict[str, Any]:
    import yaml

    value = yaml.safe_load(path.read_text(encoding="utf-8"))
    return value if isinstance(value, dict) else {}


def pack(names: Iterable[str], folder: Path, target: Path) -> None:
    """Write the named files of a cache into a tar file; the same files give the same bytes."""
    with tarfile.open(target, "w") as bundle:
        for name in names:
            with (folder / name).open("rb") as source:
                member = tarfile.TarInfo(name)
                member.size = os.fstat(source.fileno()).st_size
                bundle.addfile(member, source)


def unpack(archive: Path, folder: Path) -> int:
    """Add a tar file's objects and runs to a cache; what is there stays. Returns how many were new.

    Raises:
        LprError: a member has no name of DVC's, or an object's bytes do not have the MD5 of its name.
    """
    count = 0
    with members_of(archive) as members:
        for member, stream in members:
            if stream is None or not is_stored_name(member.name):
                raise LprError(f"{archive}: refused, {member.name!r} is nothing of DVC's; do not trust this file")
            count += store(stream, member.name, folder)
    return count


@contextmanager
def members_of(archive: Path) -> Iterator[Iterator[tuple[tarfile.TarInfo, IO[bytes] | None]]]:
    """Open a plain tar file and yield its members, each with the stream of a file's bytes.

    Raises:
        LprError: it is none, or it turns out to be damaged while it is read.
    """
    try:
        with tarfile.open(archive, "r:") as bundle:  # nothing compressed: we write none, and little makes much
            yield _members(bundle, archive)
    except (tarfile.TarError, EOFError, ValueError, OverflowError, RecursionError) as error:
        raise LprError(f"{archive}: damaged, or no tar file ({error}); fetch it again") from error


def _members(bundle: tarfile.TarFile, archive: Path) -> Iterator[tuple[tarfile.TarInfo, IO[bytes] | None]]:
    end = 0
    for member in bundle:
        # A negative size leads back to where we have been; a sparse file's bytes are not in the archive.
        if member.offset_data < end or member.size < 0 or member.issparse():
            raise LprError(f"{archive}: refused, the size of {member.name!r} is impossible")
        end = member.offset_data
        yield member, bundle.extractfile(member) if member.isreg() else None


def store(stream: IO[bytes], name: str, folder: Path) -> bool:
    """Add one object or run to a cache, unless it is there. Raises LprError if its bytes are not those of its name."""
    target = folder / name
    if target.is_file():
        return False
    with atomic_path(target) as temporary:
        with temporary.open("wb") as sink:
            shutil.copyfileobj(stream, sink, 1 << 20)
        match = _OBJECT.fullmatch(name)
        if match and md5(temporary) != match[1] + match[2]:
            raise LprError(f"{name}: other bytes than its name says; the archive it came from is damaged")
    if match:
        # As DVC leaves its objects: they may be linked into the working tree.
        target.chmod(0o444)
    return True


def _name(digest: str) -> str:
    return f"files/md5/{digest[:2]}/{digest[2:]}"
