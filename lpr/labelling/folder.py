"""Writing the folder of pre-labels, for labelling tools and for `lpr data changes`."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from lpr.base.errors import LprError
from lpr.base.files import write_json, write_text
from lpr.base.folders import replacing
from lpr.labelling import cvat, label_studio
from lpr.records.prelabels import PRELABELS, Prelabels


def write_prelabels(out: Path, photos: Path, prelabels: Prelabels) -> None:
    """Write the folder, whole or not at all.

    In it: `images/` (links to the photos where the disk allows it, else copies) and `annotations/prelabels.json` in the
    project's own format, `label-studio/` and `cvat/` for those tools, and `prelabels.json` with all that is known.

    Args:
        out: must not exist yet, or be empty.
        photos: the folder of the photos.
        prelabels: what was seen in them.

    Raises:
        LprError: `out` holds something.
    """
    check_free(out)
    with replacing(out) as folder:
        for photo in prelabels.photos:
            _link(photos / photo.image, folder / "images" / photo.image)
        record = prelabels.model_dump(mode="json")
        own = {
            photo["image"]: {"plates": [{"bbox": plate["bbox"], "text": plate["text"]} for plate in photo["plates"]]}
            for photo in record["photos"]
        }
        write_json(folder / "annotations" / "prelabels.json", own)
        tasks = [label_studio.task(photo, prelabels.models) for photo in prelabels.photos]
        write_json(folder / "label-studio" / "tasks.json", tasks)
        write_text(folder / "label-studio" / "config.xml", label_studio.CONFIG)
        write_text(folder / "cvat" / "annotations.xml", cvat.to_xml(prelabels.photos))
        write_json(folder / "cvat" / "labels.json", cvat.LABELS)
        write_json(folder / PRELABELS, record)


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
