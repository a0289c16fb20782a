"""A folder of labelled photos as it is measured: entries with their images, in any format that `lpr.fetching` reads."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from PIL import Image

from lpr.base.errors import LprError
from lpr.data.annotations import SPLITS, Entry, Split, Use, read_entries, to_json
from lpr.fetching.entry_checks import check_entry
from lpr.fetching.formats import detect_format
from lpr.fetching.formats import read_entries as read_raw
from lpr.fetching.formats.paths import climbs_out, is_file
from lpr.fetching.formats.raw import RawEntry, RawRejection
from lpr.fetching.formats.words import split_in
from lpr.fetching.images import ImageRejectedError, open_photo
from lpr.inference.photos import MAX_PIXELS

CROPS = "crops.csv"
"""A table beside a folder's annotations: plates cut from the full-size originals, with their boxes in these crops."""
LEDGER = "ledger.csv"
"""A table of where each photo comes from, with the columns `image` and `source`."""
_LONGEST_SIDE = 1 << 16  # photos are measured at their own size
_NO_SOURCE = frozenset({"images", "annotations", "labels", "jpegimages", "crops"})


class Part:
    """Entries of one kind of a folder: its photos, or its table of crops.

    Args:
        folder: the data set.
        raws: the entries of the split.
        sources: of each image, by its path in the folder or by its name.
        uses: of each image, by its path; `use` where there is none.
        use: what the other entries measure.

    Attributes:
        rejections: `(image, reason)` of each entry or plate that could not be used, once `images` was gone through.
    """

    def __init__(
        self, folder: Path, raws: list[RawEntry], sources: dict[str, str], uses: dict[str, Use], use: Use
    ) -> None:
        self._folder, self._raws, self._sources, self._uses, self._use = folder, raws, sources, uses, use
        self._digest = hashlib.sha256()
        self.rejections: list[tuple[str, str]] = []

    def __len__(self) -> int:
        return len(self._raws)

    @property
    def fingerprint(self) -> str:
        """A hash of the entries and pixels that `images` gave."""
        return self._digest.hexdigest()

    def images(self) -> Iterator[tuple[Entry, Image.Image]]:
        """Yield each usable entry, named by its path in the folder, with its upright RGB image in full size."""
        for raw in self._raws:
            try:
                entry, image = self._load(raw)
            except ImageRejectedError as error:
                self.rejections.append((raw.image, str(error)))
                continue
            self._digest.update(f"{entry.name}\0{json.dumps(to_json(entry), sort_keys=True)}\0".encode())
            self._digest.update(image.tobytes())
            yield entry, image

    def _load(self, raw: RawEntry) -> tuple[Entry, Image.Image]:
        if climbs_out(raw.image):
            raise ImageRejectedError("path leads outside the folder")
        if not is_file(self._folder / raw.image):
            raise ImageRejectedError("entry without an image")
        photo = open_photo(self._folder / raw.image, MAX_PIXELS / 1e6, _LONGEST_SIDE)
        checked = check_entry(raw, photo.size, photo.scale)
        self.rejections += [(raw.image, f"{place}: {reason}") for place, reason in checked.rejections]
        source = self._sources.get(raw.image) or self._sources.get(PurePosixPath(raw.image).name) or _source(raw.image)
        if checked.crop is not None and checked.crop.text is not None:
            return Entry(
                raw.image, (), checked.crop.text, checked.crop.lines, source=source, use="reading"
            ), photo.image
        if raw.plates and not checked.plates:
            # Measured, such a photo would count as one without a plate.
            raise ImageRejectedError("no usable plate is left")
        use = self._uses.get(raw.image, self._use)
        return Entry(raw.image, tuple(checked.plates), source=source, use=use), photo.image


