"""Going through formats that have one annotation file a photo."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from lpr.fetching.formats.raw import Raw, RawEntry, RawRejection

LARGEST_FILE = 1 << 20
"""Bytes of one photo's annotation file; real ones have some hundred for each plate."""


def read_each(files: Iterable[str], read: Callable[[str], RawEntry]) -> Iterator[Raw]:
    """Yield `read(file)` for each annotation file; where it raises ValueError, a rejection with the error as reason."""
    for file in files:
        try:
            yield read(file)
        except ValueError as error:
            yield RawRejection(file, "", str(error))
