"""`lpr kaggle ...`: data sets, sessions and storage on Kaggle."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lpr.base.errors import LprError
from lpr.commands.formats import FORMATS


def add(subparsers: Any) -> None:
    """Declare the commands."""
    group = subparsers.add_parser("kaggle", help="data sets, sessions and storage on Kaggle")
    commands = group.add_subparsers(metavar="COMMAND", required=True)
    _add_data(commands)
    _add_sessions(commands)
    _add_storage(commands)


def _add_storage(commands: Any) -> None:
    group = commands.add_parser("storage", help="keep a DVC remote in a private dataset")
    storage = group.add_subparsers(metavar="COMMAND", required=True)
    for name, run, text in (
        ("push", _storage_push, "bring the dataset into step with the remote's folder"),
        ("pull", _storage_pull, "bring the dataset's objects into the remote's folder"),
    ):
        command = storage.add_parser(name, help=text)
        command.add_argument("--dataset", metavar="OWNER/SLUG", required=True)
        command.add_argument("--remote", metavar="NAME", help="the DVC remote, a local directory; default: its default")
        command.set_defaults(run=run)
        if name == "push":
            command.add_argument("--full", action="store_true", help="send everything anew")


def _storage_push(arguments: argparse.Namespace) -> int:
    from lpr.base.git import run_git
    from lpr.kaggle.storage.remote import push_storage, remote_folder

    moved = push_storage(remote_folder(arguments.remote), arguments.dataset, arguments.full)
    print(f"{moved.objects} new objects stored, {moved.size / 1e6:.1f} MB: {moved.reference.url}")
    if run_git("status", "--porcelain", "--", ".dvc/config").stdout:
        print("next: commit .dvc/config, by which a clone knows the remote: git add .dvc/config && git commit")
    return 0


def _storage_pull(arguments: argparse.Namespace) -> int:
    from lpr.kaggle.storage.remote import pull_storage, remote_folder

    moved = pull_storage(remote_folder(arguments.remote), arguments.dataset)
    print(f"{moved.objects} new objects fetched, {moved.size / 1e6:.1f} MB, of {moved.reference}")
    print("next: dvc pull --run-cache")
    return 0


def _add_sessions(commands: Any) -> None:
    run = commands.add_parser("run", help="run the pipeline in a GPU session on Kaggle")
    run.add_argument("--ref", default="HEAD", metavar="COMMIT", help="what to run; default: %(default)s")
    run.add_argument(
        "-S", "--set-param", action="append", default=[], metavar="KEY=VALUE", help="as dvc exp run has it"
    )
    run.add_argument(
        "--timeout",
        type=float,
        default=12.0,
        metavar="HOURS",
        help="limit of the session, at most 12; default: %(default)g",
    )
    run.add_argument(
        "--resume",
        nargs="?",
        const="",
        metavar="OWNER/SLUG",
        help="go on from the output of this session; without a name: of the one pushed last from here",
    )
    run.add_argument("--repository", metavar="URL", help="what Kaggle clones; default: the remote `origin`")
    run.add_argument(
        "--bundle",
        action="store_true",
        help="send the commit in a private dataset, not yet pushed or private as it may be",
    )
    run.add_argument(
        "--accelerator",
        default="t4",
        metavar="NAME",
        help="t4 (two of them, the default), none, or as Kaggle calls it, such as NvidiaTeslaT4",
    )
    run.add_argument("--wait", action="store_true", help="wait until it is over")
    run.set_defaults(run=_run)
    status = commands.add_parser("status", help="tell how the session is doing")
    status.add_argument("--wait", action="store_true", help="wait until it is over")
    status.add_argument("--json", action="store_true", help="print one JSON object: kernel, state, failure, over, log")
    status.set_defaults(run=_status)
    logs = commands.add_parser("logs", help="print the session's log")
    logs.add_argument("--follow", action="store_true", help="print it as it comes, until the session is over")
    logs.set_defaults(run=_logs)
    stop = commands.add_parser("stop", help="let the session save its trainings and end")
    stop.set_defaults(run=_stop)
    fetch = commands.add_parser("fetch", help="bring the session's results into the working tree")
    fetch.add_argument("--force", action="store_true", help="overwrite changes; accept another commit's results")
    fetch.set_defaults(run=_fetch)
    fetch.add_argument(
        "--json", action="store_true", help="print one JSON object: kernel, state, seconds, without_data"
    )
    for command in (status, logs, stop, fetch):
        command.add_argument("--kernel", metavar="OWNER/SLUG", help="default: the one pushed last from here")


def _run(arguments: argparse.Namespace) -> int:
    from lpr.kaggle.sessions.push import push_session, read_last

    pushed = push_session(
        arguments.ref,
        arguments.set_param,
        arguments.timeout,
        read_last().kernel if arguments.resume == "" else arguments.resume,
        arguments.repository,
        arguments.bundle,
        arguments.accelerator,
    )
    print(f"{pushed.kernel} runs {pushed.commit[:12]}: {pushed.url}")
    if not arguments.wait:
        print("next: lpr kaggle status --wait, then lpr kaggle fetch")
        return 0
    return _tell(_connect("asking for a session"), pushed.kernel, pushed.hours)


def _status(arguments: argparse.Namespace) -> int:
    from lpr.kaggle.sessions.push import LONGEST

    client = _connect("asking for a session")
    return _tell(client, _kernel(client, arguments), LONGEST if arguments.wait else None, arguments.json)


def _kernel(client: Any, arguments: argparse.Namespace) -> str:
    from lpr.kaggle.sessions.push import read_last

    return str(client.kernel(arguments.kernel) if arguments.kernel else read_last().kernel)


def _connect(doing: str) -> Any:
    from lpr.kaggle.service.client import Client

    client = Client()
    client.need_account(doing)
    return client


def _tell(client: Any, kernel: str, hours: float | None, as_json: bool = False) -> int:
    from lpr.kaggle.sessions.kernels import await_kernel, kernel_status

    status = kernel_status(client, kernel) if hours is None else await_kernel(client, kernel, hours)
    if as_json:
        print(json.dumps({**asdict(status), "over": status.over}))
        return 1 if status.failed else 0
    print(status)
    if status.failed:
        print("\n".join(["the end of its log:", *status.log] if status.log else ["it has left no log"]))
    return 1 if status.failed else 0


def _logs(arguments: argparse.Namespace) -> int:
    from lpr.kaggle.sessions.logs import follow_log, read_log
    from lpr.kaggle.sessions.push import LONGEST

    client = _connect("asking for a log")
    kernel = _kernel(client, arguments)
    if not arguments.follow:
        lines = read_log(client, kernel)
        print("\n".join(lines) if lines else f"{kernel}: no log yet; --follow shows it as it comes")
        return 0
    status = follow_log(client, kernel, LONGEST, lambda piece: print(piece, end="", flush=True))
    print(status)
    return 1 if status.failed else 0


def _stop(arguments: argparse.Namespace) -> int:
    from lpr.kaggle.sessions.kernels import kernel_status
    from lpr.kaggle.sessions.push import read_last
    from lpr.kaggle.sessions.stop import request_stop

    last = read_last()
    client = _connect("stopping a session")
    kernel = _kernel(client, arguments)
    if kernel != last.kernel:
        raise LprError(f"{kernel}: not the session pushed last from here, {last.kernel}; cancel it on its page")
    status = kernel_status(client, kernel)
    if status.over:
        print(f"{kernel}: {status.state.lower()} already")
        return 0
    request_stop(client, kernel, last.run)
    print(f"{kernel}: saves its trainings and ends within minutes; next: lpr kaggle status --wait, lpr kaggle fetch")
    return 0


def _fetch(arguments: argparse.Namespace) -> int:
    from lpr.kaggle.sessions.fetch import fetch_session
    from lpr.kaggle.sessions.push import read_last

    last = None if arguments.kernel else read_last()
    client = _connect("fetching a session")
    kernel = _kernel(client, arguments)
    record = fetch_session(client, kernel, last.run if last else None, arguments.force)
    if arguments.json:
        print(json.dumps({"kernel": kernel, **record.model_dump(include={"state", "seconds", "without_data"})}))
        return 1 if record.state == "failed" else 0
    print(f"{kernel}: {record.state} after {record.seconds / 3600:.1f} h; its results are in the working tree")
    if record.without_data:
        print("the data set was too large to come along: `dvc repro fetch_data` makes it again")
    if record.state == "stopped":
        print("it stopped before its limit: `lpr kaggle run --resume` goes on from there")
    return 1 if record.state == "failed" else 0


def _add_data(commands: Any) -> None:
    data = commands.add_parser("data", help="publish a local data set").add_subparsers(metavar="COMMAND", required=True)
    push = data.add_parser("push", help="check a folder and publish it as a dataset, or as a new version of one")
    push.add_argument("folder", metavar="DIR", type=Path, help="photos with annotations in any known format")
    push.add_argument("--dataset", metavar="OWNER/SLUG", required=True)
    push.add_argument("--note", default="published by lpr kaggle data push", help="the version's message")
    push.add_argument("--licence", help="as Kaggle names it, such as CC0-1.0; default: of dataset-metadata.json")
    push.add_argument("--public", action="store_true", help="create it for everybody to see; default: private")
    push.add_argument("--format", choices=FORMATS, help="of the annotations; default: found out")
    push.add_argument("--despite-problems", action="store_true", help="publish what the check finds fault with")
    push.set_defaults(run=_data_push)


def _data_push(arguments: argparse.Namespace) -> int:
    from lpr.assessment.data_check import check_dataset
    from lpr.publishing.data_push import open_account, push_dataset

    # First of all: the check of many photos takes minutes.
    client, reference = open_account(arguments.dataset)
    report = check_dataset(arguments.folder, arguments.format)
    print(report.text())
    if not report.ok and not arguments.despite_problems:
        print("not published: mend these problems, or give --despite-problems")
        return 1
    pushed = push_dataset(client, reference, arguments.folder, arguments.note, arguments.licence, arguments.public)
    what = f"{pushed.files} files, {pushed.size / 1e6:.1f} MB"
    print(f"{'published' if pushed.fresh else 'unchanged, published before'}: {what}: {pushed.reference.url}")
    print(f"in params.yaml: dataset: {pushed.reference}")
    return 0
