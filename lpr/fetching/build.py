"""Building the data set: sources in, a checked `data/` with splits out, in a stream and in parallel."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lpr.base.errors import LprError
from lpr.base.files import write_json
from lpr.base.folders import swap
from lpr.base.processors import usable_cores
from lpr.data.annotations import SPLITS
from lpr.fetching.annotation_store import AnnotationStore
from lpr.fetching.collect import collect_entries
from lpr.fetching.contact_sheet import write_contact_sheet
from lpr.fetching.grouping import divide, drop_duplicates
from lpr.fetching.leaks import settle_leaks
from lpr.fetching.manifest import summarise, write_data
from lpr.fetching.pool import run_jobs
from lpr.fetching.rejected import check_rejected, leave_table, write_rejected
from lpr.fetching.sources import open_sources
from lpr.fetching.truth import count_truth
from lpr.fetching.worker import Settings
from lpr.records.params import FetchData

_KEPT = "data/ was left as it was: free space or make that place writable, then run again"


@dataclass(frozen=True)
class Outputs:
    """Where a run writes.

    Attributes:
        data: the data set.
        results: totals in metrics.json, which DVC compares; all counts in details.json; rejected entries; samples.
        work: scratch on the same file system as `data`, and the tables that a failing run leaves.
    """

    data: Path = Path("data")
    results: Path = Path("results/fetch_data")
    work: Path = Path(".work/fetch_data")


def build_dataset(
    params: FetchData,
    seed: int,
    outputs: Outputs | None = None,
    workers: int | None = None,
    start_method: str | None = None,
) -> dict[str, Any]:
    """Bring the sources into one data set and return its metrics, as details.json has them.

    `data/` appears whole at the end or not at all; an earlier one stays until then. The same sources, parameters and
    seed give the same bytes whatever the number of workers.

    Args:
        params: the section `fetch_data` of params.yaml.
        seed: the seed of params.yaml.
        outputs: where to write; the pipeline's folders unless given.
        workers: processes; the number of usable processors unless given. 1 works in this process.
        start_method: of multiprocessing, the platform's unless given.

    Raises:
        LprError: a source cannot be read, too much of it is rejected, its own splits leak, or a worker died.
    """
    outputs = outputs or Outputs()
    sources = open_sources(params.sources, seed)
    with (
        _explained(),
        _scratch(outputs) as scratch,
        closing(AnnotationStore(scratch / "store.sqlite")) as store,
    ):
        staging = scratch / "data"
        for split in SPLITS:
            (staging / "images" / split).mkdir(parents=True)
        (staging / "annotations").mkdir()
        inbox = scratch / "inbox"
        inbox.mkdir()
        try:
            collect_entries(store, sources)
            settings = Settings(tuple(sources), inbox, params.max_megapixels, params.max_side, params.jpeg_quality)
            run_jobs(store, settings, workers or usable_cores(), start_method)
            check_rejected(store, sources, params.max_rejected)
            settle_leaks(store, sources)
            drop_duplicates(store)
            shares = (params.shares.train, params.shares.val, params.shares.test)
            cuts = divide(store, seed, shares)
        except LprError as error:
            raise LprError(f"{error}{leave_table(store, sources, outputs.work)}") from error
        truth = count_truth(store)
        metrics = {**summarise(store, sources), "truth": truth}
        manifest = write_data(store, sources, metrics["sources"], cuts, inbox, staging)
        write_json(outputs.results / "details.json", metrics)
        write_json(outputs.results / "metrics.json", {"total": metrics["total"], "truth": {"test": truth["test"]}})
        write_rejected(store, sources, outputs.results / "rejected.csv")
        write_contact_sheet(store, [source.params.name for source in sources], staging, outputs.results / "samples.jpg")
        swap(staging, outputs.data, scratch / "old")
    return {**metrics, "fingerprint": manifest["fingerprint"], "cut_off": manifest["splits"]["cut_off"]}


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
def _scratch(outputs: Outputs) -> Iterator[Path]:
    """Yield an empty folder that is gone afterwards; what a killed run left there goes first."""
    path = outputs.work / "running"
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
