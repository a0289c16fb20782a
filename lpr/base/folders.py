"""Writing whole folders or nothing of them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Yield an empty folder that takes the place of `target` when the block ends without an error.

    Until then, and when anything fails or Ctrl-C comes, `target` is as it was: absent, or with all its files.

    Args:
        target: a folder, or nothing yet; its parent is made if it is not there.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as scratch:
        fresh = Path(scratch) / "new"
        fresh.mkdir()
        yield fresh
        swap(fresh, target, Path(scratch) / "old")


def swap(fresh: Path, target: Path, old: Path) -> None:
    """Move `fresh` to `target`, and what was there to `old`; all three are on one file system, in folders that exist.

    When the second of the two renames fails or is interrupted, the first is taken back.
    """
    try:
        if target.exists():
            target.rename(old)
        fresh.rename(target)
    except BaseException:
        if old.exists() and not target.exists():
            old.rename(target)
        raise
