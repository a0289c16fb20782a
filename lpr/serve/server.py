"""The service as a process: its socket, its signals, and looking for newer models."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import threading
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from lpr.base.errors import LprError
from lpr.base.memory import return_large_blocks
from lpr.serve.app import Service
from lpr.serve.connection import PatientConnection
from lpr.serve.limits import Limits
from lpr.serve.metrics import Metrics
from lpr.serve.models import Models
from lpr.serve.sources import open_source

_BACKLOG = 1024
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """How the service runs.

    Attributes:
        models: a folder, `registry`, `registry:DIR`, `kaggle:OWNER/SLUG`; None: the shipped ones.
        host, port: where it listens; port 0: a free one.
        follow: seconds between two looks for newer models; None: only when asked by SIGHUP.
        threads: of the models; None: every core.
        token: that requests must have, if any.
        log_plates: whether texts of plates may be logged.
        limits: of requests.
    """

    models: str | None
    host: str
    port: int
    follow: float | None
    threads: int | None
    token: str | None
    log_plates: bool
    limits: Limits


def serve(settings: Settings) -> int:
    """Serve until SIGTERM or Ctrl-C, then answer what is in hand; return 0.

    Raises:
        LprError: the address is taken, or the models cannot be used.
    """
    warnings.simplefilter("ignore")  # Pillow warns of odd metadata; what matters comes as an error of ours
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    return_large_blocks()
    listener = _listen(settings.host, settings.port)
    metrics = Metrics()
    models = Models(open_source(settings.models), metrics, settings.threads)
    app = Service(models, settings.limits, metrics, settings.log_plates).app(settings.token)
    host, port = listener.getsockname()[:2]
    config = uvicorn.Config(
        _Updated(app, models, settings.follow, f"http://{f'[{host}]' if ':' in host else host}:{port}"),
        http=PatientConnection,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2 * settings.limits.seconds,
    )
    # Uvicorn hands the signal that ended it to whoever had it before: for SIGTERM that is no failure.
    signal.signal(signal.SIGTERM, lambda *_: None)
    uvicorn.Server(config).run(sockets=[listener])
    return 0


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        raise LprError(f"{host}:{port}: cannot listen there ({error}); choose another --host or --port") from error
    listener.setblocking(False)
    return listener


class _Updated:
    """An application beside which newer models are looked for, every `follow` seconds and at SIGHUP."""

    def __init__(self, app: ASGIApp, models: Models, follow: float | None, address: str) -> None:
        self._app, self._models, self._follow, self._address = app, models, follow, address
        self._asked = threading.Event()
        self._over = threading.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        async with self._looking():
            await self._app(scope, receive, send)

    @asynccontextmanager
    async def _looking(self) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        with suppress(NotImplementedError, AttributeError):  # Windows has no SIGHUP
            loop.add_signal_handler(signal.SIGHUP, self._ask)
        # A thread of its own: fetching and opening models takes seconds, and no request shall wait for it.
        looker = threading.Thread(target=self._look, name="lpr-update", daemon=True)
        looker.start()
        print(f"lpr serve: {self._address}, models {self._models.current().version}", flush=True)
        try:
            yield
        finally:
            self._over.set()
            self._asked.set()

    def _ask(self) -> None:
        _log.info("SIGHUP: looking for newer models")
        self._models.forget_refusals()
        self._asked.set()

    def _look(self) -> None:
        while True:
            self._asked.wait(self._follow)
            self._asked.clear()
            if self._over.is_set():
                return
            self._models.update()
