"""Archives: Kaggle's zips (`lpr.kaggle.service.archive`), a session's objects and unfinished trainings (tar)."""

from __future__ import annotations

import hashlib
import io
import random
import tarfile
import zipfile
from contextlib import suppress
from pathlib import Path

from lpr.kaggle.service.archive import extract
from lpr.kaggle.sessions.output import restore_checkpoints
from lpr.kaggle.storage.dvc_files import is_stored_name, unpack
from tests.fuzz import hostile
from tests.fuzz.mutate import damage
from tests.fuzz.target import Made, expect

MOST_BYTES = 64 << 20
_FILES = {"images/a.jpg": b"\xff\xd8" + bytes(3000), "images/b.jpg": b"x" * 2000, "train.json": b'{"a.jpg": []}' * 20}
_NAMES = (
    *hostile.TEXTS,
    "images",
    "images/a.jpg/x",
    "IMAGES/A.JPG",
    "./images/a.jpg",
    "a//b",
    "/tmp/x",
    "con",
    "a/../../b",
)


class Target:
    """Zips and tars with hostile names, links, sizes and checksums, and with their bytes changed."""

    memory = 400

    def __init__(self, seeds: Path) -> None:
        pass

    def make(self, rng: random.Random, folder: Path) -> Made:
        self._kind = rng.choice(("zip", "zip", "zip", "objects", "work"))
        made = {"zip": self._zip, "objects": self._objects, "work": self._work}[self._kind](rng, folder / "archive")
        return Made(f"{self._kind}: {made}")

    def _zip(self, rng: random.Random, path: Path) -> str:
        files = dict(_FILES)
        stream = io.BytesIO()
        note = "as it is"
        with zipfile.ZipFile(
            stream, "w", rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA))
        ) as bundle:
            for name, content in files.items():
                bundle.writestr(name, content)
            if rng.random() < 0.5:
                entry = zipfile.ZipInfo("x")
                entry.filename = note = rng.choice(_NAMES).encode("utf-8", "replace").decode()
                entry.external_attr = rng.choice((0, 0o120777, 0o010666, 0o060666, 0o100644, 0o040755)) << 16
                content = rng.choice((b"x", f"{hostile.OUTSIDE}/canary.bin".encode(), bytes(30 << 20)))
                bundle.writestr(entry, content, rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)))
                files[entry.filename] = content
        data = stream.getvalue()
        if rng.random() < 0.6:
            data, note = (
                (damage(data, rng), f"{note}, bytes changed")
                if rng.random() < 0.5
                else (_fields(data, rng), f"{note}, fields changed")
            )
        path.write_bytes(data)
        # What the service lists is what the uploader chose, so that the list may be as hostile as the archive.
        self._listed = {name: len(content) for name, content in files.items()}
        if rng.random() < 0.5:
            try:
                with zipfile.ZipFile(path) as bundle:
                    self._listed = {
                        entry.filename: entry.file_size for entry in bundle.infolist() if not entry.is_dir()
                    }
            except Exception:  # the archive cannot be listed, so that the honest list stays
                note += ", not listed"
        return note[:80]

    def _objects(self, rng: random.Random, path: Path) -> str:
        contents = [b"one" * 100, b"two" * 100]
        digests = [hashlib.md5(content, usedforsecurity=False).hexdigest() for content in contents]
        members = {f"files/md5/{d[:2]}/{d[2:]}": c for d, c in zip(digests, contents, strict=True)}
        members[f"runs/aa/{'a' * 64}/{'b' * 64}"] = b"cmd: x"
        return _tar(members, rng, path)

    def _work(self, rng: random.Random, path: Path) -> str:
        return _tar(
            {".work/checkpoints/ocr-key/state.pt": b"state" * 100, ".work/checkpoints/detector-key/state.pt": b"x"},
            rng,
            path,
        )

    def run(self, folder: Path) -> str:
        if self._kind == "zip":
            extract(folder / "archive", folder / "out", self._listed, "a/b/1")
            found = {p.relative_to(folder / "out").as_posix(): p for p in (folder / "out").rglob("*")}
            expect(not any(path.is_symlink() for path in found.values()), "a link was made")
            sizes = {path.stat().st_size for path in found.values() if path.is_file()}
            expect(sum(sizes) <= MOST_BYTES and bool(found) == bool(self._listed), f"{sum(sizes)} bytes")
            return "extracted"
        if self._kind == "objects":
            unpack(folder / "archive", folder / "cache")
            names = [p.relative_to(folder / "cache").as_posix() for p in (folder / "cache").rglob("*") if p.is_file()]
            expect(all(map(is_stored_name, names)), f"names {names[:5]}")
            return "unpacked"
        restore_checkpoints(folder / "archive")
        made = [p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir()]
        expect(all(name == "archive" or name.startswith(".work/checkpoints/") for name in made), f"files {made[:5]}")
        return "restored"


