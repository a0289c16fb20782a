"""Packs: tar files of many objects of DVC's, and the index that tells what lies where in them.

Packs of earlier versions are no tar files, but the objects alone, one after the other; the index is the same.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from lpr.base.files import sha256
from lpr.kaggle.storage.dvc_files import is_stored_name, pack, store

_FORMAT = 1
_PACK_SIZE = 512 << 20  # bytes; larger objects have a pack of their own


@dataclass(frozen=True)
class Pack:
    """A file of the dataset that holds objects.

    Attributes:
        version: number of the version that holds it; 0 for the one that this index is part of.
        size: in bytes.
        sha256: of all its bytes, in hexadecimal; its name is made of it.
        objects: name, offset and size in bytes of each object.
    """

    version: int
    size: int
    sha256: str
    objects: tuple[tuple[str, int, int], ...]

    @property
    def name(self) -> str:
        """Name of its file; not `.tar`, since the service would unpack that."""
        return f"{self.sha256}.pack"


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
    written = Pack(0, target.stat().st_size, sha256(target), objects)
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


def to_index(packs: Iterable[Pack]) -> dict[str, Any]:
    """What an index says about packs, for JSON."""
    return {"format": _FORMAT, "packs": [_to_json(each) for each in packs]}


def from_index(value: Any, version: int) -> list[Pack]:
    """Read an index that is part of a version. Raises ValueError, KeyError or TypeError if it is none."""
    if value["format"] != _FORMAT:
        raise ValueError(f"format {value['format']}")
    return [_from_json(entry, version) for entry in value["packs"]]


def _to_json(entry: Pack) -> dict[str, Any]:
    return {"version": entry.version, "size": entry.size, "sha256": entry.sha256, "objects": entry.objects}


def _from_json(entry: Mapping[str, Any], version: int) -> Pack:
    objects = tuple((str(name), int(offset), int(size)) for name, offset, size in entry["objects"])
    if bad := [name for name, _, _ in objects if not is_stored_name(name)]:
        raise ValueError(f"{bad[0]!r} is nothing of DVC's")
    digest = str(entry["sha256"])
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise ValueError("a pack has no SHA-256")
    return Pack(int(entry["version"]) or version, int(entry["size"]), digest, objects)


class _Part:
    """The next `length` bytes of a stream, as a stream."""

    def __init__(self, stream: IO[bytes], length: int) -> None:
        self._stream, self._left = stream, length

    def read(self, size: int = -1) -> bytes:
        block = self._stream.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(block)
        return block
