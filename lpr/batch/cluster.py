"""Photos read on a cluster by Ray Data, into Parquet."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lpr.base.errors import LprError
from lpr.base.folders import replacing
from lpr.batch.read_photos import ReadPhotos
from lpr.inference.photos import SUFFIXES

LOCAL = "local"
"""The address that stands for a cluster of this machine alone, for this job."""
PHOTOS_AT_ONCE = 16
_URL = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+://")


def read_with_ray(
    places: Sequence[str],
    out: str,
    address: str,
    reader: type[ReadPhotos] = ReadPhotos,
    arguments: Mapping[str, Any] | None = None,
) -> tuple[int, int, int]:
    """Read all photos of some places, and write a row for each plate as `ReadPhotos` returns it.

    A worker that dies is started anew by Ray, and its photos are read again. The Parquet folder appears when it is
    complete: nothing is lost, and nothing there twice.

    Args:
        places: folders, with those below them, or photos; paths, or URLs of object stores, as `s3://bucket/photos`.
        out: a folder of Parquet files that does not exist yet. At a URL it fills up as the job goes on.
        address: of a running cluster, as `ray://host:10001` or `auto`; `LOCAL`.
        reader: what reads a batch, with `arguments`.

    Returns:
        The numbers of photos, of plates, and of photos that could not be read.

    Raises:
        LprError: Ray is not installed, `out` exists, there are no photos, or the job failed.
    """
    try:
        import ray
        import ray.data
    except ModuleNotFoundError as error:
        raise LprError(f"--ray needs the module {error.name}; pip install 'lpr[ray]'") from error
    local = not _URL.match(out)
    if local and Path(out).exists():
        raise LprError(f"{out}: there is something already; name another --out, or take it away")
    ours = not ray.is_initialized()
    if ours:
        ray.init(address=None if address == LOCAL else address, log_to_driver=False)
    try:
        suffixes = sorted(suffix[1:] for suffix in SUFFIXES)
        photos = ray.data.read_binary_files(list(places), include_paths=True, file_extensions=suffixes)
        readings = photos.map_batches(
            reader,
            fn_constructor_kwargs=dict(arguments or {}),
            batch_size=PHOTOS_AT_ONCE,
            num_cpus=1,
            concurrency=(1, max(int(ray.cluster_resources().get("CPU", 1)), 1)),
        )
        if local:
            with replacing(Path(out).resolve()) as fresh:
                readings.write_parquet(str(fresh))
        else:
            readings.write_parquet(out)
        return _count(out)
    except LprError:
        raise
    except Exception as error:  # Ray wraps what its workers raise in classes of its own
        raise LprError(f"the job on Ray failed: {str(error).strip().splitlines()[-1][:300]}") from error
    finally:
        if ours:
            ray.shutdown()


def _count(out: str) -> tuple[int, int, int]:
    import pyarrow.compute as pc
    import pyarrow.dataset as ds

    table = ds.dataset(out, format="parquet").to_table(columns=["image", "text", "error"])
    full = [pc.sum(pc.not_equal(table[name], "")).as_py() or 0 for name in ("text", "error")]
    return pc.count_distinct(table["image"]).as_py(), full[0], full[1]