class Dataset:
    """A folder that is measured.

    Args:
        folder: the data set.
        format: of its annotations; found out where it is None.
        split: the split to measure, "all" for every entry; None: the test split, or every entry of a folder that has no
            splits.
        use: what its entries measure, as a source's `use` in params.yaml.

    Attributes:
        format, split: those that are measured; split is None where the folder has none.
        photos: the entries that its annotations list (crops too, where the format is one of crops).
        crops: those of `CROPS`, None where there is none for the split.
        rejections: `(place, reason)` of what could not be read at all.

    Raises:
        LprError: there is no such folder, format or split, or the folder has no entries.
    """

    def __init__(self, folder: Path, format: str | None = None, split: str | None = None, use: Use = "both") -> None:
        if not folder.is_dir():
            raise LprError(f"{folder}: {'a file, not a folder' if folder.exists() else 'no such folder'}")
        self.folder = folder
        self.format = format or detect_format(folder)
        raws, self.rejections = _read(folder, self.format)
        if not raws:
            reason = f": {self.rejections[0][0]}: {self.rejections[0][1]}" if self.rejections else ""
            raise LprError(f"{folder}: no entry in format {self.format} could be read{reason}; name another --format")
        self.split = _choose_split(folder, raws, split)
        sources, uses = _table(folder / LEDGER, "image"), {}
        if self.format == "own" and (folder / "manifest.json").is_file():
            for name in SPLITS:
                for entry in read_entries(folder / "annotations" / f"{name}.json"):
                    sources[f"images/{name}/{entry.name}"] = entry.source
                    uses[f"images/{name}/{entry.name}"] = entry.use
        self.photos = Part(folder, _of_split(raws, self.split), sources, uses, use)
        self.crops: Part | None = None
        if self.format != "csv" and (folder / CROPS).is_file():
            rows, rejections = _read(folder, "csv")
            chosen = _of_split(rows, self.split)
            self.rejections += rejections
            if chosen:
                self.crops = Part(folder, chosen, _table(folder / CROPS, "image_path"), {}, "reading")

    def open(self, image: str) -> Image.Image:
        """Return an image of the folder, in full size, as it was measured. Raises ImageRejectedError."""
        return open_photo(self.folder / image, MAX_PIXELS / 1e6, _LONGEST_SIDE).image

    def rejected(self) -> dict[str, int]:
        """Return the number of entries or plates that could not be used, by reason, the commonest first."""
        every = [*self.rejections, *self.photos.rejections, *(self.crops.rejections if self.crops else [])]
        return dict(sorted(Counter(reason for _, reason in every).items(), key=lambda item: (-item[1], item[0])))


def _read(folder: Path, format: str) -> tuple[list[RawEntry], list[tuple[str, str]]]:
    raws: dict[str, RawEntry] = {}
    rejections = []
    for raw in read_raw(folder, format):
        if isinstance(raw, RawRejection):
            rejections.append((f"{raw.file}, {raw.entry}", raw.reason))
        elif raw.image in raws:
            rejections.append((f"{raw.origin}, {raw.image}", "second entry for the same image"))
        else:
            raws[raw.image] = raw
    return list(raws.values()), rejections


def _choose_split(folder: Path, raws: list[RawEntry], split: str | None) -> Split | None:
    there = [name for name in SPLITS if any(raw.split == name for raw in raws)]
    if split == "all" or (split is None and not there):
        return None
    wanted = split or "test"
    for name in there:
        if name == wanted:
            return name
    found = f"it has {', '.join(there)}" if there else "it has no splits"
    raise LprError(f"{folder}: no entry is in the split {wanted}; {found}; choose with --split, or --split all")


def _of_split(raws: list[RawEntry], split: Split | None) -> list[RawEntry]:
    return [raw for raw in raws if split is None or raw.split == split]


def _table(path: Path, key: str) -> dict[str, str]:
    """Return the column `source` by the column `key` of a table, `{}` where none has both. Raises LprError."""
    if not path.is_file():
        return {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.DictReader(stream)
            if not {key, "source"} <= set(rows.fieldnames or ()):
                return {}
            return {row[key]: row["source"] or "" for row in rows}
    except (csv.Error, UnicodeDecodeError) as error:
        raise LprError(f"{path}: not readable as CSV in UTF-8: {error}") from error


def _source(image: str) -> str:
    """Return the folders that tell an image's source, without those that every data set has; "" for none."""
    parts = PurePosixPath(image).parent.parts
    return "/".join(part for part in parts if part.lower() not in _NO_SOURCE and split_in(part) is None)
