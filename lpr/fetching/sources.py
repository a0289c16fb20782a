"""Opening the sources of params.yaml: where each one's files are, in which format, and what its licence says."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from lpr.base.errors import LprError
from lpr.fetching.formats import detect_format
from lpr.records.params import Source

if TYPE_CHECKING:
    from lpr.synthetic.fonts import Fonts

_LEFT_VARIABLE = re.compile(r"\$\{?(\w+)\}?")


@dataclass(frozen=True)
class OpenSource:
    """A source that was found.

    Attributes:
        params: its section of params.yaml.
        folder: where its files are, None for a rendered one.
        format: the annotation format, None for a rendered one.
        seed: the seed of what is random about it, its own for each source.
        provenance: what the manifest says about where it is from; plain values, no absolute paths.
        fonts: of a rendered one, further letters.
    """

    params: Source
    folder: Path | None
    format: str | None
    seed: int
    provenance: dict[str, Any]
    fonts: Fonts | None = None


def open_sources(sources: Iterable[Source], seed: int) -> list[OpenSource]:
    """Find each source's files and format.

    Raises:
        LprError: a folder is missing, a variable unset, a Kaggle data set out of reach, a format not understood; the
            message names the source and the field.
    """
    fonts_of = cache(_read_fonts)  # seconds for each folder, and several sources may take letters from the same one
    return [_open(source, seed, fonts_of) for source in sources]


def _open(source: Source, seed: int, fonts_of: Callable[[Path], Fonts]) -> OpenSource:
    own_seed = int.from_bytes(hashlib.sha256(f"{seed}:{source.name}".encode()).digest()[:4], "big")
    provenance: dict[str, Any] = {"kind": source.kind, "use": source.use, "licence": source.licence}
    if source.kind == "synthetic":
        provenance.update(style=source.style, photos=source.photos, crops=source.crops, seed=own_seed)
        provenance["licence"] = source.licence or "MIT (rendered by lpr.synthetic)"
        fonts = None
        if source.fonts is not None:
            fonts = fonts_of(expand_path(source.fonts, f"source {source.name}: fonts"))
            provenance["fonts"] = [PurePath(file).name for file in fonts.every]
        return OpenSource(source, None, None, own_seed, provenance, fonts)
    if source.kind == "path":
        folder = expand_path(source.path or "", f"source {source.name}: path")
        provenance["path"] = _without_machine(source.path or "")
    else:
        folder, details = _find_kaggle(source)
        provenance.update(details)
    if provenance["licence"] is None:
        print(
            f"warning: source {source.name}: its licence is not known, and models trained on it do not pass the gates; "
            "name it with `licence:`",
            file=sys.stderr,
            flush=True,
        )
    folder = _descend(folder)
    try:
        found = source.format or detect_format(folder)
    except LprError as error:
        raise LprError(f"source {source.name}: {error}") from error
    provenance["format"] = found
    return OpenSource(source, folder, found, own_seed, provenance)


def expand_path(path: str, field: str) -> Path:
    """Return a folder from a path with `~` and `${VARIABLES}`. Raises LprError that names `field`."""
    expanded = os.path.expandvars(os.path.expanduser(path))  # noqa: PTH111 (Path.expanduser fails for unknown users)
    if unset := _LEFT_VARIABLE.search(expanded):
        raise LprError(
            f"{field} is {path!r}, but the environment variable {unset[1]} is not set; set it to the folder, "
            f"for example `export {unset[1]}=~/plates`"
        )
    folder = Path(expanded)
    try:
        if not folder.exists():
            raise LprError(f"{field} is {path!r}: there is no folder {folder}")
        if not folder.is_dir():
            raise LprError(f"{field} is {path!r}: {folder} is not a folder")
        return folder.resolve()
    except (OSError, RuntimeError) as error:  # a name that is too long; links that lead to themselves
        raise LprError(f"{field} is {path[:80]!r}: not the path of a folder ({error.__class__.__name__})") from error


def _read_fonts(folder: Path) -> Fonts:
    from lpr.synthetic.fonts import read_fonts  # brings OpenCV along

    return read_fonts(folder)


def _descend(folder: Path) -> Path:
    """Return the folder in which a data set starts: archives often wrap everything in one more folder."""
    while True:
        inside = [path for path in folder.iterdir() if not path.name.startswith(".")]
        if len(inside) != 1 or not inside[0].is_dir() or inside[0].name in ("annotations", "images", "labels"):
            return folder
        folder = inside[0]


def _without_machine(path: str) -> str:
    # A manifest is published: it may say how the folder is called, not where on somebody's machine it lies.
    return Path(path).name if path.startswith(("/", "~")) else path


def _find_kaggle(source: Source) -> tuple[Path, dict[str, Any]]:
    from lpr.kaggle.service.inputs import find_dataset

    located = find_dataset(source.dataset or "")
    details = {
        "dataset": f"{located.owner}/{located.slug}",
        "version": located.version,
        "licence": source.licence or located.licence,
    }
    return Path(located.path), details
