"""`lpr read PHOTO...`: the plates of photos, as lines for people or as JSON."""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lpr.errors import LprError

if TYPE_CHECKING:
    from PIL import Image

    from lpr.recognizer import PlateReading

PHOTOS_AT_ONCE = 8
"""Photos that are read together: their plates share the models' calls."""


def add(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("read", help="read the plates of photos")
    parser.add_argument("photos", metavar="PHOTO", nargs="+", type=Path, help="a photo, or a folder of photos")
    parser.add_argument("--json", action="store_true", help="print one JSON object a photo and line")
    parser.add_argument("--draw", metavar="DIR", type=Path, help="write copies there with the plates drawn in")
    parser.add_argument("--models", metavar="DIR", type=Path, default=Path("models"), help="default: %(default)s")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the plates of each photo, best first; return 0, or 2 when a photo could not be read."""
    # Pillow warns of odd metadata and large images; what matters comes as an error of ours.
    warnings.simplefilter("ignore")
    # Before anything heavy is imported, so that a mistyped name is answered at once.
    paths, problems = _expand(arguments.photos)
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    if not paths:
        return 2
    from lpr.drawing import Album
    from lpr.recognizer import LicensePlateRecognizer

    recognizer = LicensePlateRecognizer(arguments.models)
    album = Album(arguments.draw, paths) if arguments.draw else None
    width = max(len(str(path)) for path in paths)
    failed = bool(problems)
    for start in range(0, len(paths), PHOTOS_AT_ONCE):
        loaded, problems = _load(paths[start : start + PHOTOS_AT_ONCE])
        failed |= bool(problems)
        for problem in problems:
            print(f"error: {problem}", file=sys.stderr)
        for (path, image), plates in zip(loaded, recognizer.read([image for _, image in loaded]), strict=True):
            for line in [_as_json(path, plates)] if arguments.json else _as_lines(path, plates, width):
                print(line)
            if album:
                album.add(path, image, plates)
        sys.stdout.flush()
    return 2 if failed else 0


def _expand(arguments: list[Path]) -> tuple[list[Path], list[str]]:
    """Return the photos that the arguments name, and what is wrong with the others."""
    paths: list[Path] = []
    problems: list[str] = []
    for argument in arguments:
        if argument.is_dir():
            from lpr.inference.photos import list_photos

            try:
                paths += list_photos(argument)
            except LprError as error:
                problems.append(str(error))
        elif argument.exists():
            paths.append(argument)
        else:
            problems.append(f"{argument}: no such file")
    return paths, problems


def _load(paths: list[Path]) -> tuple[list[tuple[Path, Image.Image]], list[str]]:
    """Return the photos that can be read, and what is wrong with the others."""
    from lpr.inference.photos import load_photo

    loaded: list[tuple[Path, Image.Image]] = []
    problems: list[str] = []
    for path in paths:
        try:
            loaded.append((path, load_photo(path)))
        except LprError as error:  # noqa: PERF203 - each photo may fail by itself
            problems.append(str(error))
    return loaded, problems


def _as_json(path: Path, plates: list[PlateReading]) -> str:
    values = [
        {
            "text": plate.text,
            "confidence": round(plate.confidence, 4),
            "chars": [round(share, 4) for share in plate.chars],
            "box": [round(number, 1) for number in plate.box],
            "detection": round(plate.detection, 4),
        }
        for plate in plates
    ]
    return json.dumps({"image": str(path), "plates": values})


def _as_lines(path: Path, plates: list[PlateReading], width: int) -> Iterator[str]:
    name = str(path).ljust(width)
    for plate in plates:
        x, y, w, h = (round(number) for number in plate.box)
        place = f"{x},{y} {w}x{h}"
        chars = " ".join(f"{character}:{share:.2f}" for character, share in zip(plate.text, plate.chars, strict=True))
        yield f"{name}  {plate.text:<10} {plate.confidence:.2f}  box {place:<18} plate {plate.detection:.2f}  {chars}"
    if not plates:
        yield f"{name}  no plate"
