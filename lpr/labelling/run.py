"""A folder of unlabelled photos, all of them, to pre-labels."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

from lpr.assessment.folder import Dataset
from lpr.base.errors import LprError
from lpr.base.files import sha256
from lpr.fetching.formats.paths import IMAGE_SUFFIXES, walk
from lpr.fetching.near_duplicates import difference_hash
from lpr.inference.overlap import PHOTOS_A_THREAD, in_groups
from lpr.inference.photos import load_photo
from lpr.inference.recognizer import LicensePlateRecognizer
from lpr.labelling.order import doubtful_first, near_duplicate_groups
from lpr.labelling.precision import measured_threshold, outcomes, stated_threshold
from lpr.labelling.seen import SeenPhoto, see
from lpr.records.model_files import MODELS
from lpr.records.prelabels import PrelabelledPhoto, PrelabelledPlate, Prelabels, UnreadPhoto

Progress = Callable[[int, int], object]


def prelabel_folder(
    folder: Path,
    recognizer: LicensePlateRecognizer,
    models: Path,
    precision: float,
    labelled: Dataset | None = None,
    progress: Progress | None = None,
) -> Prelabels:
    """Return the pre-labels of all photos in a folder and below it, and those that could not be read.

    Args:
        folder: the photos.
        recognizer: the models, opened.
        models: the folder that they are from.
        precision: in (0, 1), the share of sure pre-labels that should be right.
        labelled: photos with labels, of the same kind, by which the certainty that this takes is measured; None: it is
            computed from the certainties of the pre-labels themselves, as if they were honest.
        progress: is told how many photos are done, of how many.

    Raises:
        LprError: there are no photos, none can be read, or the labelled ones have no text to compare with.
    """
    if not folder.is_dir():
        raise LprError(f"{folder}: no such folder")
    names = list(walk(folder, IMAGE_SUFFIXES))
    if not names:
        raise LprError(f"{folder}: no photos in this folder or below it ({', '.join(sorted(IMAGE_SUFFIXES))})")
    # First, since a mistake in the labelled folder should not show after hours.
    threshold = _measured(labelled, recognizer, precision) if labelled else None
    seen: list[tuple[SeenPhoto, int | None]] = []
    rejected: list[UnreadPhoto] = []
    done = 0
    for photos, bad in in_groups(partial(_see, recognizer, folder), names, recognizer.threads):
        seen += photos
        rejected += bad
        done += len(photos) + len(bad)
        if progress:
            progress(done, len(names))
    if not seen:
        raise LprError(f"{folder}: none of {len(names)} photos can be read; the first: {rejected[0].reason}")
    if labelled is None:
        threshold = stated_threshold((plate.certainty for photo, _ in seen for plate in photo.plates), precision)
    groups = near_duplicate_groups([value for _, value in seen])
    order = doubtful_first([photo.certainty for photo, _ in seen], groups)
    numbers = {group: number for number, group in enumerate(dict.fromkeys(groups[i] for i in order), 1)}
    return Prelabels(
        models=_version(models),
        precision=precision,
        measured=labelled is not None,
        threshold=threshold,
        rejected=tuple(rejected),
        photos=tuple(_prelabelled(seen[i][0], numbers[groups[i]], threshold) for i in order),
    )


def _prelabelled(photo: SeenPhoto, group: int, threshold: float | None) -> PrelabelledPhoto:
    plates = tuple(
        PrelabelledPlate(
            bbox=plate.bbox,
            text=plate.text,
            certainty=plate.certainty,
            sure=threshold is not None and plate.certainty >= threshold,
        )
        for plate in photo.plates
    )
    return PrelabelledPhoto(
        image=photo.image,
        size=photo.size,
        group=group,
        certainty=photo.certainty,
        faint=photo.faint,
        sure=bool(plates) and not photo.faint and all(plate.sure for plate in plates),
        plates=plates,
    )


def _see(
    recognizer: LicensePlateRecognizer, folder: Path, names: Sequence[str]
) -> tuple[list[tuple[SeenPhoto, int | None]], list[UnreadPhoto]]:
    """Return what is seen in photos, each with its difference hash, and those that cannot be read."""
    images, good, bad = [], [], []
    for name in names:
        try:
            images.append(load_photo(folder / name))
            good.append(name)
        except LprError as error:
            bad.append(UnreadPhoto(image=name, reason=str(error)))
    photos = see(recognizer, good, images)
    return [(photo, difference_hash(image)) for photo, image in zip(photos, images, strict=True)], bad


def _measured(labelled: Dataset, recognizer: LicensePlateRecognizer, precision: float) -> float | None:
    results: list[tuple[float, bool]] = []
    labels = ((entry, image) for entry, image in labelled.photos.images() if entry.for_detection)
    while group := list(islice(labels, PHOTOS_A_THREAD)):
        entries, images = zip(*group, strict=True)
        photos = see(recognizer, [entry.name for entry in entries], images)
        for entry, photo in zip(entries, photos, strict=True):
            truths = [(plate.bbox, plate.text) for plate in entry.plates]
            results += outcomes(truths, [(plate.bbox, plate.text, plate.certainty) for plate in photo.plates])
    if not results:
        raise LprError(f"{labelled.folder}: no pre-label could be compared; name photos of plates with boxes and texts")
    return measured_threshold(results, precision)


def _version(models: Path) -> str:
    both = "".join(sha256(models / name) for name in MODELS)
    return f"lpr {hashlib.sha256(both.encode()).hexdigest()[:12]}"
