"""What a session on Kaggle leaves, and how the next one goes on from it."""

from __future__ import annotations

import os
import platform
import re
import shutil
import tarfile
from importlib import metadata
from pathlib import Path

from lpr.base.errors import LprError
from lpr.base.files import atomic_path, sha256, write_json
from lpr.base.git import git
from lpr.kaggle.storage.dvc_files import cache_folder, data_objects, members_of, pack, stored, unpack
from lpr.records.record import load_record
from lpr.records.session import Environment, SessionRecord, SessionSettings, State

RECORD, OBJECTS, WORK, EXPERIMENTS = "session.json", "objects.tar", "work.tar", "experiments.bundle"
PLAIN = ("dvc.lock", "params.yaml", "results", "models")
"""Kept as they are, for people to look at; DVC's objects beside them are what `lpr kaggle fetch` uses."""
CHECKPOINTS = Path(".work/checkpoints")
_FOLDER = re.compile(r"\.work/checkpoints(/[\w-]{1,100})?/?")
_STATE = re.compile(r"\.work/checkpoints(/[\w-]{1,100})?/\w[\w.-]{0,99}")
_DATA_LIMIT = 2 << 30  # bytes of objects above which those of the data are left out: they can be made again


def keep(output: Path, settings: SessionSettings, state: State, status: int, seconds: int) -> None:
    """Write what a session leaves over what an earlier one left there; where there is a record, the rest is whole."""
    (output / RECORD).unlink(missing_ok=True)
    for name in PLAIN:
        source, target = Path(name), output / name
        shutil.rmtree(target, ignore_errors=True)
        if source.is_dir():
            shutil.copytree(source, target)
        elif source.is_file():
            shutil.copyfile(source, target)
    cache = cache_folder()
    names = stored(cache)
    without_data = False
    if sum((cache / name).stat().st_size for name in names) > _DATA_LIMIT:
        data = data_objects(Path("dvc.lock"), "fetch_data", cache)
        names, without_data = [name for name in names if name not in data], True
    pack(names, cache, output / OBJECTS)
    (output / WORK).unlink(missing_ok=True)
    if CHECKPOINTS.is_dir() and any(CHECKPOINTS.iterdir()):
        with tarfile.open(output / WORK, "w") as bundle:
            bundle.add(CHECKPOINTS, CHECKPOINTS.as_posix())
    _keep_experiments(output / EXPERIMENTS)
    kept = (output / name for name in (*PLAIN, OBJECTS, WORK, EXPERIMENTS))
    files = sorted(path for place in kept for path in (place, *place.rglob("*")) if path.is_file())
    record = SessionRecord(
        **settings.model_dump(exclude={"commit"}),
        commit=git("rev-parse", "HEAD"),
        state=state,
        status=status,
        seconds=seconds,
        without_data=without_data,
        environment=_environment(),
        files={path.relative_to(output).as_posix(): sha256(path) for path in files},
    )
    write_json(output / RECORD, record.model_dump(mode="json"))


def _keep_experiments(target: Path) -> None:
    target.unlink(missing_ok=True)
    refs = git("for-each-ref", "--format=%(refname)", "refs/exps").split()
    named = [ref for ref in refs if not ref.startswith(("refs/exps/exec", "refs/exps/celery", "refs/exps/stash"))]
    if named:
        git("bundle", "create", "--quiet", str(target.resolve()), *named, "^HEAD")


def attached(kernel: str) -> Path:
    """Return the folder in which the output of a kernel is attached. Raises LprError when it is not."""
    root = Path(os.environ.get("KAGGLE_INPUT_ROOT") or "/kaggle/input")
    passed_over = []
    for path in sorted(root.rglob(RECORD)):
        try:
            if load_record(path, SessionRecord, "not what this version leaves").kernel == kernel:
                return path.parent
        except LprError as error:  # another input's file of that name; or this kernel's, damaged
            passed_over.append(str(error))
    why = f"; passed over: {'; '.join(passed_over[:3])}" if passed_over else ""
    raise LprError(f"{root}: the output of {kernel} is not attached; add it as an input of this session{why}")


def restore(folder: Path) -> None:
    """Bring what a session left back into the working directory, a clone. Raises LprError for a damaged file."""
    # First what may be refused, so that nothing of the working tree is overwritten then.
    unpack(folder / OBJECTS, cache_folder())
    restore_checkpoints(folder / WORK)
    for name in ("dvc.lock", "params.yaml"):
        if (folder / name).is_file():
            shutil.copyfile(folder / name, name)
    if (folder / "results").is_dir():
        shutil.copytree(folder / "results", "results", dirs_exist_ok=True)


def restore_checkpoints(archive: Path) -> None:
    """Bring states of unfinished trainings back. Raises LprError if the archive holds anything else."""
    if not archive.is_file():
        return
    with members_of(archive) as members:
        for member, stream in members:
            if stream is None and member.isdir() and _FOLDER.fullmatch(member.name):
                continue
            if stream is None or not _STATE.fullmatch(member.name):
                raise LprError(f"{archive}: refused, {member.name!r} is no checkpoint; do not trust this file")
            try:
                with atomic_path(member.name) as temporary, temporary.open("wb") as sink:
                    shutil.copyfileobj(stream, sink)
            except OSError as error:
                raise LprError(f"{member.name}: cannot be written ({error.strerror})") from error


def _environment() -> Environment:
    date = Path("/etc/build_date")
    return Environment(
        python=platform.python_version(),
        image_date=os.environ.get("BUILD_DATE") or (date.read_text().strip() if date.is_file() else None),
        machine=platform.platform(),
        # A damaged installation has a package without a name or a version; no session is lost by it.
        packages=dict(sorted((str(d.metadata["Name"]), str(d.version)) for d in metadata.distributions())),
    )
