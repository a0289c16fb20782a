"""Paths in a source's folder: its files, and where the photo lies that an annotation names."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path, PurePosixPath

IMAGE_SUFFIXES = (".jpg", ".png", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")
"""In the order in which a photo of a known stem is looked for."""


def climbs_out(path: str) -> bool:
    """Return whether a relative path, taken as it is written, may lead outside its folder."""
    pure = PurePosixPath(path.replace("\\", "/"))
    return pure.is_absolute() or ".." in pure.parts or bool(re.match(r"^[A-Za-z]:", path)) or "\0" in path


def is_file(path: Path) -> bool:
    """Return whether there is such a file. A name that no file system takes is the name of no file."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    """Return whether there is such a folder; else like `is_file`."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def locate(root: Path, candidates: Iterable[str]) -> str:
    """Return the first of some relative paths that is a file under `root`, or else the first of all."""
    first = ""
    for candidate in candidates:
        first = first or candidate
        if not climbs_out(candidate) and is_file(root / candidate):
            return candidate
    return first


def walk(root: Path, suffixes: Collection[str]) -> Iterator[str]:
    """Yield files below `root` by suffix (lower case, with dot), as relative paths in sorted order, no hidden ones."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        base = Path(folder).relative_to(root)
        for name in sorted(names):
            if not name.startswith(".") and os.path.splitext(name)[1].lower() in suffixes:  # noqa: PTH122
                yield (base / name).as_posix()


def find_photo(folder: Path, file: str, *names: str) -> str:
    """Return where a photo lies, relative to `folder`, that an export names by a path of the tool's own storage.

    Tried are, for each name, its last parts from the longest to the file's name alone, beside the export, in the
    folder, and in `images/` of both. Where there is none, the first place looked at.
    """
    parent = PurePosixPath(file).parent
    bases = dict.fromkeys((PurePosixPath(), PurePosixPath("images"), parent, parent / "images"))
    return locate(folder, ((base / tail).as_posix() for name in names for tail in _tails(name) for base in bases))


def _tails(name: str) -> Iterator[PurePosixPath]:
    parts = [part for part in PurePosixPath(name.replace("\\", "/")).parts if part != "/"] or ["_"]
    for start in range(len(parts)):
        yield PurePosixPath(*parts[start:])
