"""The first pass: list what the sources hold in the store, before any image is opened."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from lpr.base.errors import LprError
from lpr.fetching.annotation_store import AnnotationStore
from lpr.fetching.entry_checks import use_of
from lpr.fetching.formats import read_entries
from lpr.fetching.formats.paths import IMAGE_SUFFIXES, climbs_out, is_folder
from lpr.fetching.formats.raw import RawRejection
from lpr.fetching.formats.values import encodable
from lpr.fetching.sources import OpenSource


def collect_entries(store: AnnotationStore, sources: list[OpenSource]) -> None:
    """Put every source's entries into the store, with what could not be read, and choose where a limit is set.

    Raises:
        LprError: a source has no entries, or an annotation file cannot be read at all.
    """
    for number, source in enumerate(sources):
        if source.folder is None:
            _collect_rendered(store, number, source)
        else:
            _collect_files(store, number, source, source.folder)
        if not store.count_chosen(number):
            reasons = "; ".join(f"{reason} ({count})" for reason, count in store.reasons(number)[:3])
            raise LprError(
                f"source {source.params.name}: no entry could be read{': ' + reasons if reasons else ''}; look at its "
                "annotation files, or name its `format` in params.yaml"
            )
        if source.params.limit is not None:
            store.choose(number, source.params.limit)


def _collect_rendered(store: AnnotationStore, number: int, source: OpenSource) -> None:
    for kind, count in (("scene", source.params.photos or 0), ("crop", source.params.crops or 0)):
        if kind == "crop" and source.params.use == "detection":
            continue
        for index in range(count):
            image = f"{kind}_{index:06d}"
            store.add_entry(number, image, kind, None, {"kind": kind, "index": index}, _draw(source.seed, image))


def _collect_files(store: AnnotationStore, number: int, source: OpenSource, folder: Path) -> None:
    assert source.format is not None
    folders: set[PurePosixPath] = set()
    for raw in read_entries(folder, source.format):
        if isinstance(raw, RawRejection):
            store.add_rejection(number, raw.file, raw.entry, raw.reason)
            continue
        if not climbs_out(raw.image):
            folders.add(PurePosixPath(raw.image).parent)
        wanted = use_of(raw, source.params.use) is not None
        draw = _draw(source.seed, raw.image)
        if not store.add_entry(number, raw.image, "photo", raw.split, raw.to_json(), draw, wanted):
            store.add_rejection(number, raw.origin, raw.image, "second entry for the same image")
        elif not wanted:
            store.add_note(number, f"left out, not for {source.params.use}")
    if source.params.limit is None:
        for image in _images(folder, folders):
            if not store.knows(number, image):
                store.add_rejection(number, image, "", "image without an entry")


def _images(folder: Path, folders: set[PurePosixPath]) -> Iterator[str]:
    """Yield the images that an annotation file should have told of: those in the folders where entries point to.

    With one entry in `images/...`, all of `images/` is looked at.
    """
    within = [parent.parts for parent in folders if "images" in parent.parts]
    tops = {PurePosixPath(*parts[: parts.index("images") + 1]) for parts in within}
    listed = set(folders)
    for top in tops:
        listed |= {top} | {PurePosixPath(path.relative_to(folder)) for path in (folder / top).rglob("*/")}
    for parent in sorted(listed):
        if is_folder(folder / parent):
            for name in sorted(os.listdir(folder / parent)):  # noqa: PTH208 (names alone: folders may be large)
                path = parent / name
                if path.suffix.lower() in IMAGE_SUFFIXES and name[0] != "." and (folder / path).is_file():
                    yield path.as_posix()


def _draw(seed: int, image: str) -> str:
    return hashlib.sha256(encodable(f"{seed}:{image}").encode()).hexdigest()[:16]
