"""Building the data set: sources in, a checked `data/` with splits out, in a stream and in parallel."""

from __future__ import annotations

import csv
import multiprocessing
import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from tqdm import tqdm

from lpr.base.errors import LprError
from lpr.base.files import atomic_path, write_json
from lpr.data.annotations import SPLITS
from lpr.fetching import worker
from lpr.fetching.gather import gather, jobs
from lpr.fetching.grouping import divide, drop_duplicates
from lpr.fetching.manifest import summarise, write_data
from lpr.fetching.samples import write_samples
from lpr.fetching.sources import OpenSource, open_source
from lpr.fetching.store import Store
from lpr.fetching.verdicts import check_rejected, settle_leaks
from lpr.records.params import FetchData

_CHUNK = 8  # entries sent to a worker at a time
_KEPT = "data/ was left as it was: free space or make that place writable, then run again"


@dataclass(frozen=True)
class Layout:
    """Where a run writes.

    Attributes:
        data: the data set.
        results: metrics, rejected entries and samples.
        work: scratch on the same file system as `data`, and the tables that a failing run leaves.
    """

    data: Path = Path("data")
    results: Path = Path("results/fetch_data")
    work: Path = Path(".work/fetch_data")


def build_dataset(
    params: FetchData,
    seed: int,
    layout: Layout | None = None,
    workers: int | None = None,
    start_method: str | None = None,
) -> dict[str, Any]:
    """Bring the sources into one data set and return its metrics.

    `data/` appears whole at the end or not at all; an earlier one stays until then. The same sources, parameters and
    seed give the same bytes whatever the number of workers.

    Args:
        params: the section `fetch_data` of params.yaml.
        seed: the seed of params.yaml.
        layout: where to write; the pipeline's folders unless given.
        workers: processes; the number of usable processors unless given. 1 works in this process.
        start_method: of multiprocessing, the platform's unless given.

    Raises:
        LprError: a source cannot be read, too much of it is rejected, its own splits leak, or a worker died.
    """
    layout = layout or Layout()
    sources = [open_source(source, seed) for source in params.sources]
    with _explained(), _scratch(layout) as scratch, _opened(scratch / "store.sqlite") as store:
        staging = scratch / "data"
        for split in SPLITS:
            (staging / "images" / split).mkdir(parents=True)
        (staging / "annotations").mkdir()
        inbox = scratch / "inbox"
        inbox.mkdir()
        try:
            gather(store, sources)
            settings = make_settings(sources, str(inbox), params.max_megapixels, params.max_side, params.jpeg_quality)
            run_jobs(store, sources, settings, workers or usable_processors(), start_method)
            check_rejected(store, sources, params.max_rejected)
            settle_leaks(store, sources)
            drop_duplicates(store)
            shares = (params.shares.train, params.shares.val, params.shares.test)
            cuts = divide(store, seed, shares)
        except LprError as error:
            raise LprError(f"{error}{_leave_table(store, sources, layout.work)}") from error
        manifest = write_data(store, sources, cuts, inbox, staging)
        metrics = summarise(store, sources)
        write_json(layout.results / "metrics.json", metrics)
        write_rejected(store, sources, layout.results / "rejected.csv")
        write_samples(store, [source.params.name for source in sources], staging, layout.results / "samples.jpg")
        _replace(staging, layout.data, scratch / "old")
    return {**metrics, "fingerprint": manifest["fingerprint"], "split_notes": manifest["splits"]["cut_off"]}


def make_settings(
    sources: list[OpenSource], staging: str | None, max_megapixels: float, max_side: int, jpeg_quality: int
) -> worker.Settings:
    """Return what the workers need to know; without `staging` they write nothing."""
    origins = tuple(
        worker.Origin(
            source.params.name,
            source.params.use,
            None if source.folder is None else str(source.folder),
            source.params.style,
            source.seed,
        )
        for source in sources
    )
    return worker.Settings(origins, staging, max_megapixels, max_side, jpeg_quality)


def run_jobs(
    store: Store, sources: list[OpenSource], settings: worker.Settings, workers: int, start_method: str | None = None
) -> None:
    """Work on every chosen entry and record the outcomes in their order. Raises LprError where a worker dies."""
    names: dict[int, str] = {}

    def chunks() -> Iterator[list[worker.Job]]:
        stream = jobs(store, sources)
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


def write_rejected(store: Store, sources: list[OpenSource], path: Path) -> None:
    """Write the table of what was rejected: source, file, entry, reason; sorted."""
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(("source", "file", "entry", "reason"))
        named = ((sources[number].params.name, *rest) for number, *rest in store.losses())
        table.writerows(named)


def usable_processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


def _leave_table(store: Store, sources: list[OpenSource], work: Path) -> str:
    if next(store.losses(), None) is None:
        return ""
    path = work / "rejected.csv"
    write_rejected(store, sources, path)
    return f"\nEvery rejected entry with its reason is in {path}"


@contextmanager
def _explained() -> Iterator[None]:
    """Turn a full disk, a read-only folder and the like into a message that names the file."""
    try:
        yield
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise LprError(f"{where}{error.strerror or error}; {_KEPT}") from error
    except sqlite3.OperationalError as error:
        raise LprError(f"the scratch database in .work: {error}; {_KEPT}") from error


@contextmanager
def _scratch(layout: Layout) -> Iterator[Path]:
    """Yield an empty folder that is gone afterwards; what a killed run left there goes first."""
    path = layout.work / "running"
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _opened(path: Path) -> Iterator[Store]:
    store = Store(path)
    try:
        yield store
    finally:
        store.close()


def _replace(new: Path, target: Path, old: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        target.rename(old)
    try:
        new.rename(target)
    except BaseException:
        if old.exists():
            old.rename(target)
        raise
