"""Sessions seen from here: push a script kernel, ask for its state, bring its results back."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import yaml

from lpr.errors import LprError
from lpr.files import sha256, write_json
from lpr.kaggle import session_script
from lpr.kaggle.client import Client
from lpr.kaggle.dvc_files import cache_folder, run_dvc, unpack
from lpr.kaggle.problems import KaggleError, from_answer, translate
from lpr.kaggle.references import parse_reference
from lpr.kaggle.session import EXPERIMENTS, OBJECTS, RECORD, WORK, restore_checkpoints
from lpr.kaggle.transfer import fetch
from lpr.params import parse_params

KERNEL = "license-plate-training"
LAST = Path(".work/kaggle/last-session.json")
"""The session pushed last from this working tree: kernel, run, commit."""
FETCHED = Path(".work/kaggle/fetched")
MACHINE = "NvidiaTeslaT4"  # two of them; Kaggle's usual GPU
LONGEST = 12.0  # hours of a session
DONE, FAILED = "COMPLETE", ("ERROR", "CANCEL_REQUESTED", "CANCEL_ACKNOWLEDGED")
_LOG_LINES = 30


@dataclass(frozen=True)
class Status:
    """State of a kernel in Kaggle's words, why it failed if it did, and the end of its log."""

    kernel: str
    state: str
    failure: str
    log: list[str]

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.state == DONE or self.state in FAILED

    @property
    def failed(self) -> bool:
        """Whether it ended badly: failed, cancelled or out of time."""
        return self.state in FAILED


def push_session(
    ref: str, changes: Sequence[str], hours: float, resume: bool, repository: str | None
) -> dict[str, Any]:
    """Push one script kernel that runs the pipeline at a commit.

    Args:
        ref: what git calls the commit.
        changes: `key=value` overrides of params.yaml; they make it an experiment.
        hours: limit of the session, at most 12.
        resume: whether to go on from the output of the session pushed last.
        repository: address to clone, without credentials; that of the remote `origin` if None.

    Returns:
        The record that is also written to `LAST`: kernel, run, commit, url and more.

    Raises:
        LprError: no such commit, or none that can be cloned, or Kaggle refuses (KaggleError).
    """
    if not 0.1 <= hours <= LONGEST:
        raise LprError(f"--timeout is {hours:g}: a session has 0.1 to {LONGEST:g} hours")
    commit = _git("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}", otherwise=f"{ref!r} is no commit")
    address = _address(repository, commit)
    if _git("status", "--porcelain", "--untracked-files=no", otherwise="git status fails"):
        print(f"warning: changes that are not committed are no part of the session, which runs {commit[:12]}")
    datasets = _datasets(commit)
    client = Client()
    owner = client.need_account("pushing a session")
    last = read_last() if resume else None
    slug = KERNEL
    if last is not None and last["kernel"] == f"{owner}/{KERNEL}":
        # A kernel takes its input from another one: two take turns.
        slug = f"{KERNEL}-2"
    settings = {
        "repository": address,
        "commit": commit,
        "kernel": f"{owner}/{slug}",
        "run": f"{int(time.time())}-{commit[:8]}",
        "set": list(changes),
        "hours": hours,
        "resume": last["kernel"] if last else None,
    }
    url = _save(client, slug, _script(settings), datasets, [last["kernel"]] if last else [], hours)
    record = {**{key: settings[key] for key in ("kernel", "run", "commit", "hours", "resume")}, "url": url}
    write_json(LAST, record)
    return record


