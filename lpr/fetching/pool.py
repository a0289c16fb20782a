"""Working on all chosen entries in several processes, with the outcomes in order."""

from __future__ import annotations

import multiprocessing
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice

from tqdm import tqdm

from lpr.base.errors import LprError
from lpr.fetching import worker
from lpr.fetching.annotation_store import AnnotationStore
from lpr.fetching.file_names import free_name

_CHUNK = 8  # entries sent to a worker at a time


def run_jobs(store: AnnotationStore, settings: worker.Settings, workers: int, start_method: str | None = None) -> None:
    """Work on every chosen entry and record the outcomes in their order.

    Args:
        store: holds the entries.
        settings: what the workers need to know.
        workers: processes; 1 works in this one.
        start_method: of multiprocessing, the platform's unless given.

    Raises:
        LprError: a worker died.
    """
    names: dict[int, str] = {}

    def chunks() -> Iterator[list[worker.Job]]:
        stream = _jobs(store, settings)
        while chunk := list(islice(stream, _CHUNK)):
            names.update((job.row, job.name) for job in chunk)
            yield chunk

    total = store.count_chosen()
    patience = 0.2 if sys.stderr.isatty() else 10.0  # a log file needs fewer lines
    with tqdm(total=total, desc="fetch_data", unit=" images", file=sys.stderr, mininterval=patience) as bar:
        for outcomes in _outcomes(chunks(), settings, min(workers, -(-total // _CHUNK)), start_method):
            for outcome in outcomes:
                store.add_outcome(outcome, names.pop(outcome.row))
            bar.update(len(outcomes))


def _jobs(store: AnnotationStore, settings: worker.Settings) -> Iterator[worker.Job]:
    for row, source, image, payload in store.chosen():
        yield worker.Job(row, source, free_name(store, settings.sources[source].params.name, image), payload)


def _outcomes(
    chunks: Iterator[list[worker.Job]], settings: worker.Settings, workers: int, start_method: str | None
) -> Iterator[list[worker.Outcome]]:
    if workers <= 1:
        worker.start(settings, in_pool=False)
        yield from map(worker.work, chunks)
        return
    context = multiprocessing.get_context(start_method)
    pool = ProcessPoolExecutor(workers, context, initializer=worker.start, initargs=(settings,))
    try:
        # A window of chunks in flight, taken in order: memory stays flat and the result is the same for any number.
        flying: list[Future[list[worker.Outcome]]] = []
        with _interrupts_held():
            flying += [pool.submit(worker.work, chunk) for chunk in islice(chunks, 3 * workers)]
        while flying:
            yield flying.pop(0).result()
            flying += [pool.submit(worker.work, chunk) for chunk in islice(chunks, 1)]
    except BrokenProcessPool as error:
        raise LprError(
            "a worker of fetch_data died, most likely killed for want of memory; lower fetch_data.max_megapixels, or "
            "free memory and run again"
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back while workers start, who inherit that: until they ignore it, it would end them noisily."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
