"""What the format readers yield, before anything is checked, and what they share."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from lpr.data.annotations import Split, Use

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".gif"})

_SPLIT_WORDS: dict[str, Split] = {
    "train": "train",
    "training": "train",
    "trainset": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "dev": "val",
    "test": "test",
    "testing": "test",
}
_SPLIT_YEARS = re.compile(r"(?<=[a-z])\d{4}$")

_OTHER_CLASSES = frozenset(
    [
        "car",
        "cars",
        "truck",
        "bus",
        "van",
        "vehicle",
        "vehicles",
        "motorcycle",
        "motorbike",
        "bike",
        "bicycle",
        "person",
        "driver",
        "face",
        "auto",
        "suv",
        "taxi",
        "pedestrian",
        "rider",
        "windshield",
        "windscreen",
        "light",
        "headlight",
        "logo",
        "wheel",
    ]
)


@dataclass(frozen=True)
class RawPlate:
    """A plate as its annotation file has it.

    Attributes:
        bbox: `[x, y, width, height]` in pixels, or in fractions where the entry says so; None: the whole image.
        text: as written, None where it is unknown.
        lines: 1 or 2 where stated.
        quad, centres: as in `lpr.data.annotations.Plate`, where the project's own format has them.
    """

    bbox: tuple[float, float, float, float] | None
    text: str | None = None
    lines: int | None = None
    quad: tuple[tuple[float, float], ...] | None = None
    centres: tuple[tuple[float, float], ...] | None = None


@dataclass(frozen=True)
class RawEntry:
    """One image of a source with its plates, unchecked.

    Attributes:
        image: path relative to the source's folder, with slashes; nothing says yet that it is there, or inside.
        plates: what is annotated; a single plate without a box makes the image a crop.
        split: the split that the source gives, None where it gives none.
        origin: the file, and line where there is one, that says so; for reports.
        fractions: whether boxes are in fractions of the image instead of pixels.
        claimed_size: width and height that the annotation states; pixels decide, a difference is counted.
        other_objects: number of annotated objects that are no plates and were passed over.
        use: what the image is for, where the project's own format says it; None: whatever its source is for.
    """

    image: str
    plates: tuple[RawPlate, ...]
    split: Split | None
    origin: str
    fractions: bool = False
    claimed_size: tuple[int, int] | None = None
    other_objects: int = 0
    use: Use | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the entry as plain values, which `from_json` turns back."""
        return asdict(self)

    @staticmethod
    def from_json(value: dict[str, Any]) -> RawEntry:
        """Return the entry of which `value` is the `to_json`."""
        plates = tuple(RawPlate(**plate) for plate in value.pop("plates"))
        return RawEntry(plates=plates, **value)


@dataclass(frozen=True)
class RawRejection:
    """Something that no entry could be made of: a file, the place in it (a line, a name), and the reason."""

    file: str
    entry: str
    reason: str


Raw = RawEntry | RawRejection
Reader = Callable[[Path], Iterator[Raw]]


def split_of(*paths: str) -> Split | None:
    """Return the split that the last telling part of a path names: a folder, or a word of a file's name.

    >>> split_of("labels/valid/a.txt"), split_of("train_boxes.json"), split_of("trainer/a.txt")
    ('val', 'train', None)
    """
    for path in paths:
        *folders, name = PurePosixPath(path).parts or ("",)
        words = re.split(r"[^a-z0-9]+", PurePosixPath(name).stem.lower())
        for word in (*words, *(folder.lower() for folder in reversed(folders))):
            split = _SPLIT_WORDS.get(_SPLIT_YEARS.sub("", word))
            if split is not None:
                return split
    return None


def split_of_folder(path: str) -> Split | None:
    """Return the split that one of a path's folders names. A photo's own name says nothing about its split."""
    parents = PurePosixPath(path).parent.as_posix()
    return split_of(parents + "/_") if parents != "." else None


def is_plate_class(name: str) -> bool:
    """Return whether a class name may mean a plate. Data sets call plates many things: only known others are out."""
    words = set(re.split(r"[^a-z]+", name.strip().lower()))
    return not (words & _OTHER_CLASSES) or bool(words & {"plate", "plates", "licence", "license", "number"})


def climbs_out(path: str) -> bool:
    """Return whether a relative path, taken as it is written, may lead outside its folder."""
    pure = PurePosixPath(path.replace("\\", "/"))
    return pure.is_absolute() or ".." in pure.parts or bool(re.match(r"^[A-Za-z]:", path)) or "\0" in path


def is_file(path: Path) -> bool:
    """Return whether there is such a file. A name that no file system takes is the name of no file."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    """Return whether there is such a folder; else like `is_file`."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def locate(root: Path, candidates: Iterable[str]) -> str:
    """Return the first of some relative paths that is a file under `root`, or else the first of all."""
    first = ""
    for candidate in candidates:
        first = first or candidate
        if not climbs_out(candidate) and is_file(root / candidate):
            return candidate
    return first


def walk(root: Path, suffixes: frozenset[str] | set[str]) -> Iterator[str]:
    """Yield files below `root` by suffix (lower case, with dot), as relative paths in sorted order, no hidden ones."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        base = Path(folder).relative_to(root)
        for name in sorted(names):
            if not name.startswith(".") and os.path.splitext(name)[1].lower() in suffixes:  # noqa: PTH122
                yield (base / name).as_posix()


def number(value: Any) -> float:
    """Return a number from a JSON value or a text. Raises ValueError for anything else, booleans among them."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"a {type(value).__name__} is no number")
    try:
        return float(value)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{str(value)[:40]!r} is no number") from error


def box_of(value: Any) -> tuple[float, float, float, float]:
    """Return a box from a list of four numbers. Raises ValueError for anything else."""
    if not isinstance(value, list | tuple) or len(value) != 4:
        raise ValueError("box is not a list of four numbers")
    x, y, w, h = map(number, value)
    return x, y, w, h


def text_of(value: Any) -> str | None:
    """Return a plate's text from a JSON value; numbers, as loose writers leave them, become text."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise ValueError("text is neither a string nor null")


def lines_of(value: Any) -> int | None:
    """Return 1 or 2 from a value that states a plate's number of lines, None for any other."""
    if isinstance(value, int | str) and str(value).strip() in ("1", "2"):
        return int(str(value).strip())
    return None
