"""What names of files, folders and classes say: which split, and whether a plate is meant."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePath, PurePosixPath

from lpr.data.annotations import Split

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
_PLATE_WORDS = frozenset({"plate", "plates", "licence", "license", "number"})


def split_of(path: str) -> Split | None:
    """Return the split that the last telling part of a path names: a folder, or a word of a file's name.

    >>> split_of("labels/valid/a.txt"), split_of("train_boxes.json"), split_of("trainer/a.txt")
    ('val', 'train', None)
    """
    *folders, name = PurePosixPath(path).parts or ("",)
    return _first_split([*re.split(r"[^a-z0-9]+", PurePosixPath(name).stem.lower()), *reversed(folders)])


def split_of_folder(path: str) -> Split | None:
    """Return the split that one of a path's folders names. A photo's own name says nothing about its split."""
    return split_in(PurePosixPath(path).parent)


def split_in(folders: str | PurePath) -> Split | None:
    """Return the split that the last telling one of some folders names."""
    return _first_split(reversed(PurePosixPath(folders).parts))


def _first_split(words: Iterable[str]) -> Split | None:
    found = (_SPLIT_WORDS.get(_SPLIT_YEARS.sub("", word.lower())) for word in words)
    return next(filter(None, found), None)


def is_plate_class(name: str) -> bool:
    """Return whether a class name may mean a plate. Data sets call plates many things: only known others are out."""
    words = set(re.split(r"[^a-z]+", name.strip().lower()))
    return not (words & _OTHER_CLASSES) or bool(words & _PLATE_WORDS)
