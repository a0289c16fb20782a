"""What people changed in pre-labels: counted when a labelling tool's export comes back."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from lpr.base.errors import LprError
from lpr.data.annotations import Plate
from lpr.fetching.entry_checks import check_entry
from lpr.fetching.formats import detect_format, read_entries
from lpr.fetching.formats.json_stream import iter_elements
from lpr.fetching.formats.raw import Raw, RawRejection
from lpr.labelling.precision import MATCH_IOU
from lpr.metrics.counts import Count
from lpr.metrics.matching import match
from lpr.plate.box import iou
from lpr.records.prelabels import PrelabelledPhoto, Prelabels

UNMOVED_IOU = 0.9
"""Overlap from which a box counts as left where it was: people's second drawing of a box differs by about as much."""
KINDS = ("kept", "text changed", "text added", "text removed", "box moved", "plate added", "plate removed")
_UPLOAD_PREFIX = re.compile(r"^[0-9a-f]{8}-")


@dataclass
class Changes:
    """Counts of what became of pre-labels.

    Attributes:
        photos: photos that came back; `missing`: that did not; `unknown`: that were never pre-labelled.
        plates: of each kind in `KINDS`; a plate whose box and text both changed counts under its text.
        by_annotator: the same by who did it, where the export says so.
        sure: the sure pre-labels that were kept, of all sure ones that came back.
        rejected: entries of the export that could not be read, by reason.
    """

    photos: int = 0
    missing: int = 0
    unknown: int = 0
    plates: Counter[str] = field(default_factory=Counter)
    by_annotator: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    sure: Count = field(default_factory=Count)
    rejected: Counter[str] = field(default_factory=Counter)

    def text(self) -> str:
        """Return the counts for a reader."""
        lines = [f"{self.photos} photos came back, {self.missing} did not, {self.unknown} are not of the pre-labels"]
        lines.append("plates: " + _counts(self.plates))
        lines += [f"  {name}: {_counts(counts)}" for name, counts in sorted(self.by_annotator.items())]
        if self.sure.total:
            value = self.sure.summary()
            interval = f"[{value['low']:.3f}, {value['high']:.3f}]"
            lines.append(f"sure ones kept: {self.sure.right} of {self.sure.total}, {value['accuracy']:.3f} {interval}")
        lines += [f"not read: {count} x {reason}" for reason, count in self.rejected.most_common()]
        return "\n".join(lines)


def compare(prelabels: Prelabels, export: Path, format: str | None = None) -> Changes:
    """Return what people changed.

    Args:
        prelabels: what they were given.
        export: the folder of the tool's export, with the images or without.
        format: of the export; found out where it is None.

    Raises:
        LprError: the export cannot be read, or none of its photos is of the pre-labels.
    """
    if not export.is_dir():
        raise LprError(f"{export}: no such folder; put the export into a folder of its own")
    format = format or detect_format(export)
    known = {photo.image: photo for photo in prelabels.photos}
    changes, seen = Changes(), set()
    for raw, annotator in _with_annotators(export, format):
        if isinstance(raw, RawRejection):
            changes.rejected[raw.reason] += 1
            continue
        photo = _find(raw.image, known)
        if photo is None or photo.image in seen:
            changes.unknown += 1
            continue
        seen.add(photo.image)
        counts = _add(changes.sure, photo, check_entry(raw, photo.size, 1.0).plates)
        changes.plates += counts
        if annotator is not None:
            changes.by_annotator[annotator] += counts
    changes.photos, changes.missing = len(seen), len(known) - len(seen)
    if not seen:
        raise LprError(f"{export}: none of its photos is of these pre-labels; compare with the folder they came from")
    return changes


def _add(sure: Count, photo: PrelabelledPhoto, plates: list[Plate]) -> Counter[str]:
    """Return the kinds of changes of one photo, and count its sure plates."""
    counts: Counter[str] = Counter()
    overlaps = iou(_boxes([plate.bbox for plate in photo.plates]), _boxes([plate.bbox for plate in plates]))
    partners = match(overlaps >= MATCH_IOU, -overlaps).tolist()
    for index, (before, partner) in enumerate(zip(photo.plates, partners, strict=True)):
        kind = "plate removed"
        if partner >= 0:
            kind = _kind(before.text, plates[partner].text, float(overlaps[index, partner]))
        counts[kind] += 1
        if before.sure:
            # A box that is drawn a little closer was right as well.
            sure.update(kind in ("kept", "box moved"))
    counts["plate added"] += len(plates) - sum(partner >= 0 for partner in partners)
    return counts


def _kind(before: str | None, after: str | None, overlap: float) -> str:
    if before != after:
        return "text added" if before is None else "text removed" if after is None else "text changed"
    return "kept" if overlap >= UNMOVED_IOU else "box moved"


def _counts(plates: Counter[str]) -> str:
    return ", ".join(f"{plates[kind]} {kind}" for kind in KINDS)


def _boxes(boxes: list) -> np.ndarray:
    return np.asarray(boxes, float).reshape(-1, 4)


def _find(image: str, known: dict[str, PrelabelledPhoto]) -> PrelabelledPhoto | None:
    """Return the photo that an export means, which may name it by a path of the tool's own storage."""
    path = PurePosixPath(image)
    for name in (path, path.parent / _UPLOAD_PREFIX.sub("", path.name)):
        for start in range(len(name.parts)):
            photo = known.get(PurePosixPath(*name.parts[start:]).as_posix())
            if photo is not None:
                return photo
    return None


def _with_annotators(export: Path, format: str) -> Iterator[tuple[Raw, str | None]]:
    """Yield what an export holds, each with who was the last to annotate it, None where the export does not say."""
    if format != "label_studio":
        yield from ((raw, None) for raw in read_entries(export, format))
        return
    tasks: dict[str, Iterator[Any]] = {}
    for raw in read_entries(export, format):
        # The reader makes one entry or rejection of each task, in order.
        file = raw.file if isinstance(raw, RawRejection) else raw.origin.rpartition(", line ")[0]
        if file not in tasks:
            tasks[file] = (task for task, _ in iter_elements(export / file))
        yield raw, _annotator(next(tasks[file], None))


def _annotator(task: Any) -> str | None:
    try:
        done = [one for one in task["annotations"] if not one.get("was_cancelled")]
        who = max(done, key=lambda one: str(one.get("updated_at") or one.get("created_at") or ""))["completed_by"]
    except (KeyError, TypeError, AttributeError, ValueError):
        return None
    name = (who.get("email") or who.get("id")) if isinstance(who, dict) else who
    return None if name is None else f"annotator {name}"