def read_last() -> dict[str, Any]:
    """The session pushed last from here. Raises LprError if there is none."""
    try:
        return dict(json.loads(LAST.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise LprError(f"{LAST}: no session was pushed from here; start one with `lpr kaggle run`") from error


def session_status(client: Client, kernel: str) -> Status:
    """Ask for a kernel's state; the log comes with it once it is over."""
    from kagglesdk.kernels.types.kernels_api_service import ApiGetKernelSessionStatusRequest

    request = ApiGetKernelSessionStatusRequest()
    request.user_name, request.kernel_slug = kernel.split("/")
    answer = client.read(f"asking for {kernel}", lambda: client.kernels.get_kernel_session_status(request))
    state = str(answer.status.name)
    log = _output(client, kernel)[1] if state == DONE or state in FAILED else ""
    return Status(kernel, state, answer.failure_message or "", readable_log(log)[-_LOG_LINES:])


def await_session(client: Client, kernel: str, hours: float) -> Status:
    """Ask again and again until the kernel is over. Raises LprError when it is not, an hour after its limit."""
    deadline = time.monotonic() + 3600 * (hours + 1)
    while not (status := session_status(client, kernel)).over:
        if time.monotonic() > deadline:
            raise LprError(
                f"{kernel}: still {status.state.lower()} after its time; look at its page, and cancel it there"
            )
        time.sleep(client.patience.poll)
    return status


def fetch_session(client: Client, kernel: str, run: str | None, force: bool) -> dict[str, Any]:
    """Bring a session's results into the working tree, DVC's cache and git's experiments.

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
    files, _ = _output(client, kernel)
    for name in files:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts or "\\" in name:
            raise LprError(f"{kernel}: refused, the output {name!r} climbs out of its folder")
    if RECORD not in files:
        raise LprError(f"{kernel}: its output holds no {RECORD}; it has not got so far, see `lpr kaggle status`")
    _bring(client, kernel, files, RECORD)
    record = json.loads((FETCHED / RECORD).read_text(encoding="utf-8"))
    if run is not None and record.get("run") != run:
        raise LprError(f"{kernel}: the output is of another run ({record.get('run')}); wait until {run} is over")
    if not force:
        _check_working_tree(str(record["commit"]))
    for name, digest in record["files"].items():
        if name not in files:
            raise LprError(f"{kernel}: {name} is missing in its output; run it again")
        _bring(client, kernel, files, name)
        if sha256(FETCHED / name) != digest:
            raise LprError(f"{kernel}: {name} came with other bytes than it had; run it again")
    _apply()
    return dict(record)


def readable_log(text: str) -> list[str]:
    """Lines of a kernel's log, which comes as JSON: a list, or an object a line, each with a piece in `data`."""
    pieces = []
    for line in text.splitlines():
        try:
            entry = json.loads(line.strip().strip("[],") or "null")
        except ValueError:
            return text.splitlines()
        if isinstance(entry, dict):
            pieces.append(str(entry.get("data", "")))
    return "".join(pieces).splitlines()


def _address(repository: str | None, commit: str) -> str:
    """The address that Kaggle clones, without credentials and by HTTPS."""
    if repository is None:
        repository = _git("remote", "get-url", "origin", otherwise="no git remote `origin`; give --repository URL")
        on_remote = _git("branch", "--remotes", "--contains", commit, otherwise="git cannot list branches")
        if not on_remote:
            raise LprError(f"{commit[:12]} is not on the remote yet, so Kaggle cannot clone it: git push first")
    if match := re.fullmatch(r"(?:ssh://)?git@([\w.-]+)[:/](.+)", repository):
        repository = f"https://{match[1]}/{match[2]}"
    parts = urlsplit(repository)
    if parts.scheme not in ("https", "file"):
        raise LprError(f"{parts.hostname or repository}: Kaggle clones by https; give --repository URL")
    # A token in the address would stand in the pushed script for all who see the kernel.
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _datasets(commit: str) -> list[str]:
    text = _git("show", f"{commit}:params.yaml", otherwise=f"{commit[:12]} has no params.yaml")
    params = parse_params(yaml.safe_load(text), f"params.yaml at {commit[:12]}")
    sources = (source.dataset for source in params.fetch_data.sources if source.kind == "kaggle")
    return [str(parse_reference(dataset)) for dataset in sources if dataset]


def _script(settings: dict[str, Any]) -> str:
    source = Path(session_script.__file__).read_text(encoding="utf-8")
    line = "SETTINGS: dict[str, Any] = {}  # filled in when the script is pushed\n"
    before, found, after = source.partition(line)
    if not found:
        raise AssertionError("the line to fill in is missing in the script")
    return f"{before}SETTINGS: dict[str, Any] = json.loads({json.dumps(settings)!r})\n{after}"


def _save(client: Client, slug: str, script: str, datasets: list[str], kernels: list[str], hours: float) -> str:
    from kagglesdk.kernels.types.kernels_api_service import ApiSaveKernelRequest

    kernel = f"{client.account}/{slug}"
    request = ApiSaveKernelRequest()
    request.slug = kernel
    request.new_title = slug.replace("-", " ").title()
    request.text = script
    request.language, request.kernel_type = "python", "script"
    request.is_private = request.enable_internet = True
    request.machine_shape = MACHINE
    request.dataset_data_sources, request.kernel_data_sources = datasets, kernels
    request.session_timeout_seconds = int(3600 * hours)
    before = _version(client, kernel)
    attempt = 1
    while True:
        try:
            answer = client.ask(f"pushing {kernel}", lambda: client.kernels.save_kernel(request))
            break
        except KaggleError as error:
            # A push whose answer was lost has started a session: a second one would cost its hours again.
            if error.temporary and _version(client, kernel) > before:
                return f"https://www.kaggle.com/code/{kernel}"
            wait = client.patience.wait_after(attempt, error)
            if wait is None:
                raise
            client.patience.rest(error, attempt, wait)
            attempt += 1
    if answer.error:
        kind = "quota" if "quota" in answer.error.lower() else "answer"
        raise KaggleError(f"pushing {kernel}: Kaggle says {answer.error!r}; nothing was started", kind)  # type: ignore[arg-type]
    refused = [*(answer.invalid_dataset_sources or []), *(answer.invalid_kernel_sources or [])]
    if refused:
        raise KaggleError(
            f"{kernel} was started without {', '.join(refused)}, which Kaggle does not know or this account may not "
            f"use; cancel it at {answer.url}, correct params.yaml, and push it again",
            "missing",
        )
    return str(answer.url)


def _version(client: Client, kernel: str) -> int:
    """Number of a kernel's newest version, 0 if there is no such kernel."""
    from kagglesdk.kernels.types.kernels_api_service import ApiGetKernelRequest

    request = ApiGetKernelRequest()
    request.user_name, request.kernel_slug = kernel.split("/")
    try:
        found = client.read(f"asking for {kernel}", lambda: client.kernels.get_kernel(request))
    except KaggleError as error:
        if error.kind in ("missing", "forbidden"):
            return 0
        raise
    return (found.metadata.current_version_number or 0) if found.metadata else 0


def _output(client: Client, kernel: str) -> tuple[dict[str, str], str]:
    """Addresses of a kernel's output by name, and its log."""
    from kagglesdk.kernels.types.kernels_api_service import ApiListKernelSessionOutputRequest

    request = ApiListKernelSessionOutputRequest()
    request.user_name, request.kernel_slug = kernel.split("/")
    request.page_size = 100
    files: dict[str, str] = {}
    log = ""
    while True:
        page = client.read(
            f"asking for the output of {kernel}", lambda: client.kernels.list_kernel_session_output(request)
        )
        files.update({str(file.file_name): str(file.url) for file in page.files or []})
        log = log or page.log or ""
        if not page.next_page_token:
            return files, log
        request.page_token = page.next_page_token


def _bring(client: Client, kernel: str, files: dict[str, str], name: str) -> None:
    doing = f"fetching {name} of {kernel}"
    addresses = dict(files)

    def start() -> Any:
        import requests

        try:
            response = requests.get(addresses[name], stream=True, timeout=client.patience.timeout)
        except requests.exceptions.RequestException as error:
            raise translate(error, doing) from None
        if response.status_code in (400, 403):
            # The addresses expire while others are being fetched.
            addresses.update(_output(client, kernel)[0])
            response = requests.get(addresses[name], stream=True, timeout=client.patience.timeout)
        if response.status_code >= 400:
            raise from_answer(response, doing)
        return response

    target = FETCHED / name
    target.parent.mkdir(parents=True, exist_ok=True)
    fetch(start, target, doing, client.patience)


def _check_working_tree(commit: str) -> None:
    head = _git("rev-parse", "HEAD", otherwise="no commit here")
    if head != commit:
        raise LprError(
            f"the session ran at {commit[:12]} and HEAD is {head[:12]}: check that commit out, or give --force"
        )
    changed = _git("status", "--porcelain", "--", "dvc.lock", "params.yaml", "results", otherwise="git status fails")
    if changed:
        names = ", ".join(line[3:] for line in changed.splitlines()[:3])
        raise LprError(f"{names}: uncommitted changes would be overwritten; commit them, or give --force")


def _apply() -> None:
    unpack(FETCHED / OBJECTS, cache_folder())
    restore_checkpoints(FETCHED / WORK)
    if (FETCHED / "results").is_dir():
        shutil.copytree(FETCHED / "results", "results", dirs_exist_ok=True)
    for name in ("params.yaml", "dvc.lock"):
        if (FETCHED / name).is_file():
            shutil.copyfile(FETCHED / name, name)
    if (FETCHED / EXPERIMENTS).is_file():
        _git(
            "fetch",
            "--quiet",
            str((FETCHED / EXPERIMENTS).resolve()),
            "refs/exps/*:refs/exps/*",
            otherwise="the session's experiments do not fit this repository",
        )
    if Path("dvc.lock").is_file():
        run_dvc("checkout", "--force", "--allow-missing")
    shutil.rmtree(FETCHED)


def _git(*arguments: str, otherwise: str) -> str:
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise LprError(otherwise)
    return done.stdout.rstrip("\n")
