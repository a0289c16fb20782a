"""OpenALPR's benchmark format: one text file a photo, `file<TAB>x<TAB>y<TAB>width<TAB>height<TAB>TEXT` a plate."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path, PurePosixPath

from lpr.fetching.formats.paths import IMAGE_SUFFIXES, locate, walk
from lpr.fetching.formats.per_image import LARGEST_FILE
from lpr.fetching.formats.raw import Raw, RawEntry, RawPlate, RawRejection
from lpr.fetching.formats.values import number
from lpr.fetching.formats.words import split_of_folder


def read(folder: Path) -> Iterator[Raw]:
    """Yield the entries of every such text file below a folder; other text files are passed over."""
    for file in walk(folder, {".txt"}):
        if not _is_table(folder / file):
            continue
        rows: dict[str, list[tuple[int, RawPlate]]] = {}
        lines = (folder / file).read_text(encoding="utf-8-sig", errors="replace").splitlines()
        for at, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                image, plate = _row(line)
            except ValueError as error:
                yield RawRejection(file, f"line {at}", str(error))
                continue
            rows.setdefault(image, []).append((at, plate))
        parent = PurePosixPath(file).parent
        for image, found in rows.items():
            path = locate(folder, [(parent / image).as_posix(), f"images/{image}"])
            origin = f"{file}, line {', '.join(str(line) for line, _ in found)}"
            yield RawEntry(path, tuple(plate for _, plate in found), split_of_folder(file), origin)


def _row(line: str) -> tuple[str, RawPlate]:
    fields = line.rstrip("\r\n").split("\t")
    if len(fields) not in (5, 6) or not fields[0].strip():
        raise ValueError(f"{len(fields)} fields between tabs where file, x, y, width, height and text are expected")
    x, y, w, h = (number(field) for field in fields[1:5])
    text = fields[5].strip() if len(fields) == 6 else ""
    return fields[0].strip().replace("\\", "/"), RawPlate((x, y, w, h), text or None)


def _is_table(path: Path) -> bool:
    if path.stat().st_size > LARGEST_FILE:
        return False
    with path.open(encoding="utf-8-sig", errors="replace") as stream:
        fields = stream.readline(4096).split("\t")
    return len(fields) >= 5 and PurePosixPath(fields[0].strip()).suffix.lower() in IMAGE_SUFFIXES


def matches(folder: Path) -> bool:
    """Return whether a folder is in this format."""
    return any(_is_table(folder / file) for file in islice(walk(folder, {".txt"}), 50))
