"""Start a session: push a script kernel that runs the pipeline at a commit."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path

from lpr.base.errors import LprError
from lpr.base.files import write_json
from lpr.base.git import git
from lpr.kaggle.service.client import Client
from lpr.kaggle.sessions import script
from lpr.kaggle.sessions.code import public_address, send_bundle
from lpr.kaggle.sessions.kernels import DEFAULT_ACCELERATOR, save_kernel
from lpr.kaggle.sessions.parameters import session_params
from lpr.records.params import Params
from lpr.records.record import load_record
from lpr.records.session import PushedSession, SessionSettings

KERNEL = "license-plate-training"
LAST = Path(".work/kaggle/last-session.json")
"""The session pushed last from this working tree."""
LONGEST = 12.0  # hours of a session


def push_session(
    ref: str,
    changes: Sequence[str],
    hours: float,
    resume: str | None,
    repository: str | None,
    bundle: bool = False,
    accelerator: str = DEFAULT_ACCELERATOR,
) -> PushedSession:
    """Push one script kernel that runs the pipeline at a commit.

    Args:
        ref: what git calls the commit.
        changes: `key=value` overrides of params.yaml; they make it an experiment.
        hours: limit of the session, at most 12.
        resume: kernel from whose output to go on, as `Client.kernel` takes it; a new session if None.
        repository: address to clone, without credentials; that of the remote `origin` if None.
        bundle: whether to send the commit in a private dataset, in place of an address that everybody can clone.
        accelerator: of the machine: one of `ACCELERATORS`, or a name of Kaggle's own.

    Returns:
        The record that is also written to `LAST`.

    Raises:
        LprError: no such commit, or none that can be cloned; parameters that the pipeline would refuse, or sources that
            a session does not have; or Kaggle refuses (KaggleError). Nothing is pushed then.
    """
    if not 0.1 <= hours <= LONGEST:
        raise LprError(f"--timeout is {hours:g}: a session has 0.1 to {LONGEST:g} hours")
    if bundle and repository is not None:
        raise LprError("--bundle sends the commit from here: leave --repository out")
    commit = git("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}", otherwise=f"{ref!r} is no commit")
    params = session_params(commit, changes)
    address = None if bundle else public_address(repository, commit)
    if git("status", "--porcelain", "--untracked-files=no", otherwise="git status fails"):
        print(f"warning: changes that are not committed are no part of the session, which runs {commit[:12]}")
    client = Client()
    owner = client.need_account("pushing a session")
    datasets = _datasets(client, params)
    resume = client.kernel(resume) if resume is not None else None
    slug = KERNEL
    if resume == f"{owner}/{KERNEL}":
        # A kernel takes its input from another one: two take turns.
        slug = f"{KERNEL}-2"
    code = send_bundle(client, commit) if bundle else None
    if code is not None:
        datasets.append(str(code))
    kernel, run = f"{owner}/{slug}", f"{int(time.time())}-{commit[:8]}"
    settings = SessionSettings(
        repository=address,
        code=None if code is None else (code.owner, code.slug),
        commit=commit,
        kernel=kernel,
        run=run,
        set=tuple(changes),
        hours=hours,
        resume=resume,
    )
    inputs = [resume] if resume else []
    url = save_kernel(client, slug, _script(settings), datasets, inputs, hours, accelerator)
    pushed = PushedSession(kernel=kernel, run=run, commit=commit, hours=hours, resume=resume, url=url)
    write_json(LAST, pushed.model_dump(mode="json"))
    return pushed


def read_last() -> PushedSession:
    """Return the session pushed last from here. Raises LprError if there is none."""
    remedy = "start one with `lpr kaggle run`"
    if not LAST.is_file():
        raise LprError(f"{LAST}: no session was pushed from here; {remedy}")
    return load_record(LAST, PushedSession, remedy)


def _datasets(client: Client, params: Params) -> list[str]:
    sources = (source.dataset for source in params.fetch_data.sources if source.kind == "kaggle")
    return [str(client.reference(dataset)) for dataset in sources if dataset]


def _script(settings: SessionSettings) -> str:
    source = Path(script.__file__).read_text(encoding="utf-8")
    line = "SETTINGS: dict[str, Any] = {}  # filled in when the script is pushed\n"
    before, found, after = source.partition(line)
    if not found:
        raise AssertionError("the line to fill in is missing in the script")
    values = json.dumps(settings.model_dump(mode="json", exclude={"started", "until"}))
    return f"{before}SETTINGS: dict[str, Any] = json.loads({values!r})\n{after}"
