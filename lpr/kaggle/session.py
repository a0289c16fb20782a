"""A session on Kaggle: run the pipeline until it is done or the time is up, and leave what is worth keeping.

`python -m lpr.kaggle.session [--settings JSON] [--until STAGE] [OUTPUT]` in a clone; OUTPUT is by default
`KAGGLE_OUTPUT_PATH`, else `/kaggle/working`.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from pydantic import ValidationError

from lpr.base import console
from lpr.kaggle.sessions.output import attached, keep, restore
from lpr.kaggle.sessions.stop import watch
from lpr.records.record import explain
from lpr.records.session import SessionSettings, State

_GRACE = 10.0  # seconds at least, for a training to write its state
_MARGIN = (900.0, 0.1)  # seconds, and share of the limit: the smaller is kept for stopping and for keeping


def run_session(settings: SessionSettings, output: Path) -> int:
    """Run the pipeline in the working directory, a clone of the repository; `output` is for what is kept.

    Returns:
        0 if the pipeline is done and its gates are met, or if it was stopped in time; 1 for a gate that is not met;
        else DVC's exit status.
    """
    started = settings.started or time.time()
    limit = 3600 * settings.hours
    margin = min(_MARGIN[0], _MARGIN[1] * limit)
    output.mkdir(parents=True, exist_ok=True)
    if settings.resume:
        before = attached(settings.resume)
        print(f"resuming from {before}", flush=True)
        restore(before)
    command = ["exp", "run"] if settings.set else ["repro"]
    for change in settings.set:
        command += ["--set-param", change]
    if settings.until:
        command.append(settings.until)
    wanted = threading.Event()
    if settings.kernel and settings.run:
        watch(settings.kernel, settings.run, wanted.set)
    status, stopped = _run_until(command, wanted, started + limit - margin, max(_GRACE, margin / 2))
    state: State = "complete" if status == 0 else "stopped" if stopped else "failed"
    keep(output, settings, state, status, round(time.time() - started))
    print(f"session {state}: {output}", flush=True)
    if state == "complete":
        return 0 if settings.until else _gates()
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


def _settings(text: str) -> SessionSettings:
    try:
        return SessionSettings.model_validate_json(text)
    except ValidationError as error:
        raise argparse.ArgumentTypeError("; ".join(explain(error))) from error


def main() -> int:
    """Read the command line and run the session."""
    parser = argparse.ArgumentParser(prog="lpr.kaggle.session", description="Run the pipeline in a Kaggle session.")
    parser.add_argument(
        "--settings",
        type=_settings,
        default=SessionSettings(),
        help="as lpr kaggle run passes them",
    )
    parser.add_argument("--until", metavar="STAGE", help="the last stage that runs; the gates are not judged then")
    default = os.environ.get("KAGGLE_OUTPUT_PATH") or "/kaggle/working"
    parser.add_argument("output", nargs="?", type=Path, default=Path(default))
    arguments = parser.parse_args()
    settings: SessionSettings = arguments.settings
    if arguments.until:
        settings = settings.model_copy(update={"until": arguments.until})
    return run_session(settings, arguments.output.resolve())


if __name__ == "__main__":
    console.run(main)
