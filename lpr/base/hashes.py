"""MD5, by which DVC and Kaggle name what they keep: a name for bytes here, no protection."""

from __future__ import annotations

import hashlib
from pathlib import Path

_BLOCK = 1 << 20


def md5(path: Path | str) -> str:
    """Return the MD5 of a file's bytes as 32 hexadecimal digits."""
    digest = hashlib.md5(usedforsecurity=False)
    with Path(path).open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def md5_of(content: bytes) -> str:
    """Return the MD5 of `content` as 32 hexadecimal digits."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
