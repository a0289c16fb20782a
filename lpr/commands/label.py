"""`lpr data prelabel DIR` and `lpr data changes`: labels for unlabelled photos, and what people changed in them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from lpr.base.errors import LprError
from lpr.commands.formats import FORMATS

PRECISION = 0.95


def add(commands: Any) -> None:
    """Declare the commands among those of `lpr data`."""
    prelabel = commands.add_parser("prelabel", help="read unlabelled photos, for people to correct in a labelling tool")
    prelabel.add_argument("folder", metavar="DIR", type=Path, help="photos, those in folders below it too")
    prelabel.add_argument("--out", metavar="DIR", type=Path, required=True, help="a new folder")
    prelabel.add_argument("--models", metavar="DIR", type=Path, help="default: the ones that came with the package")
    prelabel.add_argument(
        "--precision", type=float, default=PRECISION, help="share of the sure plates whose text is right; default: 0.95"
    )
    prelabel.add_argument(
        "--labelled", metavar="DIR", type=Path, help="measure what is sure on labelled photos of the same kind"
    )
    prelabel.add_argument("--split", choices=("train", "val", "test", "all"), default="all", help="of --labelled")
    prelabel.set_defaults(run=_prelabel)
    changes = commands.add_parser("changes", help="count what people changed in pre-labels")
    changes.add_argument("prelabels", metavar="PRELABELS", type=Path, help="the folder that `prelabel` wrote")
    changes.add_argument("export", metavar="EXPORT", type=Path, help="the folder of the labelling tool's export")
    changes.add_argument("--format", choices=FORMATS, help="of the export; default: found out")
    changes.set_defaults(run=_changes)


def _prelabel(arguments: argparse.Namespace) -> int:
    """Write the pre-labels; return 0, or 2 when a photo could not be read."""
    from lpr.assessment.folder import Dataset
    from lpr.inference.recognizer import LicensePlateRecognizer
    from lpr.inference.shipped import models_folder
    from lpr.labelling.folder import check_free, write_prelabels
    from lpr.labelling.run import prelabel_folder

    if not 0 < arguments.precision < 1:
        raise LprError(f"--precision {arguments.precision:g}: give a share between 0 and 1, for example 0.95")
    check_free(arguments.out)
    models = models_folder(arguments.models)
    labelled = Dataset(arguments.labelled, split=arguments.split) if arguments.labelled else None

    def progress(done: int, total: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{done}/{total} photos", end="\n" if done == total else "", file=sys.stderr, flush=True)

    recognizer = LicensePlateRecognizer(models)
    found = prelabel_folder(arguments.folder, recognizer, models, arguments.precision, labelled, progress)
    write_prelabels(arguments.out, arguments.folder, found)
    for photo in found.rejected:
        print(f"error: {photo.reason}", file=sys.stderr)
    plates = [plate for photo in found.photos for plate in photo.plates]
    without = sum(not photo.plates for photo in found.photos)
    print(f"{arguments.out}: {len(found.photos)} photos, {len(plates)} plates, {without} photos without one")
    print(f"  {len({photo.group for photo in found.photos})} groups of near-duplicates, single photos included")
    how = f"measured on {arguments.labelled}" if found.measured else "by the models' own word; --labelled measures it"
    if found.threshold is None:
        print(f"  nothing is sure at a precision of {found.precision:g} ({how})")
    else:
        sure, whole = sum(plate.sure for plate in plates), sum(photo.sure for photo in found.photos)
        print(
            f"  sure at a precision of {found.precision:g} ({how}): {sure} plates, {whole} photos with all their plates"
        )
    return 2 if found.rejected else 0


def _changes(arguments: argparse.Namespace) -> int:
    """Print the counts; return 0."""
    from lpr.labelling.changes import compare
    from lpr.records.prelabels import load_prelabels

    print(compare(load_prelabels(arguments.prelabels), arguments.export, arguments.format).text())
    return 0
