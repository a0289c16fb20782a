"""Writing files whole or not at all, and fingerprints of what they hold."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def named(path: Path | str, temporary: str = " ") -> Iterator[None]:
    """Let the disk's errors within the block name this file.

    Those of a full disk name none, and others one that is still temporary: its name begins with `temporary`.
    """
    try:
        yield
    except OSError as error:
        if error.filename is None or Path(str(error.filename)).name.startswith(temporary):
            error.filename, error.filename2 = str(path), None
        raise


@contextmanager
def atomic_path(target: Path | str) -> Iterator[Path]:
    """Yield a temporary path beside `target`; rename it onto `target` when the block ends without an error.

    Errors of the disk name `target`, also where the system names no file, as when the disk is full.
    """
    import tempfile  # as slow to import as a model to open, and what only reads writes nothing

    target = Path(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    prefix = f".{target.stem}-"
    with named(target, prefix):
        handle, name = tempfile.mkstemp(prefix=prefix, suffix=target.suffix, dir=target.parent)
        os.close(handle)
        temporary = Path(name)
        # mkstemp makes private files; what is published should have the permissions of any other file.
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        try:
            yield temporary
            with temporary.open("rb") as stream:
                os.fsync(stream.fileno())
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)


def write_text(target: Path | str, text: str) -> None:
    """Write `text` as UTF-8, atomically."""
    with atomic_path(target) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(target: Path | str, value: Any) -> None:
    """Write `value` as indented JSON with a final newline, atomically. NaN is refused: no JSON reader takes it."""
    write_text(target, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def sha256(path: Path | str) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    digest = hashlib.sha256()
    with Path(path).open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def fingerprint(paths: Iterable[Path | str], *values: Any) -> str:
    """Return a hash (16 hexadecimal digits) of files' names and bytes, folders included, and of JSON-able values."""
    digest = hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode())
    for path in map(Path, paths):
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for file in files:
            if "__pycache__" in file.parts:
                continue
            digest.update(file.as_posix().encode() + b"\0" + sha256(file).encode())
    return digest.hexdigest()[:16]
