"""Bring a session's results into the working tree, DVC's cache and git's experiments."""

from __future__ import annotations

import shutil
from pathlib import Path, PurePosixPath
from typing import Any

from lpr.base.errors import LprError
from lpr.base.files import sha256
from lpr.base.git import git
from lpr.kaggle.service.client import Client
from lpr.kaggle.service.errors import from_answer, translate
from lpr.kaggle.service.transfer import fetch
from lpr.kaggle.sessions.kernels import kernel_output
from lpr.kaggle.sessions.output import EXPERIMENTS, RECORD, restore
from lpr.kaggle.storage.dvc_files import run_dvc
from lpr.records.record import load_record
from lpr.records.session import SessionRecord

FETCHED = Path(".work/kaggle/fetched")


def fetch_session(client: Client, kernel: str, run: str | None, force: bool) -> SessionRecord:
    """Bring a session's results here.

    Args:
        client: the connection.
        kernel: `owner/slug`.
        run: the run that the output must be of; any if None.
        force: whether to overwrite changes of the working tree, and to accept another commit's results.

    Returns:
        The session's record.

    Raises:
        LprError: the output is of another run or not whole, or changes would be overwritten; nothing is applied then.
    """
    shutil.rmtree(FETCHED, ignore_errors=True)
    files, _ = kernel_output(client, kernel)
    for name in files:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts or "\\" in name:
            raise LprError(f"{kernel}: refused, the output {name!r} climbs out of its folder")
    if RECORD not in files:
        raise LprError(f"{kernel}: its output holds no {RECORD}; it has not got so far, see `lpr kaggle status`")
    _bring(client, kernel, files, RECORD)
    record = load_record(FETCHED / RECORD, SessionRecord, f"look at the page of {kernel}, and run it again")
    if run is not None and record.run != run:
        raise LprError(f"{kernel}: the output is of another run ({record.run}); wait until {run} is over")
    if not force:
        _check_working_tree(record.commit)
    for name, digest in record.files.items():
        if name not in files:
            raise LprError(f"{kernel}: {name} is missing in its output; run it again")
        _bring(client, kernel, files, name)
        if sha256(FETCHED / name) != digest:
            raise LprError(f"{kernel}: {name} came with other bytes than it had; run it again")
    _apply()
    return record


def _bring(client: Client, kernel: str, files: dict[str, str], name: str) -> None:
    doing = f"fetching {name} of {kernel}"
    addresses = dict(files)

    def start() -> Any:
        response = _get(client, addresses[name], doing)
        if response.status_code in (400, 403):
            # The addresses expire while others are being fetched.
            addresses.update(kernel_output(client, kernel)[0])
            response = _get(client, addresses[name], doing)
        if response.status_code >= 400:
            raise from_answer(response, doing)
        return response

    target = FETCHED / name
    target.parent.mkdir(parents=True, exist_ok=True)
    fetch(start, target, doing, client.policy)


def _get(client: Client, address: str, doing: str) -> Any:
    import requests

    try:
        return requests.get(address, stream=True, timeout=client.policy.timeout)
    except requests.exceptions.RequestException as error:
        raise translate(error, doing) from None


def _check_working_tree(commit: str) -> None:
    head = git("rev-parse", "HEAD", otherwise="no commit here")
    if head != commit:
        raise LprError(
            f"the session ran at {commit[:12]} and HEAD is {head[:12]}: check that commit out, or give --force"
        )
    changed = git("status", "--porcelain", "--", "dvc.lock", "params.yaml", "results", otherwise="git status fails")
    if changed:
        names = ", ".join(line[3:] for line in changed.splitlines()[:3])
        raise LprError(f"{names}: uncommitted changes would be overwritten; commit them, or give --force")


def _apply() -> None:
    restore(FETCHED)
    if (FETCHED / EXPERIMENTS).is_file():
        git(
            "fetch",
            "--quiet",
            str((FETCHED / EXPERIMENTS).resolve()),
            "refs/exps/*:refs/exps/*",
            otherwise="the session's experiments do not fit this repository",
        )
    if Path("dvc.lock").is_file():
        run_dvc("checkout", "--force", "--allow-missing")
    shutil.rmtree(FETCHED)
