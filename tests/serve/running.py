"""Services that tests talk to: the command in a process of its own, and one in this process with a reader to steer."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn

from lpr.inference.shipped import SHIPPED
from lpr.serve.app import Service
from lpr.serve.connection import PatientConnection
from lpr.serve.limits import Limits
from lpr.serve.metrics import Metrics
from lpr.serve.models import Models
from lpr.serve.sources import FolderSource

ROOT = Path(__file__).parents[2]
PATIENCE = 120
"""Seconds after which a test that waits has failed."""


@dataclass(frozen=True)
class Answer:
    """An answer of a service."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(port: int, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
    """Ask once, over a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(method, path, body, dict(headers or {}))
        answer = connection.getresponse()
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def form(*photos: tuple[str, bytes], fields: Mapping[str, str] | None = None) -> tuple[bytes, dict[str, str]]:
    """Return body and headers of a form with files."""
    parts = [
        f'--LINE\r\nContent-Disposition: form-data; name="photo"; filename="{name}"\r\n\r\n'.encode() + data + b"\r\n"
        for name, data in photos
    ]
    for name, value in (fields or {}).items():
        parts.append(f'--LINE\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    return b"".join([*parts, b"--LINE--\r\n"]), {"Content-Type": "multipart/form-data; boundary=LINE"}


@dataclass
class Command:
    """`lpr serve` in a process of its own."""

    process: subprocess.Popen[str]
    port: int
    log: list[str] = field(default_factory=list)
    _more: threading.Condition = field(default_factory=threading.Condition)

    def follow_log(self) -> None:
        for line in self.process.stderr or ():
            with self._more:
                self.log.append(line)
                self._more.notify_all()

    def wait_for(self, text: str) -> str:
        """Return the log's first line that holds a text, when it is there."""
        with self._more:
            assert self._more.wait_for(lambda: any(text in line for line in self.log), PATIENCE), self.log
            return next(line for line in self.log if text in line)


@contextmanager
def command(*arguments: str, environment: Mapping[str, str] | None = None) -> Iterator[Command]:
    """Run `lpr serve` on a free port until the block ends."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", **(environment or {})}
    process = subprocess.Popen(
        [sys.executable, "-m", "lpr", "serve", "--port", "0", *arguments],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout and process.stderr
        first = process.stdout.readline()
        match = re.search(r"http://127\.0\.0\.1:(\d+)", first)
        assert match, first + process.stderr.read()
        running = Command(process, int(match[1]))
        threading.Thread(target=running.follow_log, daemon=True).start()
        yield running
    finally:
        process.kill()
        process.wait()


class HeldReader:
    """Stands in for the recogniser: answers when told to, with no plates, and notes what it was given together."""

    threads = 1

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.called = threading.Semaphore(0)
        self.batches: list[int] = []

    def read(self, photos: list[Any]) -> list[list[Any]]:
        self.batches.append(len(photos))
        self.called.release()
        assert self.let_go.wait(PATIENCE)
        return [[] for _ in photos]


@contextmanager
def held(limits: Limits) -> Iterator[tuple[int, HeldReader]]:
    """Serve in this process with a `HeldReader`; yield the port and it."""
    metrics, reader = Metrics(), HeldReader()
    models = Models(FolderSource(SHIPPED), metrics)
    object.__setattr__(models.current(), "recognizer", reader)
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    app = Service(models, limits, metrics).app()
    server = uvicorn.Server(uvicorn.Config(app, http=PatientConnection, ws="none", lifespan="on", log_config=None))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield listener.getsockname()[1], reader
    finally:
        reader.let_go.set()
        server.should_exit = True
        thread.join()


def counter(port: int, line: str) -> float:
    """Return the value of one line of /metrics, 0 where there is none."""
    text = ask(port, "GET", "/metrics").body.decode()
    return next((float(row.rsplit(" ", 1)[1]) for row in text.splitlines() if row.startswith(f"{line} ")), 0.0)
