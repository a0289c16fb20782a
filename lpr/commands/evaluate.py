"""`lpr evaluate DIR`: how well models find and read the plates of a folder of labelled photos."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from lpr.base.errors import LprError
from lpr.commands.formats import FORMATS


def add(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("evaluate", help="measure models on a folder of labelled photos")
    parser.add_argument("folder", metavar="DIR", type=Path, help="photos with annotations in any known format")
    parser.add_argument(
        "--format", choices=("auto", *FORMATS), default="auto", help="of the annotations; default: found out"
    )
    parser.add_argument(
        "--split",
        choices=("train", "val", "test", "all"),
        help="default: test, or everything where there are no splits",
    )
    parser.add_argument(
        "--use", choices=("both", "detection", "reading"), default="both",
        help="reading: images with boxes that are crops, not photos; default: both",
    )  # fmt: skip
    parser.add_argument("--models", metavar="DIR", type=Path, help="default: the ones that came with the package")
    parser.add_argument(
        "--out", metavar="DIR", type=Path, help="write the report, the readings and the errors' pictures"
    )
    parser.add_argument(
        "--stress",
        action="store_true",
        help="also read the photos turned, slanted, near, far, blurred, dark, noisy, and without their plates",
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the report; return 0."""
    try:
        from lpr.assessment.folder import Dataset
    except ModuleNotFoundError as error:  # what an application installs reads photos, not every annotation format
        raise LprError(f"lpr evaluate needs the module {error.name}; pip install -r requirements.txt") from error
    from lpr.assessment.report import to_markdown
    from lpr.assessment.run import assess
    from lpr.assessment.write import write_assessment
    from lpr.inference.recognizer import LicensePlateRecognizer
    from lpr.inference.shipped import models_folder

    format = None if arguments.format == "auto" else arguments.format
    dataset = Dataset(arguments.folder, format, arguments.split, arguments.use)
    models = models_folder(arguments.models)
    reader = LicensePlateRecognizer(models)
    total = len(dataset.photos) * (3 if arguments.stress else 1) + len(dataset.crops or ())
    done = 0

    def progress(images: int) -> None:
        nonlocal done
        done += images
        if sys.stderr.isatty():
            print(f"\r{done}/{total} images", end="\n" if done == total else "", file=sys.stderr, flush=True)

    result = assess(reader, models, dataset, progress, stressed=arguments.stress)
    written = write_assessment(result, dataset, arguments.out) if arguments.out else []
    print(json.dumps(result.record, indent=2) if arguments.json else to_markdown(result.record))
    for path in written:
        print(path, file=sys.stderr)
    return 0
