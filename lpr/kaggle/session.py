"""A session on Kaggle: run the pipeline until it is done or the time is up, and leave what is worth keeping.

`python -m lpr.kaggle.session [--settings JSON] [--until STAGE] [OUTPUT]` in a clone; OUTPUT is by default
`KAGGLE_OUTPUT_PATH`, else `/kaggle/working`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
import time
from importlib import metadata
from pathlib import Path
from typing import Any

from lpr.base import console
from lpr.base.errors import LprError
from lpr.base.files import atomic_path, sha256, write_json
from lpr.base.git import git
from lpr.kaggle.sessions.stop import watch
from lpr.kaggle.storage.dvc_files import cache_folder, data_objects, members_of, pack, stored, unpack

RECORD, OBJECTS, WORK, EXPERIMENTS = "session.json", "objects.tar", "work.tar", "experiments.bundle"
PLAIN = ("dvc.lock", "params.yaml", "results", "models")
"""Kept as they are, for people to look at; DVC's objects beside them are what `lpr kaggle fetch` uses."""
CHECKPOINTS = Path(".work/checkpoints")
_FOLDER = re.compile(r"\.work/checkpoints(/[\w-]{1,100})?/?")
_STATE = re.compile(r"\.work/checkpoints(/[\w-]{1,100})?/\w[\w.-]{0,99}")
_DATA_LIMIT = 2 << 30  # bytes of objects above which those of the data are left out: they can be made again
_GRACE = 10.0  # seconds at least, for a training to write its state
_MARGIN = (900.0, 0.1)  # seconds, and share of the limit: the smaller is kept for stopping and for keeping


def run_session(settings: dict[str, Any], output: Path) -> int:
    """Run the pipeline in the working directory, a clone of the repository.

    Args:
        settings: `set` (overrides of params.yaml, makes an experiment), `hours` (limit of the session), `started`
            (seconds since the epoch), `resume` (kernel whose output is attached), `until` (the last stage that runs;
            the gates are left to who goes on from there), `kernel`, `run`, `commit`; all optional.
        output: folder for what is kept.

    Returns:
        0 if the pipeline is done and its gates are met, or if it was stopped in time; 1 for a gate that is not met;
        else DVC's exit status.
    """
    started = float(settings.get("started") or time.time())
    limit = 3600 * float(settings.get("hours") or 12)
    margin = min(_MARGIN[0], _MARGIN[1] * limit)
    output.mkdir(parents=True, exist_ok=True)
    if settings.get("resume"):
        _restore(_attached(str(settings["resume"])))
    command = ["exp", "run"] if settings.get("set") else ["repro"]
    for change in settings.get("set") or []:
        command += ["--set-param", change]
    if settings.get("until"):
        command.append(str(settings["until"]))
    wanted = threading.Event()
    if settings.get("kernel") and settings.get("run"):
        watch(str(settings["kernel"]), str(settings["run"]), wanted.set)
    status, stopped = _run_until(command, wanted, started + limit - margin, max(_GRACE, margin / 2))
    state = "complete" if status == 0 else "stopped" if stopped else "failed"
    _keep(output, {**settings, "state": state, "status": status, "seconds": round(time.time() - started)})
    print(f"session {state}: {output}", flush=True)
    if state == "complete":
        return 0 if settings.get("until") else _gates()
    return 0 if state == "stopped" else status or 1


def _gates() -> int:
    """Print the gates of what was evaluated; return 1 when one is not met, after everything was kept."""
    if not Path("results/evaluate/gates.json").is_file():
        return 0
    return subprocess.run([sys.executable, "-m", "lpr", "gates"], check=False).returncode


