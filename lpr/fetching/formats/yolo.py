"""YOLO: one text file a photo, `class cx cy width height` in fractions a plate, with or without a `data.yaml`.

A polygon (`class x1 y1 x2 y2 x3 y3 ..`) is read as its bounding box. An empty text file is a photo without a plate; a
photo without a text file says nothing and is reported. Splits come from the `train`, `val` and `test` of data.yaml
(folders or lists of photos), or from folder names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

from lpr.base.errors import LprError
from lpr.base.parsing import read_yaml
from lpr.data.annotations import SPLITS, Split
from lpr.fetching.formats.paths import IMAGE_SUFFIXES, is_file, is_folder, locate, walk
from lpr.fetching.formats.per_image import LARGEST_FILE, read_each
from lpr.fetching.formats.raw import Raw, RawEntry, RawPlate
from lpr.fetching.formats.rectangles import bounding_box
from lpr.fetching.formats.values import number
from lpr.fetching.formats.words import is_plate_class, split_of_folder

_CLASS = re.compile(r"[0-9]{1,9}")
_DEEPEST = 20  # folders of a split's path that are looked for


def read(folder: Path) -> Iterator[Raw]:
    """Yield the entries of every label file below a folder. Raises LprError for a data.yaml that cannot be used."""
    config = _config(folder)
    others = _other_classes(config)
    prefixes, listed = _splits(folder, config)

    def entry(file: str) -> RawEntry:
        plates, passed = _plates(folder / file, others)
        image = locate(folder, _images(file))
        given = listed.get(PurePosixPath(image).name) or _by_prefix(image, prefixes) or split_of_folder(image)
        return RawEntry(image, plates, given, file, fractions=True, other_objects=passed)

    yield from read_each((file for file in walk(folder, {".txt"}) if _is_label(folder, file)), entry)


def _config(folder: Path) -> dict[str, Any]:
    for path in sorted((*folder.glob("*.yaml"), *folder.glob("*.yml"))):
        try:
            value = read_yaml(path)
        except (OSError, ValueError) as error:
            raise LprError(f"{path}: not readable as YAML: {error}") from error
        if isinstance(value, dict) and ("names" in value or "train" in value):
            return value
    return {}


def _other_classes(config: dict[str, Any]) -> set[int]:
    names = config.get("names") or []
    pairs = names.items() if isinstance(names, dict) else enumerate(names) if isinstance(names, list) else ()
    return {int(index) for index, name in pairs if _CLASS.fullmatch(str(index)) and not is_plate_class(str(name))}


def _splits(folder: Path, config: dict[str, Any]) -> tuple[dict[str, Split], dict[str, Split]]:
    prefixes: dict[str, Split] = {}
    listed: dict[str, Split] = {}
    for split in SPLITS:
        values = config.get(split) or []
        for value in values if isinstance(values, list) else [values]:
            if not isinstance(value, str):
                raise LprError(f"{folder}: data.yaml: {split} should name folders or lists of photos")
            # `../train/images` and `/datasets/x/train/images` are written for another machine: their end counts.
            parts = [part for part in PurePosixPath(value).parts if part not in ("..", ".", "/")][-_DEEPEST:]
            for start in range(len(parts)):
                path = folder.joinpath(*parts[start:])
                if is_folder(path):
                    prefixes["/".join(parts[start:]) + "/"] = split
                    break
                if path.suffix == ".txt" and is_file(path):
                    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
                    listed.update((PurePosixPath(line.strip()).name, split) for line in lines if line.strip())
                    break
    return prefixes, listed


def _by_prefix(image: str, prefixes: dict[str, Split]) -> Split | None:
    found = [prefix for prefix in prefixes if image.startswith(prefix)]
    return prefixes[max(found, key=len)] if found else None


def _is_label(folder: Path, file: str) -> bool:
    path = PurePosixPath(file)
    if path.stem.lower() in {"classes", "obj", "train", "val", "valid", "test", "labels", "licence", "license"}:
        return False
    if path.stem.lower().startswith("readme") or (folder / file).stat().st_size > LARGEST_FILE:
        return False
    if "labels" in path.parts[:-1]:
        return True
    return _looks_like_label(folder / file) or any(is_file(folder / image) for image in _images(file))


def _looks_like_label(path: Path) -> bool:
    with path.open(encoding="utf-8-sig", errors="replace") as stream:
        fields = stream.readline(4096).split()
    try:
        values = [number(field) for field in fields]
    except ValueError:
        return False
    return len(values) >= 5 and values[0].is_integer() and values[0] >= 0


def _images(file: str) -> Iterator[str]:
    path = PurePosixPath(file)
    parents = [path.parent]
    if "labels" in path.parts[:-1]:
        at = len(path.parts) - 2 - path.parts[:-1][::-1].index("labels")
        parents.insert(0, PurePosixPath(*path.parts[:at], "images", *path.parts[at + 1 : -1]))
    for parent in parents:
        for suffix in IMAGE_SUFFIXES:
            yield (parent / f"{path.stem}{suffix}").as_posix()


def _plates(path: Path, others: set[int]) -> tuple[tuple[RawPlate, ...], int]:
    plates, passed = [], 0
    for at, line in enumerate(path.read_text(encoding="utf-8-sig", errors="replace").splitlines(), 1):
        if not line.split():
            continue
        try:
            kind, *values = (number(field) for field in line.split())
        except ValueError as error:
            raise ValueError(f"line {at}: {error}") from error
        if kind in others:
            passed += 1
        elif len(values) in (4, 5):  # a fifth is a confidence
            cx, cy, w, h = values[:4]
            plates.append(RawPlate((cx - w / 2, cy - h / 2, w, h)))
        elif len(values) >= 6 and len(values) % 2 == 0:
            plates.append(RawPlate(bounding_box(zip(values[0::2], values[1::2], strict=True))))
        else:
            raise ValueError(f"line {at}: {len(values) + 1} numbers where class, cx, cy, width and height are expected")
    return tuple(plates), passed


def matches(folder: Path) -> bool:
    """Return whether a folder is in this format."""
    files = islice(walk(folder, {".txt"}), 200)
    return any(_is_label(folder, file) and _looks_like_label(folder / file) for file in files)
