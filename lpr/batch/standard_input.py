"""What `lpr read -` is given: an image, or the names of photos, one a line or ended by NUL (`find -print0`)."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import IO

from PIL import Image

from lpr.base.errors import LprError
from lpr.inference.photos import load_photo
from lpr.plate.photo import open_image

_LARGEST = 256 << 20  # bytes of an image, or of a list of names
_STARTS = (b"\xff\xd8\xff", b"\x89PNG", b"RIFF", b"BM", b"GIF8", b"II*\0", b"MM\0*", b"P5", b"P6")
"""First bytes of the formats that are read; no name of a file is likely to begin so and hold a NUL or no text."""


def read_standard_input(stream: IO[bytes] | None = None) -> Image.Image | list[Path]:
    """Return the image on standard input as `load_photo` does, or the names of photos on it.

    Args:
        stream: what to read in its place.

    Raises:
        LprError: it is empty, larger than 256 MiB, or an image that cannot be read.
    """
    data = (stream or sys.stdin.buffer).read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise LprError(f"standard input: more than {_LARGEST >> 20} MiB; name the files, or pass fewer names")
    if not data.strip():
        raise LprError("standard input: empty; pass an image, or names of photos, one a line")
    if data.startswith(_STARTS) and not _is_text(data):
        try:
            with open_image(io.BytesIO(data)) as image:
                return load_photo(image)
        except LprError as error:
            raise LprError(str(error).replace("the image", "standard input", 1)) from error
        except Exception as error:  # damaged data make Pillow raise nearly anything
            raise LprError(f"standard input: not an image that can be read ({error})") from error
    names = data.split(b"\0") if b"\0" in data else data.splitlines()
    return [Path(os.fsdecode(name)) for name in names if name.strip()]


def _is_text(data: bytes) -> bool:
    try:
        text = data[:4096].decode("utf-8", "strict" if len(data) <= 4096 else "ignore")
    except UnicodeDecodeError:
        return False
    return all(character >= " " or character in "\t\r\n" for character in text)
