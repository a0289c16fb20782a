"""Decoded, resized images in one memory-mapped file, so that no epoch decodes a JPEG again."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from lpr.base.errors import LprError
from lpr.base.files import atomic_path, fingerprint

Job = TypeVar("Job")
Images = NDArray[np.uint8]

_BLOCK = 64


@contextmanager
def opened(path: Path) -> Iterator[Image.Image]:
    """Open an image of the data set. Raises LprError where it is missing or cannot be decoded within the block."""
    try:
        with Image.open(path) as image:
            yield image
    except (OSError, ValueError, SyntaxError) as error:  # what Pillow makes of damaged files
        reason = getattr(error, "strerror", None) or error
        raise LprError(f"{path}: {reason}; data/ has changed since fetch_data: run `dvc repro` again") from error


def prepare(
    folder: Path,
    name: str,
    jobs: Sequence[Job],
    draw: Callable[[Job], Images],
    shape: tuple[int, int],
    key: str,
    workers: int,
) -> Images:
    """Return the images of all jobs as a read-only memory map, drawn by several processes unless they are there.

    Args:
        folder: where such files lie (git-ignored).
        name: of the file; files of this name with another key are removed.
        jobs: what to draw; each must be picklable, as must `draw`.
        draw: returns a job's image, `shape` x 3 uint8 RGB.
        shape: height and width of every image.
        key: fingerprint of whatever the images depend on beside jobs and shape.
        workers: processes; 0 draws in this one.

    Returns:
        `(N, height, width, 3)` uint8.

    Raises:
        LprError: an image could not be drawn; the message is that of `draw`.
    """
    total = (len(jobs), *shape, 3)
    path = folder / f"{name}-{fingerprint([], key, shape, len(jobs))}.npy"
    try:
        images: Images = np.load(path, mmap_mode="r")
        if images.shape == total:
            return images
    except (OSError, ValueError):
        pass  # not there, or cut off by a full disk: draw it
    with atomic_path(path) as temporary:
        target = np.lib.format.open_memmap(temporary, mode="w+", dtype=np.uint8, shape=total)
        target.flush()
        del target
        if hasattr(os, "posix_fallocate"):
            # Without room, writing to mapped memory would end the process without a word.
            with temporary.open("r+b") as stream:
                os.posix_fallocate(stream.fileno(), 0, temporary.stat().st_size)
        blocks = [range(start, min(start + _BLOCK, len(jobs))) for start in range(0, len(jobs), _BLOCK)]
        work = partial(_draw_block, temporary, draw)
        tasks = [(block, [jobs[index] for index in block]) for block in blocks]
        with tqdm(total=len(jobs), desc=f"preparing {name}", unit="image", disable=None) as bar:
            for done in _map(work, tasks, workers):
                bar.update(done)
    for other in folder.glob(f"{name}-*.npy"):
        if other != path:
            other.unlink(missing_ok=True)
    return np.load(path, mmap_mode="r")


def _map(work: Callable[[Any], int], tasks: list[Any], workers: int) -> Any:
    # Forked, a process is there at once, while a new one first imports torch, which takes longer than a small set;
    # nothing has started threads yet. Only Linux forks safely.
    method = "fork" if sys.platform == "linux" else "spawn"
    if workers == 0 or len(tasks) < 2:
        yield from map(work, tasks)
        return
    with multiprocessing.get_context(method).Pool(workers) as pool:
        yield from pool.imap_unordered(work, tasks)


def _draw_block(path: Path, draw: Callable[[Any], Images], task: tuple[range, list[Any]]) -> int:
    target = np.load(path, mmap_mode="r+")
    block, jobs = task
    for index, job in zip(block, jobs, strict=True):
        target[index] = draw(job)
    target.flush()
    return len(jobs)
