"""A session on Kaggle: what it is told, what it leaves in `session.json`, and which one was pushed last from here."""

from __future__ import annotations

from typing import Literal

from lpr.records.record import Record, Sha256

State = Literal["complete", "stopped", "failed"]
"""How a session ended."""


class SessionSettings(Record):
    """What a session is told; a notebook tells it nothing.

    Attributes:
        repository: address that it clones; None where `code` is given.
        code: owner and slug of the dataset that holds the commit instead.
        commit: full hash.
        kernel: `owner/slug` of the session itself.
        run: identifies this run of the kernel.
        set: overrides of params.yaml, `key=value`; they make it an experiment.
        hours: limit of the session.
        resume: kernel whose output is attached, to go on from.
        started: seconds since the epoch.
        until: the last stage that runs; the gates are left to who goes on from there.
    """

    repository: str | None = None
    code: tuple[str, str] | None = None
    commit: str | None = None
    kernel: str | None = None
    run: str | None = None
    set: tuple[str, ...] = ()
    hours: float = 12.0
    resume: str | None = None
    started: float | None = None
    until: str | None = None


class Environment(Record):
    """Where a session ran: versions of Python and of all packages, and the date of Kaggle's image, if it says one."""

    python: str
    image_date: str | None
    machine: str
    packages: dict[str, str]


class SessionRecord(SessionSettings):
    """`session.json`: how a session ended. `files` are the SHA-256 of all it kept; `status` is DVC's exit status."""

    commit: str
    state: State
    status: int
    seconds: int
    without_data: bool
    environment: Environment
    files: dict[str, Sha256]


class PushedSession(Record):
    """`last-session.json`: the session pushed last from a working tree."""

    kernel: str
    run: str
    commit: str
    hours: float
    resume: str | None
    url: str
