"""Taking apart zip files that come from strangers."""

from __future__ import annotations

import lzma
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath

from lpr.base.errors import LprError
from lpr.kaggle.service.transfer import no_room

MAX_RATIO = 200  # of inflated to packed size; photographs have 1, annotations rarely 50
_SMALL = 10 << 20  # bytes up to which an entry may be of any ratio
_ENCRYPTED = 1
_DAMAGES = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, ValueError, IndexError, struct.error
)  # fmt: skip
"""What zipfile raises on damaged bytes; ValueError for names that are no UTF-8 and for places before the file."""


class BadArchiveError(LprError):
    """The file is no whole zip: downloading it again may help."""


def extract(archive: Path, target: Path, listed: Mapping[str, int], origin: str) -> None:
    """Unpack a zip into a new folder that appears whole or not at all. Every byte's checksum is tested.

    Args:
        archive: the zip file.
        target: the folder to make; its parent is made if need be.
        listed: names and sizes in bytes that the archive must hold, no more and no less.
        origin: names the archive's source in errors.

    Raises:
        BadArchiveError: truncated, corrupt, or not a zip.
        LprError: an entry is hostile (named in the message), contents differ from `listed`, or there is no room.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        with zipfile.ZipFile(archive) as bundle:
            for entry in bundle.infolist():
                _refuse_hostile(entry, origin)
            entries = [entry for entry in bundle.infolist() if not entry.is_dir()]
            if differences := compare_files({entry.filename: entry.file_size for entry in entries}, listed):
                raise BadArchiveError(
                    f"{origin}: the download differs from Kaggle's list of files: {summarise(differences)}"
                )
            for entry in entries:
                _extract_one(bundle, entry, temporary, origin)
        temporary.chmod(0o755)
        temporary.replace(target)
    except _DAMAGES as error:
        raise BadArchiveError(f"{origin}: the zip is damaged ({error})") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def compare_files(found: Mapping[str, int], listed: Mapping[str, int]) -> list[str]:
    """Say how two sets of files (name to size in bytes) differ; empty if they do not.

    Listings without folders are compared by base name, because the service has answered in both ways.
    """
    if not any("/" in name for name in listed):
        found_bases = Counter((PurePosixPath(name).name, size) for name, size in found.items())
        if found_bases == Counter(listed.items()):
            return []
    differences = [f"{name} is missing" for name in sorted(listed.keys() - found.keys())]
    differences += [f"{name} should not be there" for name in sorted(found.keys() - listed.keys())]
    differences += [
        f"{name} has {found[name]} bytes instead of {listed[name]}"
        for name in sorted(found.keys() & listed.keys())
        if found[name] != listed[name]
    ]
    return differences


def summarise(differences: list[str]) -> str:
    """The first three of many differences, and how many there are."""
    more = f" and {len(differences) - 3} more" if len(differences) > 3 else ""
    return "; ".join(differences[:3]) + more


def _refuse_hostile(entry: zipfile.ZipInfo, origin: str) -> None:
    name, mode = entry.filename, entry.external_attr >> 16
    reason = None
    if name.startswith(("/", "\\")) or PureWindowsPath(name).drive:
        reason = "has an absolute path"
    elif ".." in name.replace("\\", "/").split("/"):
        reason = "climbs out of its folder"
    elif "\\" in name or "\0" in name or not name.strip("./ "):
        reason = "has an impossible name"
    elif stat.S_ISLNK(mode):
        reason = "is a link"
    elif mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        reason = "is no ordinary file"
    elif entry.flag_bits & _ENCRYPTED:
        reason = "is encrypted"
    elif entry.file_size > max(_SMALL, MAX_RATIO * entry.compress_size):
        reason = f"inflates to more than {MAX_RATIO} times its size"
    if reason:
        raise LprError(f"{origin}: refused, the entry {name!r} {reason}; do not trust this data set")


def _extract_one(bundle: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path, origin: str) -> None:
    destination = folder / entry.filename
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        # "x": two entries of one name, or names that differ in case only on such a file system, collide here.
        with bundle.open(entry) as source, destination.open("xb") as sink:
            shutil.copyfileobj(source, sink, 1 << 20)
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        raise LprError(f"{origin}: refused, two entries claim the name {entry.filename!r}") from None
    except OSError as error:
        if error.errno is None:  # bz2's word for damaged data
            raise BadArchiveError(f"{origin}: the zip is damaged ({entry.filename!r}: {error})") from error
        raise no_room(error, destination) from error
