"""Commands of the pipeline in a notebook's cell: their output as it comes, and an exception when one fails."""

from __future__ import annotations

import codecs
import os
import signal
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

_PROGRESS_SECONDS = "5"
"""Between two states of a progress bar: a notebook keeps each of them."""


def run(*command: str | Path, accept: Collection[int] = (0,)) -> None:
    """Run a module of this Python, in the working directory, and print what it says while it runs.

    Interrupting the cell interrupts the command, and waits until it has saved what it saves.

    Args:
        command: the module and its arguments, such as `"dvc", "repro", "fetch_data"` or `"lpr", "gates"`.
        accept: exit statuses that are no failure.

    Raises:
        subprocess.CalledProcessError: it ended with another status.
    """
    words = [sys.executable, "-m", *map(str, command)]
    # The stages call `python`: it has to be this one.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    environment = {**os.environ, "PATH": path, "PYTHONUNBUFFERED": "1", "DVC_NO_ANALYTICS": "1"}
    environment.setdefault("TQDM_MININTERVAL", _PROGRESS_SECONDS)
    # In a session of its own: some servers interrupt all processes of a kernel, others the kernel alone.
    process = subprocess.Popen(
        words, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        start_new_session=True,
    )  # fmt: skip
    try:
        _copy_output(process)
    except KeyboardInterrupt:
        os.killpg(process.pid, signal.SIGINT)
        _copy_output(process)
        process.wait()
        raise
    if process.wait() not in accept:
        raise subprocess.CalledProcessError(process.returncode, ["python", *words[1:]])


def _copy_output(process: subprocess.Popen[bytes]) -> None:
    assert process.stdout is not None
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    # By chunks, not by lines: a progress bar ends none.
    while chunk := os.read(process.stdout.fileno(), 1 << 12):
        print(decoder.decode(chunk), end="", flush=True)
