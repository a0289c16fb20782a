"""How a session gets the commit that it runs: from a public address, or from a private dataset."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from lpr.base.errors import LprError
from lpr.base.git import git
from lpr.kaggle.service.client import Client
from lpr.kaggle.service.datasets import NewVersion, add_unless_newest
from lpr.kaggle.service.references import Reference

BUNDLE, MARKER = "repository.bundle", "commit.txt"
CODE = "license-plate-code"


def public_address(repository: str | None, commit: str) -> str:
    """Return the address that Kaggle clones: by HTTPS, and without credentials.

    Args:
        repository: any address of the repository; that of the remote `origin` if None.
        commit: the full hash of what is to be run.

    Raises:
        LprError: there is no such address, the commit is not there yet, or it cannot be read without credentials.
    """
    if repository is None:
        repository = git("remote", "get-url", "origin", otherwise="no git remote `origin`; give --repository URL")
        on_remote = git("branch", "--remotes", "--contains", commit, otherwise="git cannot list branches")
        if not on_remote:
            raise LprError(
                f"{commit[:12]} is not on the remote yet, so Kaggle cannot clone it: git push first, or give --bundle"
            )
    if match := re.fullmatch(r"(?:ssh://)?git@([\w.-]+)[:/](.+)", repository):
        repository = f"https://{match[1]}/{match[2]}"
    parts = urlsplit(repository)
    if parts.scheme not in ("https", "file"):
        raise LprError(
            f"{parts.hostname or repository}: Kaggle clones by https; give --repository URL, or --bundle to send the "
            "commit along"
        )
    # A token in the address would stand in the pushed script for all who see the kernel.
    address = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    _check_readable(address)
    return address


def _check_readable(address: str) -> None:
    """Ask as a session will: without credentials, and without a person to type them."""
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "", "SSH_ASKPASS": ""}
    without = ("-c", "credential.helper=", "-c", "http.extraHeader=")
    command = ["git", *without, "ls-remote", "--quiet", address, "HEAD"]
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode:
        raise LprError(
            f"{address}: cannot be read without credentials, and a session has none; if the repository is private, "
            "give --bundle, which sends the commit in a private dataset; else check the address and the network"
        )


def send_bundle(client: Client, commit: str) -> Reference:
    """Put a commit with its history into the account's private dataset `license-plate-code`, unless it is its newest.

    Raises:
        LprError: git or Kaggle fails (KaggleError).
    """
    dataset = Reference(client.need_account("sending the commit"), CODE)

    def prepare(folder: Path) -> NewVersion:
        _bundle(commit, folder)
        return NewVersion(
            files={name: folder / name for name in (BUNDLE, MARKER)},
            marker=MARKER,
            notes=commit,
            title="License plate code",
            description="Commits that `lpr kaggle run --bundle` ran.",
        )

    return add_unless_newest(client, dataset, MARKER, commit, prepare)[0]


def _bundle(commit: str, folder: Path) -> None:
    """Write a bundle that `git clone` takes, with the commit as its HEAD; no ref of the repository is touched."""
    bare = folder / "bare"
    git("init", "--quiet", "--bare", str(bare))
    git("push", "--quiet", "--no-verify", str(bare), f"{commit}:refs/heads/session")
    git("symbolic-ref", "HEAD", "refs/heads/session", folder=bare)
    git("bundle", "create", "--quiet", str(folder / BUNDLE), "HEAD", "refs/heads/session", folder=bare)
