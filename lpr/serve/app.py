"""The service's paths."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from lpr.inference.as_json import photo_record
from lpr.serve import openapi
from lpr.serve.limits import Limits
from lpr.serve.metrics import Metrics
from lpr.serve.models import Models
from lpr.serve.observed import GONE, Observed, Secured
from lpr.serve.parameters import parameters
from lpr.serve.reader import Answer, Reader
from lpr.serve.refusal import RefusalError
from lpr.serve.uploads import Bodies, Upload

STATIC = Path(__file__).parent / "static"
_OPEN = ("/", "/health", "/ready", "/docs", "/docs/assets/", "/static/", "/openapi.json")
_SAFE = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' blob: data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
_DOCS_SAFE = {
    **_SAFE,
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src * data:",
}
_log = logging.getLogger(__name__)


class Service:
    """Answers requests with what the models read.

    Args:
        models: in use.
        limits: of requests.
        metrics: where to count.
        log_plates: whether texts of plates may be logged.
    """

    def __init__(self, models: Models, limits: Limits, metrics: Metrics, log_plates: bool = False) -> None:
        self._models = models
        self._limits = limits
        self._metrics = metrics
        self._log_plates = log_plates
        self._bodies = Bodies(limits)
        self._reader = Reader(models.current, limits, metrics)

    def app(self, token: str | None = None) -> ASGIApp:
        """Return the application; with a token, only whoever has it may read photos."""
        document = openapi.document(self._limits, token is not None)

        async def describe(_: Request) -> Response:
            return JSONResponse(document)

        routes = [
            Route("/v1/read", self.read, methods=["POST"]),
            Route("/v1/model", self.model),
            Route("/health", _health),
            Route("/ready", self.ready),
            Route("/metrics", self.metrics),
            Route("/openapi.json", describe),
            Route("/docs", _docs),
            Route("/", _page),
        ]
        paths = [route.path for route in routes]
        mounts = [
            Mount("/docs/assets", StaticFiles(directory=openapi.assets())),
            Mount("/static", StaticFiles(directory=STATIC)),
        ]
        inner: ASGIApp = Starlette(
            routes=[*routes, *mounts],
            lifespan=self._life,
            exception_handlers={RefusalError: _refused, HTTPException: _http_error, ClientDisconnect: _gone},
        )
        if token is not None:
            inner = Secured(inner, token, _OPEN)
        return Observed(inner, self._metrics, paths)

    @asynccontextmanager
    async def _life(self, _: Starlette) -> AsyncIterator[None]:
        self._reader.start()
        yield
        await self._reader.stop()

    async def read(self, request: Request) -> Response:
        """Answer with the plates of the request's photos."""
        with self._bodies.room() as room:
            form = await self._bodies.form(request, room)
            detail, regions = parameters({**form.fields, **request.query_params})
            futures = self._reader.submit([photo.data for photo in form.photos], regions)
            await self._answered(request, futures)
            records = [_record(photo, future, detail) for photo, future in zip(form.photos, futures, strict=True)]
        refusals = [error for future in futures if (error := future.exception())]
        if len(refusals) == len(futures):
            raise refusals[0]
        if self._log_plates:
            texts = [plate["text"] for record in records for plate in record["plates"]]
            _log.info("plates: %s", " ".join(texts) or "none")
        return JSONResponse(records if form.several else records[0])

    async def _answered(self, request: Request, futures: Sequence[asyncio.Future[Answer]]) -> None:
        """Wait for the answers; give them up when the client goes or the time is over."""
        gone = asyncio.create_task(_disconnected(request))
        all_done = asyncio.ensure_future(asyncio.wait(futures))
        try:
            waited = await asyncio.wait({gone, all_done}, timeout=self._limits.seconds, return_when="FIRST_COMPLETED")
            if all_done not in waited[0]:
                if gone.done():
                    raise ClientDisconnect
                raise RefusalError(503, f"not answered within {self._limits.seconds} seconds; try again in a moment")
        finally:
            gone.cancel()
            all_done.cancel()
            for future in futures:
                future.cancel()

    async def model(self, _: Request) -> Response:
        """Answer with the models in use."""
        return JSONResponse(self._models.current().as_json())

    async def ready(self, _: Request) -> Response:
        """Answer 200 where a photo would be taken now."""
        if self._reader.full:
            return JSONResponse({"ready": False}, 503, RefusalError(503, "").headers)
        return JSONResponse({"ready": True, "model": self._models.current().version})

    async def metrics(self, _: Request) -> Response:
        """Answer with the counters."""
        return Response(self._metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


def _record(photo: Upload, future: asyncio.Future[Answer], detail: bool) -> dict[str, Any]:
    if error := future.exception():
        return {**photo_record(photo.name, []), "error": str(error)}
    answer = future.result()
    record = photo_record(photo.name, answer.plates)
    return {**record, "size": list(answer.size), "model": answer.version} if detail else record


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _health(_: Request) -> Response:
    return JSONResponse({"alive": True})


async def _page(_: Request) -> Response:
    return HTMLResponse((STATIC / "index.html").read_text(encoding="utf-8"), headers=_SAFE)


async def _docs(_: Request) -> Response:
    return HTMLResponse(openapi.DOCS, headers=_DOCS_SAFE)


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, RefusalError)
    return JSONResponse({"error": str(error)}, error.status, error.headers)


async def _http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


async def _gone(_: Request, __: Exception) -> Response:
    return Response(status_code=GONE)
