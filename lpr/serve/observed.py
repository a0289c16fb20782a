"""Each request counted and logged: method, path, status and time, never names of files or what was read."""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Collection
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lpr.serve.metrics import Metrics
from lpr.serve.refusal import RefusalError

_log = logging.getLogger(__name__)
GONE = 499
"""Status under which a request is counted whose client went before its answer."""


class Observed:
    """Counts and logs what an application answers. Paths that it does not know are counted as one."""

    def __init__(self, app: ASGIApp, metrics: Metrics, paths: Collection[str]) -> None:
        self._app, self._metrics, self._paths = app, metrics, frozenset(paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = GONE
        began = perf_counter()

        async def seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, seen)
        finally:
            seconds = perf_counter() - began
            path = scope["path"] if scope["path"] in self._paths else "other"
            self._metrics.requests.labels(path, status).inc()
            self._metrics.seconds.labels(path).observe(seconds)
            _log.info("%s %s %d %.0f ms", scope["method"], path, status, 1000 * seconds)


class Secured:
    """Lets only requests with the bearer token through, except to `open_paths`, which hold nothing worth hiding."""

    def __init__(self, app: ASGIApp, token: str, open_paths: Collection[str]) -> None:
        self._app, self._wanted, self._open = app, f"Bearer {token}".encode(), tuple(open_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 401."""
        if scope["type"] == "http" and not self._passes(scope):
            refusal = RefusalError(401, "a bearer token is needed: `Authorization: Bearer TOKEN`")
            body = json.dumps({"error": str(refusal)}).encode()
            headers = {**refusal.headers, "Content-Type": "application/json", "Content-Length": str(len(body))}
            pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
            await send({"type": "http.response.start", "status": refusal.status, "headers": pairs})
            await send({"type": "http.response.body", "body": body})
            return
        await self._app(scope, receive, send)

    def _passes(self, scope: Scope) -> bool:
        path = scope["path"]
        if any(path == one or (one.endswith("/") and one != "/" and path.startswith(one)) for one in self._open):
            return True
        given = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        return hmac.compare_digest(given, self._wanted)