def _fields(data: bytes, rng: random.Random) -> bytes:
    """Change a field of a zip's directory or of a file's own header."""
    marks = [at for mark in (b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06") for at in _all(data, mark)]
    for _ in range(rng.randint(1, 2)):
        at = rng.choice(marks) + rng.choice((4, 6, 8, 10, 14, 16, 18, 20, 22, 24, 26, 28, 30, 34, 38, 42, 46, 50))
        size = rng.choice((1, 2, 4))
        number = rng.choice((0, 1, 0x08, 0x0800, 0xFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 98, 12, 14, 93)) & (
            (1 << 8 * size) - 1
        )
        data = data[:at] + number.to_bytes(size, "little") + data[at + size :]
    return data


def _all(data: bytes, mark: bytes) -> list[int]:
    found, at = [], data.find(mark)
    while at >= 0:
        found.append(at)
        at = data.find(mark, at + 1)
    return found


def _tar(members: dict[str, bytes], rng: random.Random, path: Path) -> str:
    note = "as it is"
    packing = rng.choice(("w", "w", "w", "w:gz", "w:xz"))
    with tarfile.open(path, packing, format=rng.choice((tarfile.PAX_FORMAT, tarfile.GNU_FORMAT))) as bundle:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            bundle.addfile(info, io.BytesIO(content))
        if rng.random() < 0.6:
            stem = rng.choice(list(members))
            name = rng.choice(
                (
                    *_NAMES,
                    f"{stem}/{hostile.OUTSIDE}/x",
                    f"{stem}/x",
                    str(Path(stem).parent),
                    ".work/checkpoints",
                    stem,
                    "runs/../../x",
                )
            )
            info = tarfile.TarInfo(name.replace("\0", "") or "x")
            info.type = rng.choice(
                (
                    tarfile.REGTYPE,
                    tarfile.REGTYPE,
                    tarfile.SYMTYPE,
                    tarfile.LNKTYPE,
                    tarfile.DIRTYPE,
                    tarfile.FIFOTYPE,
                    tarfile.CHRTYPE,
                )
            )
            info.linkname = f"{hostile.OUTSIDE}/canary.bin" if info.type in (tarfile.SYMTYPE, tarfile.LNKTYPE) else ""
            info.size = 4 if info.isreg() else 0
            with suppress(UnicodeEncodeError):  # a name that no tar can hold
                bundle.addfile(info, io.BytesIO(b"evil"))
            note = f"{name[:60]!r} of type {info.type!r}"
    if packing == "w" and rng.random() < 0.3:
        path.write_bytes(_header(path.read_bytes(), rng))
        note += ", header changed"
    if rng.random() < 0.3:
        path.write_bytes(damage(path.read_bytes(), rng))
        note += ", bytes changed"
    return note


def _header(data: bytes, rng: random.Random) -> bytes:
    """Change the size, type or name in a member's header, which is believed only with the right checksum."""
    heads = [at - 257 for at in _all(data, b"ustar") if at >= 257]
    for _ in range(rng.randint(1, 2)):
        at = rng.choice(heads)
        block = bytearray(data[at : at + 512])
        kind = rng.randrange(3)
        if kind == 0:
            number = rng.choice((-(1 << 40), -512, -1024, -2048, -1, 1 << 40, 1 << 70, 4096))
            block[124:136] = (number & ((1 << 96) - 1)).to_bytes(12, "big")
            block[124] = 0xFF if number < 0 else 0x80
        elif kind == 1:
            block[156:157] = rng.choice((b"0", b"S", b"L", b"K", b"x", b"g", b"1", b"2", b"7", b"Z", b"\0"))
        else:
            block[rng.randrange(100)] = rng.choice((0, 0x2F, 0x2E, 0xFF))
        block[148:156] = b" " * 8
        block[148:156] = b"%06o\0 " % sum(block)
        data = data[:at] + bytes(block) + data[at + 512 :]
    return data