def _run_until(arguments: list[str], wanted: threading.Event, deadline: float, grace: float) -> tuple[int, bool]:
    """Run DVC; at the deadline, or when a stop is wanted or signalled, interrupt it so that trainings are saved."""

    def tell(*_: object) -> None:
        wanted.set()

    previous = {number: signal.signal(number, tell) for number in (signal.SIGINT, signal.SIGTERM)}
    # The stages call `python`: it has to be this one.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    environment = {**os.environ, "PATH": path, "DVC_NO_ANALYTICS": "1"}
    try:
        command = [sys.executable, "-m", "dvc", *arguments]
        process = subprocess.Popen(command, env=environment, start_new_session=True)
        while process.poll() is None and not wanted.is_set() and time.time() < deadline:
            time.sleep(0.2)
        if process.poll() is not None:
            return process.returncode, False
        why = "a stop is wanted" if wanted.is_set() else "the time is up"
        print(f"{why}: the pipeline is interrupted and its state kept", flush=True)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            os.killpg(process.pid, number)
            try:
                return process.wait(grace), True
            except subprocess.TimeoutExpired:
                continue
        return process.wait(), True
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _keep(output: Path, record: dict[str, Any]) -> None:
    """Write everything, the record last: where there is a record, the rest is whole."""
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
    files = sorted(path for path in output.rglob("*") if path.is_file() and _is_ours(path.relative_to(output)))
    record = {
        **record,
        "commit": git("rev-parse", "HEAD"),
        "without_data": without_data,
        "environment": _environment(),
        "files": {path.relative_to(output).as_posix(): sha256(path) for path in files},
    }
    write_json(output / RECORD, record)


def _is_ours(name: Path) -> bool:
    return name.parts[0] in (*PLAIN, OBJECTS, WORK, EXPERIMENTS)


def _keep_experiments(target: Path) -> None:
    target.unlink(missing_ok=True)
    refs = git("for-each-ref", "--format=%(refname)", "refs/exps").split()
    named = [ref for ref in refs if not ref.startswith(("refs/exps/exec", "refs/exps/celery", "refs/exps/stash"))]
    if named:
        git("bundle", "create", "--quiet", str(target.resolve()), *named, "^HEAD")


def _attached(kernel: str) -> Path:
    root = Path(os.environ.get("KAGGLE_INPUT_ROOT") or "/kaggle/input")
    for record in sorted(root.rglob(RECORD)):
        if json.loads(record.read_text(encoding="utf-8")).get("kernel") == kernel:
            return record.parent
    raise LprError(f"{root}: the output of {kernel} is not attached; add it as an input of this session")


def _restore(folder: Path) -> None:
    print(f"resuming from {folder}", flush=True)
    unpack(folder / OBJECTS, cache_folder())
    for name in ("dvc.lock", "params.yaml"):
        if (folder / name).is_file():
            shutil.copyfile(folder / name, name)
    if (folder / "results").is_dir():
        shutil.copytree(folder / "results", "results", dirs_exist_ok=True)
    restore_checkpoints(folder / WORK)


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


def _environment() -> dict[str, Any]:
    """Versions of everything, and the date of Kaggle's image where it says so."""
    date = Path("/etc/build_date")
    return {
        "python": platform.python_version(),
        "image_date": os.environ.get("BUILD_DATE") or (date.read_text().strip() if date.is_file() else None),
        "machine": platform.platform(),
        "packages": dict(sorted((str(d.metadata["Name"]), d.version) for d in metadata.distributions())),
    }


def main() -> int:
    """Read the command line and run the session."""
    parser = argparse.ArgumentParser(prog="lpr.kaggle.session", description="Run the pipeline in a Kaggle session.")
    parser.add_argument("--settings", type=json.loads, default={}, help="as lpr kaggle run passes them")
    parser.add_argument("--until", metavar="STAGE", help="the last stage that runs; the gates are not judged then")
    default = os.environ.get("KAGGLE_OUTPUT_PATH") or "/kaggle/working"
    parser.add_argument("output", nargs="?", type=Path, default=Path(default))
    arguments = parser.parse_args()
    settings = {**arguments.settings, "until": arguments.until} if arguments.until else arguments.settings
    return run_session(settings, arguments.output.resolve())


if __name__ == "__main__":
    console.run(main)
