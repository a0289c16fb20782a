"""Several threads at work on many photos, with the results in order and few photos in memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

PHOTOS_A_THREAD = 4
"""Photos that a thread decodes and reads together: they share the models' calls."""
MOST_THREADS = 8
"""Threads that read photos at the same time; bounds the photos in memory, and more would wait for Python's lock."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def threads_of_a_call(photos: int, cores: int) -> int:
    """Return with how many threads a model should be opened that reads so many photos on so many cores.

    Where every core has photos of its own, several that share one call only wait for each other.
    """
    return cores if photos < cores * PHOTOS_A_THREAD else max(1, cores // MOST_THREADS)


def in_groups(read: Callable[[Sequence[Item]], Result], photos: Sequence[Item], threads: int) -> Iterator[Result]:
    """Yield `read(group)` for small groups of photos, in order, so that decoding overlaps with the models' work."""
    starts = range(0, len(photos), PHOTOS_A_THREAD)
    groups = (photos[start : start + PHOTOS_A_THREAD] for start in starts)
    return overlapped(read, groups, min(threads, MOST_THREADS, len(starts)))


def overlapped(function: Callable[[Item], Result], items: Iterable[Item], threads: int) -> Iterator[Result]:
    """Yield `function(item)` for each item, in order, computed in `threads` threads and hardly further ahead than that.

    Decoding, resampling and ONNX Runtime leave Python's lock, so that threads are enough. What the function raises is
    raised at its item's turn, after which no further item is begun.
    """
    if threads <= 1:
        yield from map(function, items)
        return
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[Result]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(function, item))
                if len(waiting) > threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
