"""The project's own format: `annotations/{train,val,test}.json` beside `images/`, and the guide's short forms.

An entry is `{"plates": [{"bbox", "text", "lines", "quad"}]}`, a crop's `{"text"}`, or short: `{"bbox", "confidence"}`,
with `text` beside it or in a second file of the same split (`train_boxes.json` and `train_text.json`, or in two
folders). Boxes, and a plate's four corners in `quad` where they are known, are pixels of the image as displayed.
`"use": "detection"` or `"reading"`, as `fetch_data` writes it, says that the image is for that alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast, get_args

from lpr.base.errors import LprError
from lpr.data.annotations import Split, Use
from lpr.fetching.formats.json_stream import iter_members
from lpr.fetching.formats.paths import locate, walk
from lpr.fetching.formats.raw import Raw, RawEntry, RawPlate, RawRejection
from lpr.fetching.formats.spool import Spool
from lpr.fetching.formats.values import box_of, lines_of, number, text_of
from lpr.fetching.formats.words import split_of


def _annotation_files(folder: Path) -> list[str]:
    """Return those below `annotations/`, or else the JSON files beside the images."""
    if (folder / "annotations").is_dir():
        return [f"annotations/{name}" for name in walk(folder / "annotations", {".json"})]
    files = (path for path in folder.glob("*.json") if path.is_file())
    return sorted(path.name for path in files if path.name != "dataset-metadata.json")


def read(folder: Path) -> Iterator[Raw]:
    """Yield the entries of a folder in this format. Raises LprError where a file is no JSON object."""
    by_split: dict[Split | None, list[str]] = {}
    for file in _annotation_files(folder):
        by_split.setdefault(split_of(file), []).append(file)
    for split, files in sorted(by_split.items(), key=lambda item: item[1]):
        if len(files) == 1:
            for name, value, line in iter_members(folder / files[0]):
                yield _entry(folder, name, value, split, f"{files[0]}, line {line}")
        else:
            yield from _joined(folder, files, split)


def _joined(folder: Path, files: list[str], split: Split | None) -> Iterator[Raw]:
    with Spool(folder / "annotations") as spool:
        for file in files:
            for name, value, line in iter_members(folder / file):
                spool.add(name, (value, f"{file}, line {line}"))
        for name, parts in spool.groups():
            merged: dict[str, Any] = {}
            for value, _ in parts:
                if isinstance(value, dict):
                    merged.update(value)
            origin = "; ".join(origin for _, origin in parts)
            yield _entry(folder, name, merged or parts[0][0], split, origin)


def _entry(folder: Path, name: str, value: Any, split: Split | None, origin: str) -> Raw:
    try:
        plates, use = _plates(value), _use(value)
    except ValueError as error:
        return RawRejection(origin, name, str(error))
    folders = [f"images/{split}", split] if split else []
    image = locate(folder, [f"{base}/{name}" for base in (*folders, "images")] + [name])
    return RawEntry(image, plates, split, origin, use=use)


def _plates(value: Any) -> tuple[RawPlate, ...]:
    if not isinstance(value, dict):
        raise ValueError("entry is not an object")
    if "plates" in value:
        if not isinstance(value["plates"], list):
            raise ValueError("plates is not a list")
        return tuple(_plate(plate) for plate in value["plates"])
    if "bbox" in value:
        # The guide's confidence is of whoever made the box: none at all means that there is no plate.
        if value["bbox"] is None or number(value.get("confidence", 1.0)) <= 0:
            return ()
        return (_plate(value),)
    if "text" in value:
        text = text_of(value["text"])
        centres = _points(value["centres"]) if value.get("centres") else None
        return (RawPlate(None, text or "", lines_of(value.get("lines")), centres=centres),)
    raise ValueError("entry has none of plates, bbox and text")


def _use(value: dict[str, Any]) -> Use | None:
    use = value.get("use")
    if use is not None and use not in get_args(Use):
        raise ValueError(f"use is none of {', '.join(get_args(Use))}")
    return cast(Use | None, use)


def _plate(value: Any) -> RawPlate:
    if not isinstance(value, dict) or "bbox" not in value:
        raise ValueError("a plate has no bbox")
    quad, centres = value.get("quad"), value.get("centres")
    return RawPlate(
        box_of(value["bbox"]),
        text_of(value.get("text")),
        lines_of(value.get("lines")),
        _quad(quad) if quad else None,
        _points(centres) if centres else None,
    )


def _quad(value: Any) -> tuple[tuple[float, float], ...]:
    points = _points(value)
    if len(points) != 4:
        raise ValueError(f"quad has {len(points)} points; give the plate's 4 corners, from its top left, clockwise")
    return points


def _points(value: Any) -> tuple[tuple[float, float], ...]:
    try:
        points = tuple((number(x), number(y)) for x, y in value)
    except TypeError as error:
        raise ValueError("quad or centres is not a list of points") from error
    if not all(math.isfinite(x) and math.isfinite(y) for x, y in points):
        raise ValueError("quad or centres has a value that is no finite number")
    return points


def matches(folder: Path) -> bool:
    """Return whether a folder is in this format."""
    for file in _annotation_files(folder):
        try:
            _, value, _ = next(iter_members(folder / file), ("", None, 0))
        except LprError:
            continue
        if isinstance(value, dict) and value.keys() & {"plates", "bbox", "text"}:
            return True
    return False
