"""Packs: tar files of many objects of DVC's, and the index that tells what lies where in them.

Packs of earlier versions are no tar files, but the objects alone, one after the other; the index is the same.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Annotated, Literal

from pydantic import AfterValidator, Field

from lpr.base.files import sha256
from lpr.kaggle.storage.dvc_files import is_stored_name, pack, store
from lpr.records.record import Record, Sha256

_PACK_SIZE = 512 << 20  # bytes; larger objects have a pack of their own


def _stored_name(name: str) -> str:
    if not is_stored_name(name):
        raise ValueError(f"{name!r} is nothing of DVC's")
    return name


StoredName = Annotated[str, AfterValidator(_stored_name)]
Bytes = Annotated[int, Field(ge=0)]


class Pack(Record):
    """A file of the dataset that holds objects.

    Attributes:
        version: number of the version that holds it; 0 for the one that its index is part of.
        size: in bytes.
        sha256: of all its bytes, in hexadecimal; its name is made of it.
        objects: name, offset and size in bytes of each object.
    """

    version: Annotated[int, Field(ge=0)]
    size: Bytes
    sha256: Sha256
    objects: tuple[tuple[StoredName, Bytes, Bytes], ...]

    @property
    def name(self) -> str:
        """Name of its file; not `.tar`, since the service would unpack that."""
        return f"{self.sha256}.pack"


class PackIndex(Record):
    """`index.json` of a version: all packs, older versions' too."""

    format: Literal[1] = 1
    packs: tuple[Pack, ...]


def write_packs(folder: Path, names: Iterable[str], scratch: Path) -> Iterator[Pack]:
    """Write the named objects of a cache into packs in another folder."""
    group: list[str] = []
    total = 0
    for name in names:
        size = (folder / name).stat().st_size
        if group and total + size > _PACK_SIZE:
            yield _write_pack(folder, group, scratch)
            group, total = [], 0
        group.append(name)
        total += size
    if group:
        yield _write_pack(folder, group, scratch)


def _write_pack(folder: Path, names: list[str], scratch: Path) -> Pack:
    target = scratch / "next.pack"
    pack(names, folder, target)
    with tarfile.open(target, "r:") as bundle:
        objects = tuple((member.name, member.offset_data, member.size) for member in bundle)
    written = Pack(version=0, size=target.stat().st_size, sha256=sha256(target), objects=objects)
    target.rename(scratch / written.name)
    return written


def unpack_into(path: Path, index: Pack, folder: Path) -> int:
    """Add the objects of a pack to a cache; returns how many were new. Raises LprError if one has other bytes."""
    count = 0
    with path.open("rb") as stream:
        for name, offset, length in index.objects:
            stream.seek(offset)
            count += store(_Part(stream, length), name, folder)  # type: ignore[arg-type]
    return count


class _Part:
    """The next `length` bytes of a stream, as a stream."""

    def __init__(self, stream: IO[bytes], length: int) -> None:
        self._stream, self._left = stream, length

    def read(self, size: int = -1) -> bytes:
        block = self._stream.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(block)
        return block
