"""Photos of all requests, decoded beside the models and read together."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter
from typing import Any, NamedTuple, TypeAlias

from PIL import Image

from lpr.base.errors import LprError
from lpr.inference.plates import PlateReading
from lpr.serve.decoding import decode_photo, open_photo
from lpr.serve.limits import Limits
from lpr.serve.loaded import Loaded
from lpr.serve.metrics import Metrics
from lpr.serve.refusal import RefusalError

BATCH = 16
"""Photos that are read together at most."""
GATHER_SECONDS = 0.005
"""How long photos that are ready wait for others that are being decoded."""
DECODED = 2
"""Pixels of decoded photos that are in memory at the same time, in units of the largest photo."""

_log = logging.getLogger(__name__)


Outcome: TypeAlias = list[PlateReading] | RefusalError
Regions: TypeAlias = tuple[str, ...] | None
"""Countries whose plates a request expects; None: all."""


class Ready(NamedTuple):
    """A decoded photo, and who waits for it."""

    photo: Image.Image
    regions: Regions
    future: asyncio.Future[Answer]


@dataclass(frozen=True)
class Answer:
    """What was read of a photo: its plates, its size in pixels as it is displayed, and by which models."""

    plates: list[PlateReading]
    size: tuple[int, int]
    version: str


class Reader:
    """Reads photos in batches, on two kinds of threads: those that decode, and one that calls the models.

    Args:
        models: gives the models to read the next batch with.
        limits: of photos and queue.
        metrics: where to count.
    """

    def __init__(self, models: Callable[[], Loaded], limits: Limits, metrics: Metrics) -> None:
        self._models = models
        self._limits = limits
        self._metrics = metrics
        self._decoders = ThreadPoolExecutor(models().recognizer.threads, "lpr-decode")
        self._caller = ThreadPoolExecutor(1, "lpr-read")
        self._ready: deque[Ready] = deque()
        self._arrived = asyncio.Event()
        self._decoding = 0
        self._held = 0
        self._pixels = 0
        self._turn = asyncio.Lock()
        self._freed = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def full(self) -> bool:
        """Whether not even one photo more would be taken."""
        return self._held >= self._limits.queue

    def start(self) -> None:
        """Begin to read what is submitted."""
        self._keep(self._read_batches())

    async def stop(self) -> None:
        """Stop at once; what is being read is lost."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._decoders.shutdown(wait=False, cancel_futures=True)
        self._caller.shutdown(wait=False, cancel_futures=True)

    def submit(self, photos: Sequence[bytes], regions: Regions = None) -> list[asyncio.Future[Answer]]:
        """Take the photos of a request, and the countries that it expects plates of.

        Returns:
            A future for each, with its answer, or a RefusalError. One that is cancelled is not read any more.

        Raises:
            RefusalError: the queue has no room for all of them (503).
        """
        if self._held + len(photos) > self._limits.queue:
            raise RefusalError(503, "too many photos are waiting; try again in a moment")
        futures = []
        for data in photos:
            future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
            self._count(1)
            future.add_done_callback(self._done)
            self._keep(self._prepare(data, regions, future))
            futures.append(future)
        return futures

    def _done(self, future: asyncio.Future[Answer]) -> None:
        self._count(-1)
        if future.cancelled():
            outcome = "cancelled"
        elif future.exception():  # asking for it also tells asyncio that nobody forgot it
            outcome = "refused"
        else:
            outcome = "read"
            self._metrics.plates.inc(len(future.result().plates))
        self._metrics.photos.labels(outcome).inc()

    def _count(self, change: int) -> None:
        self._held += change
        self._metrics.queue.set(self._held)

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _prepare(self, data: bytes, regions: Regions, future: asyncio.Future[Answer]) -> None:
        """Decode a photo, as soon as there is room for its pixels."""
        loop = asyncio.get_running_loop()
        pixels = 0
        self._decoding += 1
        try:
            opened = await loop.run_in_executor(self._decoders, open_photo, data, self._limits)
            # In the order of arrival: a large photo is not overtaken for ever by small ones.
            async with self._turn:
                while self._pixels and self._pixels + opened.width * opened.height > DECODED * self._limits.pixels:
                    self._freed.clear()
                    await self._freed.wait()
                pixels = opened.width * opened.height
                self._pixels += pixels
            future.add_done_callback(lambda _: self._free(pixels))
            if not future.done():
                photo = await loop.run_in_executor(self._decoders, decode_photo, opened)
                self._ready.append(Ready(photo, regions, future))
        except RefusalError as error:
            if not future.done():
                future.set_exception(error)
        except Exception:
            _log.exception("a photo that cannot be decoded")
            if not future.done():
                future.set_exception(RefusalError(500, "an error of the service, which its log tells of"))
        finally:
            self._decoding -= 1
            self._arrived.set()

    def _free(self, pixels: int) -> None:
        self._pixels -= pixels
        self._freed.set()

    async def _read_batches(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._gather()
            batch: list[Ready] = []
            while self._ready and len(batch) < BATCH:
                ready = self._ready.popleft()
                if not ready.future.done():
                    batch.append(ready)
            if not batch:
                continue
            models = self._models()
            began = perf_counter()
            outcomes = await loop.run_in_executor(self._caller, _read_all, models, batch)
            self._metrics.batch.observe(len(batch))
            self._metrics.batch_seconds.observe(perf_counter() - began)
            for ready, outcome in zip(batch, outcomes, strict=True):
                if ready.future.done():
                    continue
                if isinstance(outcome, RefusalError):
                    ready.future.set_exception(outcome)
                else:
                    ready.future.set_result(Answer(outcome, ready.photo.size, models.version))

    async def _gather(self) -> None:
        """Wait until a photo is ready; then for more, while any are being decoded, until a batch is full."""
        loop = asyncio.get_running_loop()
        latest: float | None = None
        while len(self._ready) < BATCH:
            if self._ready:
                latest = latest or loop.time() + GATHER_SECONDS
                if not self._decoding or loop.time() >= latest:
                    return
            self._arrived.clear()
            try:
                async with asyncio.timeout_at(latest):
                    await self._arrived.wait()
            except TimeoutError:
                return


def _read_all(models: Loaded, batch: Sequence[Ready]) -> list[Outcome]:
    """Read photos, those that expect the same countries together."""
    outcomes: dict[int, Outcome] = {}
    for regions in dict.fromkeys(ready.regions for ready in batch):
        places = [place for place, ready in enumerate(batch) if ready.regions == regions]
        read = _read(models, [batch[place].photo for place in places], regions)
        outcomes.update(zip(places, read, strict=True))
    return [outcomes[place] for place in range(len(batch))]


def _read(models: Loaded, photos: list[Image.Image], regions: Regions) -> list[Outcome]:
    """Read photos together; where that fails, one by one, so that each request gets its own failure."""
    try:
        return [*models.expecting(regions).read(photos)]
    except Exception as error:
        if len(photos) > 1:
            return [_read(models, [photo], regions)[0] for photo in photos]
        if isinstance(error, LprError):
            return [RefusalError(422, str(error))]
        _log.exception("a photo that cannot be read")
        return [RefusalError(500, "an error of the service, which its log tells of")]
