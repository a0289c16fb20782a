"""The file names of images in `data/`."""

from __future__ import annotations

import hashlib
import re
from pathlib import PurePosixPath

from lpr.base.errors import LprError
from lpr.fetching.annotation_store import AnnotationStore
from lpr.fetching.formats.values import encodable

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
_LONGEST_STEM = 80


def free_name(store: AnnotationStore, source: str, image: str) -> str:
    """Return a file name for an image that no other one has, made of ASCII letters, digits, `-` and `_`.

    Names that had to be changed, or are taken, are told apart by a hash of the image's path in its source.
    """
    stem = PurePosixPath(image.replace("\\", "/")).stem
    safe = _UNSAFE.sub("-", stem).strip("-")[:_LONGEST_STEM]
    plain = f"{source}_{safe}.jpg"
    if safe == stem and store.reserve(plain):
        return plain
    digest = hashlib.sha256(encodable(image).encode()).hexdigest()
    for length in (8, 16, 64):
        name = f"{source}_{safe}-{digest[:length]}.jpg" if safe else f"{source}_{digest[:length]}.jpg"
        if store.reserve(name):
            return name
    raise LprError(f"source {source}: no free name for {image}")
