"""What a worker process does with one entry: read or render, check, convert, encode, hash, write."""

from __future__ import annotations

import hashlib
import json
import signal
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import connection, parent_process
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from PIL import Image

from lpr.base.files import named
from lpr.data.annotations import Entry, Plate, Use, to_json
from lpr.fetching.entry_checks import Checked, check_entry, use_of
from lpr.fetching.formats.paths import climbs_out, is_file
from lpr.fetching.formats.raw import RawEntry, RawPlate
from lpr.fetching.images import FinishedImage, ImageRejectedError, open_photo, pixel_digest, rendered_photo
from lpr.fetching.near_duplicates import difference_hash
from lpr.fetching.sources import OpenSource

if TYPE_CHECKING:
    from lpr.synthetic import Renderer
    from lpr.synthetic.fonts import Fonts


@dataclass(frozen=True)
class Settings:
    """What all workers share.

    Attributes:
        sources: in the order of params.yaml.
        inbox: the folder that takes finished images, None to check without writing.
        max_megapixels, max_side, jpeg_quality: as in params.yaml.
    """

    sources: tuple[OpenSource, ...]
    inbox: Path | None
    max_megapixels: float
    max_side: int
    jpeg_quality: int


@dataclass(frozen=True)
class Job:
    """One entry to be worked on: its row in the store, its source's index, its name in `data/`, and what was read."""

    row: int
    source: int
    name: str
    raw: dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What became of an entry.

    Attributes:
        row: the entry's row in the store.
        entry: the finished entry as JSON, None where it was rejected.
        crop: whether the image teaches reading alone, as crops do.
        use: the entry's use.
        digest: SHA-256 of the stored bytes.
        pixels: hash of the stored pixels.
        dhash: difference hash of a stored photo for detection, None for others and for plain images.
        texts: texts of the plates, with None for unknown ones.
        lines: number of lines of each.
        notes: kinds of conversions and repairs, to be counted.
        rejections: `(place, reason)` of what was given up; of the whole entry where `entry` is None.
    """

    row: int
    entry: str | None
    crop: bool
    use: Use
    digest: str
    pixels: str
    dhash: int | None
    texts: tuple[str | None, ...]
    lines: tuple[int | None, ...]
    notes: tuple[str, ...]
    rejections: tuple[tuple[str, str], ...]


_settings: Settings | None = None


def start(settings: Settings, in_pool: bool = True) -> None:
    """Prepare this process; the initializer of the pool."""
    global _settings
    _settings = settings
    if in_pool:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        threading.Thread(target=_die_with_parent, daemon=True).start()


def work(jobs: Sequence[Job]) -> list[Outcome]:
    """Return the outcome of each job."""
    assert _settings is not None, "start() comes first"
    return [_work(job, _settings) for job in jobs]


def _die_with_parent() -> None:
    # A parent that was killed cannot tell its workers, which would wait for the next job for ever.
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        signal.raise_signal(signal.SIGTERM)


def _work(job: Job, settings: Settings) -> Outcome:
    source = settings.sources[job.source]
    try:
        if source.folder is None:
            photo, raw = _render(job.raw["kind"], job.raw["index"], source, settings.max_side)
        else:
            raw = RawEntry.from_json(job.raw)
            if climbs_out(raw.image):
                raise ImageRejectedError("path leads outside the source's folder")
            path = source.folder / raw.image
            if not is_file(path):
                raise ImageRejectedError("entry without an image")
            photo = open_photo(path, settings.max_megapixels, settings.max_side)
    except ImageRejectedError as error:
        return _rejected(job, ("", str(error)))
    checked = check_entry(raw, photo.size, photo.scale)
    if raw.plates and not checked.plates and (checked.crop is None or checked.crop.text is None):
        # Kept, such a photo would teach that there is no plate in it.
        rejections = ((place, f"{reason}; no usable plate is left") for place, reason in checked.rejections)
        return _rejected(job, *rejections)
    use = use_of(raw, source.params.use)
    assert use is not None, "such entries are not chosen"
    return _finished(job, source.params.name, use, settings, photo, checked)


def _finished(job: Job, source: str, use: Use, settings: Settings, photo: FinishedImage, checked: Checked) -> Outcome:
    if checked.crop is not None:
        plate = checked.crop
        entry = Entry(job.name, (), plate.text, plate.lines, plate.centres, source, use)
        plates: list[Plate] = [plate]
    else:
        entry = Entry(job.name, tuple(checked.plates), source=source, use=use)
        plates = checked.plates
    # Hashes are of what is stored, so that whoever reads the finished data set finds the same duplicates and groups.
    data, stored = photo.encode(settings.jpeg_quality)
    if settings.inbox is not None:
        path = settings.inbox / job.name
        with named(path):
            path.write_bytes(data)
    return Outcome(
        job.row,
        json.dumps(to_json(entry), ensure_ascii=False),
        not entry.for_detection,
        use,
        hashlib.sha256(data).hexdigest(),
        pixel_digest(stored),
        difference_hash(stored) if entry.for_detection else None,
        tuple(plate.text for plate in plates),
        tuple(plate.lines for plate in plates),
        (*(photo.conversions or ("copied",)), *checked.notes),
        tuple(checked.rejections),
    )


def _rejected(job: Job, *rejections: tuple[str, str]) -> Outcome:
    return Outcome(job.row, None, False, "both", "", "", None, (), (), (), rejections)


def _render(kind: str, index: int, source: OpenSource, max_side: int) -> tuple[FinishedImage, RawEntry]:
    renderer = _renderer(source.params.style or "legible", source.seed, source.fonts)
    rendered = renderer.crop(index) if kind == "crop" else renderer.scene(index)
    plates = tuple(
        RawPlate(
            plate.box,
            plate.text if plate.readable else None,
            plate.lines,
            tuple(plate.quad),
            tuple(plate.centres) if plate.readable else None,
        )
        for plate in rendered.plates
    )
    photo = rendered_photo(Image.fromarray(rendered.image), max_side)
    use: Use = "reading" if kind == "crop" else "both"
    return photo, RawEntry(f"{kind}_{index}", plates, None, f"{kind} {index}", use=use)


@lru_cache(maxsize=8)
def _renderer(style: Literal["legible", "harsh"], seed: int, fonts: Fonts | None) -> Renderer:
    from lpr.synthetic import Renderer  # brings OpenCV along

    return Renderer(style, seed, fonts)
