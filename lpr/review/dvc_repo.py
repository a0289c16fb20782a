"""DVC's repository in the working directory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lpr.base.errors import LprError


@contextmanager
def open_repo() -> Iterator[Any]:
    """Open DVC's repository here.

    Raises:
        LprError: there is none, or DVC cannot do what is asked of it within the block.
    """
    from dvc.exceptions import DvcException  # type: ignore[import-untyped]
    from dvc.repo import Repo  # type: ignore[import-untyped]

    try:
        with Repo() as repo:
            yield repo
    except DvcException as error:
        raise LprError(f"DVC: {error}") from error


def hash_path(repo: Any, path: str, fs: Any, ignore: Any) -> Any:
    """Return DVC's object for a file or folder: `hash_info`, and `(key, meta, hash)` of each file in a folder.

    Args:
        repo: as `open_repo` gives it.
        path: in `fs`.
        fs: a file system of DVC.
        ignore: what is left out, as `repo.dvcignore`; None: nothing.
    """
    from dvc_data.hashfile.build import build  # type: ignore[import-untyped]

    return build(repo.cache.local, path, fs, "md5", dry_run=True, ignore=ignore)[2]
