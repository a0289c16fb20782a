"""Stopping a session from outside, so that it saves its trainings: a note in a private dataset that it looks for.

Kaggle's own cancelling is by a number that no answer of its service gives, and ends a session with nothing kept.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from lpr.base.errors import LprError
from lpr.kaggle.service.client import Client
from lpr.kaggle.service.datasets import NewVersion, add_unless_newest
from lpr.kaggle.service.references import Reference

DATASET, NOTE = "license-plate-stop", "stop.txt"
_POLL = 60.0  # seconds


def request_stop(client: Client, kernel: str, run: str) -> None:
    """Publish the note that the session of a run is to stop; it does within two minutes, keeping its state.

    Raises:
        KaggleError: Kaggle fails, or the kernel is another account's.
    """

    def prepare(folder: Path) -> NewVersion:
        return NewVersion(
            files={NOTE: folder / NOTE},
            marker=NOTE,
            notes=f"stop {run}",
            title="License plate stop",
            description="Notes of `lpr kaggle stop`: the session of the run that the newest one names stops by itself.",
        )

    add_unless_newest(client, Reference(kernel.split("/")[0], DATASET), NOTE, run, prepare)


def watch(kernel: str, run: str, stop: Callable[[], None]) -> None:
    """In a thread of its own, look every minute whether the session of `run` is to stop, and call `stop` then.

    What cannot be asked is asked again later: a session without internet or token runs on.
    """
    seconds = float(os.environ.get("LPR_KAGGLE_STOP_POLL") or _POLL)
    threading.Thread(target=_watch, args=(kernel, run, stop, seconds), daemon=True).start()


def _watch(kernel: str, run: str, stop: Callable[[], None], seconds: float) -> None:
    dataset = Reference(kernel.split("/")[0], DATASET)
    while True:
        time.sleep(seconds)
        try:
            client = Client()
            known = client.account is not None and client.find(dataset)
            if known and client.read_file(dataset, NOTE) == run.encode():
                stop()
                return
        except LprError:
            continue
