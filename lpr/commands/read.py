"""`lpr read PHOTO...`: the plates of photos, as lines for people or as JSON."""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from lpr.base.errors import LprError
from lpr.commands import read_ray
from lpr.inference.as_json import photo_record

if TYPE_CHECKING:
    from PIL import Image

    from lpr.inference.plates import PlateReading
    from lpr.inference.recognizer import LicensePlateRecognizer


STANDARD_INPUT = Path("-")
"""As the name of a photo: what is on standard input."""


class Outcome(NamedTuple):
    """What came of a photo: its pixels and plates, or what is wrong with it."""

    path: Path
    image: Image.Image | None
    plates: list[PlateReading]
    error: str = ""


def add(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("read", help="read the plates of photos")
    parser.add_argument(
        "photos", metavar="PHOTO", nargs="+", type=Path,
        help="a photo, a folder of photos, or - for standard input: an image, or names of photos",
    )  # fmt: skip
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON object a photo and line")
    form.add_argument("--csv", action="store_true", help="print a table, one row a plate")
    parser.add_argument("--draw", metavar="DIR", type=Path, help="write copies there with the plates drawn in")
    parser.add_argument("--models", metavar="DIR", type=Path, help="default: the ones that came with the package")
    parser.add_argument(
        "--region", metavar="CODE", action="append", type=str.upper,
        help="country whose plates are expected, as BR; may be given more than once; default: all",
    )  # fmt: skip
    parser.add_argument(
        "--out", metavar="FILE", type=Path, help="add the JSON lines to a file, without the photos that it has already"
    )
    read_ray.add(parser)
    parser.set_defaults(run=run, leaves=True)


def run(arguments: argparse.Namespace) -> int:
    """Print the plates of each photo, best first; return 0, or 2 when a photo could not be read."""
    if arguments.ray is not None:
        return read_ray.run(arguments)
    # Pillow warns of odd metadata and large images; what matters comes as an error of ours.
    warnings.simplefilter("ignore")
    # Before anything heavy is imported, so that a mistyped name is answered at once.
    if arguments.csv and arguments.out:
        raise LprError("--out writes JSON lines: give --csv without it, `lpr read ... --csv > readings.csv`")
    given, names = _take_standard_input(arguments.photos)
    paths, errors = _expand(names)
    if given is not None:
        paths.append(STANDARD_INPUT)
    for error in errors:
        print(f"error: {error}", file=sys.stderr)
    arguments.given = given
    failed = _add_lines(paths, arguments) if arguments.out else _print(paths, arguments)
    return 2 if failed or errors else 0


def _print(paths: list[Path], arguments: argparse.Namespace) -> bool:
    """Print what is read; return whether a photo could not be."""
    width = max((len(str(path)) for path in paths), default=0)
    failed = False
    if arguments.csv:
        from lpr.batch import table

        print(table.row(table.COLUMNS))
    for path, _, plates, error in _read(paths, arguments):
        failed |= bool(error)
        if error:
            continue
        if arguments.csv:
            lines = table.rows(str(path), plates)
        else:
            lines = iter([_as_json(path, plates)]) if arguments.json else _as_lines(path, plates, width)
        for line in lines:
            print(line, flush=True)
    return failed


def _add_lines(paths: list[Path], arguments: argparse.Namespace) -> bool:
    """Add what is read to the file of `--out`; return whether a photo could not be."""
    from lpr.batch.lines_file import LinesFile
    from lpr.batch.progress import Progress

    with LinesFile(arguments.out) as lines:
        left = [path for path in dict.fromkeys(paths) if str(path) not in lines]
        failed = 0
        with Progress(len(left), "photos") as progress:
            for path, _, plates, error in _read(left, arguments, progress.clear):
                failed += bool(error)
                if not error:
                    lines.append(str(path), _as_json(path, plates))
                progress.step()
    print(f"{arguments.out}: {len(left) - failed} lines added, {len(set(paths)) - len(left)} were there")
    return failed > 0


def _take_standard_input(photos: list[Path]) -> tuple[Image.Image | None, list[Path]]:
    """Return the image on standard input, where `-` is among the arguments and it is one, and all names of photos."""
    if STANDARD_INPUT not in photos:
        return None, photos
    from lpr.batch.standard_input import read_standard_input

    others = [path for path in photos if path != STANDARD_INPUT]
    given = read_standard_input()
    return (None, [*others, *given]) if isinstance(given, list) else (given, others)


def _expand(arguments: list[Path]) -> tuple[list[Path], list[str]]:
    """Return the photos that the arguments name, and what is wrong with the arguments."""
    paths: list[Path] = []
    errors: list[str] = []
    for argument in arguments:
        if argument.is_dir():
            from lpr.inference.photos import list_photos

            try:
                paths += list_photos(argument)
            except LprError as error:
                errors.append(str(error))
        elif argument.exists():
            paths.append(argument)
        else:
            errors.append(f"{argument}: no such file")
    return paths, errors


def _read(
    paths: list[Path], arguments: argparse.Namespace, before_error: Callable[[], None] = lambda: None
) -> Iterator[Outcome]:
    """Yield what comes of each photo, in order; name the errors and draw copies on the way."""
    if not paths:
        return
    from lpr.base.processors import usable_cores
    from lpr.inference.overlap import in_groups, threads_of_a_call
    from lpr.inference.recognizer import LicensePlateRecognizer

    cores = usable_cores()
    recognizer = LicensePlateRecognizer(
        arguments.models, regions=arguments.region, threads=threads_of_a_call(len(paths), cores)
    )
    album = None
    if arguments.draw:
        from lpr.batch.drawing import Album

        album = Album(arguments.draw, paths)
    for group in in_groups(partial(_read_group, recognizer, arguments.given), paths, cores):
        for outcome in group:
            if outcome.error:
                before_error()
                print(f"error: {outcome.error}", file=sys.stderr)
            elif album and outcome.image:
                album.add(outcome.path, outcome.image, outcome.plates)
            yield outcome


def _read_group(recognizer: LicensePlateRecognizer, given: Image.Image | None, paths: Sequence[Path]) -> list[Outcome]:
    """Read photos together; one that cannot be read keeps no other from it. `given` is that of standard input."""
    from lpr.inference.photos import load_photo

    outcomes: list[Outcome] = []
    for path in paths:
        try:
            image = given if given is not None and path == STANDARD_INPUT else load_photo(path)
            outcomes.append(Outcome(path, image, []))
        except LprError as error:
            outcomes.append(Outcome(path, None, [], str(error)))
    plates = iter(recognizer.read([outcome.image for outcome in outcomes if outcome.image]))
    return [outcome._replace(plates=next(plates)) if outcome.image else outcome for outcome in outcomes]


def _as_json(path: Path, plates: list[PlateReading]) -> str:
    return json.dumps(photo_record(str(path), plates))


def _as_lines(path: Path, plates: list[PlateReading], width: int) -> Iterator[str]:
    name = str(path).ljust(width)
    for plate in plates:
        x, y, w, h = (round(number) for number in plate.box)
        place = f"{x},{y} {w}x{h}"
        chars = " ".join(f"{character}:{share:.2f}" for character, share in zip(plate.text, plate.chars, strict=True))
        yield f"{name}  {plate.text:<10} {plate.confidence:.2f}  box {place:<18} plate {plate.detection:.2f}  {chars}"
    if not plates:
        yield f"{name}  no plate"
