"""Stopping a session from outside, so that it saves its trainings: a note in a private dataset that it looks for.

Kaggle's own cancelling is by a number that no answer of its service gives, and ends a session with nothing kept.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from lpr.base.errors import LprError
from lpr.base.files import write_text
from lpr.kaggle.service.client import Client
from lpr.kaggle.service.datasets import NewVersion, add_version, publishing
from lpr.kaggle.service.references import Reference

DATASET, NOTE = "license-plate-stop", "stop.txt"
_POLL = 60.0  # seconds


def request_stop(client: Client, kernel: str, run: str) -> Reference:
    """Publish the note that the session of a run is to stop; it does within two minutes, keeping its state.

    Raises:
        KaggleError: Kaggle fails, or the kernel is another account's.
    """
    dataset = Reference(kernel.split("/")[0], DATASET)
    with publishing(client, dataset) as before, tempfile.TemporaryDirectory(prefix="lpr-stop-") as scratch:
        if before and client.read_file(dataset.at(before), NOTE) == run.encode():
            return dataset.at(before)
        path = Path(scratch) / NOTE
        write_text(path, run)
        content = NewVersion(
            files={NOTE: path},
            marker=NOTE,
            notes=f"stop {run}",
            title="License plate stop",
            licence="other",
            description="Notes of `lpr kaggle stop`: the session of the run that the newest one names stops by itself.",
        )
        return add_version(client, dataset, content, before)


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
