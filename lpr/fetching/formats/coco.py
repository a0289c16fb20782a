"""COCO JSON: `images`, `annotations` and `categories` in one file, one file a split."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

from lpr.base.errors import LprError
from lpr.data.annotations import Split
from lpr.fetching.formats.json_stream import iter_members
from lpr.fetching.formats.paths import locate, walk
from lpr.fetching.formats.raw import Raw, RawEntry, RawPlate, RawRejection
from lpr.fetching.formats.spool import Spool
from lpr.fetching.formats.values import TEXT_NAMES, box_of, lines_of, text_of
from lpr.fetching.formats.words import is_plate_class, split_of, split_of_folder

_IDENTITY = (int, float, str, type(None))


def read(folder: Path) -> Iterator[Raw]:
    """Yield the entries of every COCO file below a folder. Raises LprError where one is no JSON object."""
    for file in walk(folder, {".json"}):
        if _is_coco(folder / file):
            yield from _read_file(folder, file)


def _read_file(folder: Path, file: str) -> Iterator[Raw]:
    split = split_of(file)
    others: set[Any] = set()
    with Spool(folder / file) as images, Spool(folder / file) as annotations:
        for key, value, line in iter_members(folder / file, elements=True):
            if key not in ("images", "annotations", "categories"):
                continue
            problem = _problem(key, value)
            if problem:
                yield RawRejection(file, f"line {line}", problem)
            elif key == "images":
                images.add(str(value["id"]), (value["file_name"], value.get("width"), value.get("height"), line))
            elif key == "annotations":
                annotations.add(str(value["image_id"]), value)
            elif isinstance(value.get("name"), str) and not is_plate_class(value["name"]):
                others.add(value.get("id"))
        for identity, found in images.groups():
            name, width, height, line = found[0]
            if len(found) > 1:
                yield RawRejection(file, f"line {line}", f"image id {identity} is given {len(found)} times")
                continue
            objects = annotations.get(identity)
            kept = [value for value in objects if value.get("category_id") not in others]
            try:
                plates = tuple(_plate(value) for value in kept)
            except ValueError as error:
                yield RawRejection(file, name, str(error))
                continue
            path = _image(folder, file, name, split)
            size = (width, height) if isinstance(width, int) and isinstance(height, int) else None
            yield RawEntry(
                path,
                plates,
                split or split_of_folder(path),
                f"{file}, line {line}",
                claimed_size=size,
                other_objects=len(objects) - len(kept),
            )
        for identity, values in annotations.groups():
            if not images.get(identity):
                reason = f"{len(values)} annotations of image id {identity}, which is not listed"
                yield RawRejection(file, f"image_id {identity}", reason)


def _problem(key: str, value: Any) -> str | None:
    if not isinstance(value, dict):
        return f"an element of {key} is not an object"
    needed = {"images": ("id", "file_name"), "annotations": ("image_id", "bbox"), "categories": ("id",)}[key]
    missing = [field for field in needed if field not in value]
    if missing:
        return f"an element of {key} has no {', '.join(missing)}"
    wrong = [field for field in ("id", "image_id", "category_id") if not isinstance(value.get(field), _IDENTITY)]
    if wrong:
        return f"{wrong[0]} of an element of {key} is neither a number nor a string"
    if key == "images" and not isinstance(value["file_name"], str):
        return "file_name is not a string"
    return None


def _plate(value: dict[str, Any]) -> RawPlate:
    attributes = value.get("attributes")
    extra = {**(attributes if isinstance(attributes, dict) else {}), **value}
    text = next((extra[key] for key in TEXT_NAMES if extra.get(key) is not None), None)
    return RawPlate(box_of(value["bbox"]), text_of(text), lines_of(extra.get("lines")))


def _image(folder: Path, file: str, name: str, split: Split | None) -> str:
    parent = PurePosixPath(file).parent
    bases = [parent, parent / "images", PurePosixPath("images"), PurePosixPath()]
    if split:
        bases += [PurePosixPath(split), PurePosixPath("images", split)]
    # Tools name a split's folder after the file: instances_train2017.json, train2017/.
    bases.append(PurePosixPath(PurePosixPath(file).stem.split("_")[-1]))
    name = name.replace("\\", "/")
    return locate(folder, ((base / name).as_posix() for base in bases))


def _is_coco(path: Path) -> bool:
    seen = set()
    with suppress(LprError):
        for key, _, _ in iter_members(path, elements=True):
            seen.add(key)
            if {"images", "annotations"} <= seen:
                return True
            if len(seen) > 12:
                break
    return False


def matches(folder: Path) -> bool:
    """Return whether a folder is in this format."""
    return any(_is_coco(folder / file) for file in walk(folder, {".json"}))
