"""The folder of pre-labels: what `lpr data prelabel` writes, and `lpr data changes` reads again."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lpr.base.errors import LprError
from lpr.base.files import write_json, write_text
from lpr.base.folders import replacing
from lpr.base.parsing import parse_json
from lpr.labelling import cvat, label_studio
from lpr.labelling.prelabels import PrelabelledPhoto, PrelabelledPlate

RECORD = "prelabels.json"
_FORMAT = 1


@dataclass(frozen=True)
class Prelabels:
    """All pre-labels of a folder of photos.

    Attributes:
        photos: in the order in which people should look at them.
        groups: of each photo its number among the near-duplicates, from 1.
        threshold: the certainty from which a plate is sure, None where nothing is.
        precision: the share of sure plates whose text is right; `measured`: on labelled photos, or taken at the word of
            the models.
        version: of the models.
    """

    photos: tuple[PrelabelledPhoto, ...]
    groups: tuple[int, ...]
    threshold: float | None
    precision: float
    measured: bool
    version: str

    def sure(self, what: PrelabelledPhoto | PrelabelledPlate) -> bool:
        """Return whether a plate's text is right at the stated precision; of a photo, whether all it may have are."""
        if isinstance(what, PrelabelledPhoto):
            return bool(what.plates) and not what.faint and all(map(self.sure, what.plates))
        return self.threshold is not None and what.certainty >= self.threshold


def write_prelabels(out: Path, photos: Path, prelabels: Prelabels, rejected: Sequence[tuple[str, str]]) -> None:
    """Write the folder, whole or not at all.

    In it: `images/` (links to the photos where the disk allows it, else copies) and `annotations/prelabels.json` in the
    project's own format, `label-studio/` and `cvat/` for those tools, and `prelabels.json` with all that is known.

    Args:
        out: must not exist yet, or be empty.
        photos: the folder of the photos.
        prelabels: what was seen in them.
        rejected: name and reason of each photo that could not be read.

    Raises:
        LprError: `out` holds something.
    """
    check_free(out)
    with replacing(out) as folder:
        for photo in prelabels.photos:
            _link(photos / photo.image, folder / "images" / photo.image)
        own = {photo.image: {"plates": [_own(plate) for plate in photo.plates]} for photo in prelabels.photos}
        write_json(folder / "annotations" / "prelabels.json", own)
        tasks = [
            label_studio.task(photo, prelabels.sure(photo), group, prelabels.version)
            for photo, group in zip(prelabels.photos, prelabels.groups, strict=True)
        ]
        write_json(folder / "label-studio" / "tasks.json", tasks)
        write_text(folder / "label-studio" / "config.xml", label_studio.CONFIG)
        marked = ((photo, tuple(map(prelabels.sure, photo.plates))) for photo in prelabels.photos)
        write_text(folder / "cvat" / "annotations.xml", cvat.to_xml(marked))
        write_json(folder / "cvat" / "labels.json", cvat.LABELS)
        write_json(folder / RECORD, _record(prelabels, rejected))


def read_prelabels(folder: Path) -> Prelabels:
    """Return the pre-labels of a folder. Raises LprError where it has none, or others than this version writes."""
    path = folder / RECORD
    try:
        record = parse_json(path.read_bytes())
        if record["format"] != _FORMAT:
            raise ValueError(f"format {record['format']!r} is not {_FORMAT}")
        return Prelabels(
            tuple(_photo(value) for value in record["photos"]),
            tuple(value["group"] for value in record["photos"]),
            record["threshold"],
            record["precision"],
            record["measured"],
            record["models"],
        )
    except OSError as error:
        raise LprError(f"{path}: {error.strerror}; name a folder that `lpr data prelabel` wrote") from error
    except (ValueError, KeyError, TypeError) as error:
        raise LprError(f"{path}: not what `lpr data prelabel` writes ({error}); make it anew") from error


def _record(prelabels: Prelabels, rejected: Sequence[tuple[str, str]]) -> dict[str, Any]:
    photos = [
        {
            "image": photo.image,
            "size": list(photo.size),
            "group": group,
            "certainty": round(photo.certainty, 4),
            "faint": photo.faint,
            "sure": prelabels.sure(photo),
            "plates": [
                {**_own(plate), "certainty": plate.certainty, "sure": prelabels.sure(plate)} for plate in photo.plates
            ],
        }
        for photo, group in zip(prelabels.photos, prelabels.groups, strict=True)
    ]
    return {
        "format": _FORMAT,
        "models": prelabels.version,
        "precision": prelabels.precision,
        "measured": prelabels.measured,
        "threshold": prelabels.threshold,
        "rejected": [{"image": image, "reason": reason} for image, reason in rejected],
        "photos": photos,
    }


def _own(plate: PrelabelledPlate) -> dict[str, Any]:
    return {"bbox": [round(number, 1) for number in plate.bbox], "text": plate.text}


def _photo(value: dict[str, Any]) -> PrelabelledPhoto:
    plates = tuple(
        PrelabelledPlate(tuple(plate["bbox"]), plate["text"], plate["certainty"]) for plate in value["plates"]
    )
    width, height = value["size"]
    return PrelabelledPhoto(value["image"], (width, height), plates, value["certainty"], value["faint"])


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source.resolve(), target)
    except OSError:  # another disk, or one without links
        shutil.copyfile(source, target)


def check_free(out: Path) -> None:
    """Raise LprError where something is in the way of a new folder."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise LprError(f"{out}: there is something already; name another --out, or take it away")
