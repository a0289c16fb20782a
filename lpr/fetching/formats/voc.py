"""Pascal VOC: one XML file a photo.

The file's own name points to the photo before its `<filename>` does, which is often out of date; a `<size>` is not
believed, only compared. Splits come from `ImageSets/Main/{train,val,test}.txt` or from folder names.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from xml.parsers import expat

from lpr.data.annotations import SPLITS, Split
from lpr.fetching.formats.per_image import COMMON_FIRST, LARGEST_FILE, read_each
from lpr.fetching.formats.raw import (
    Raw,
    RawEntry,
    RawPlate,
    is_plate_class,
    locate,
    number,
    split_of_folder,
    walk,
)

_IMAGE_FOLDERS = ("", "../images", "../JPEGImages", "../Images", "../../images", "../../JPEGImages")


def read(folder: Path) -> Iterator[Raw]:
    """Yield the entries of every XML file below a folder."""
    listed = _listed_splits(folder)

    def entry(file: str) -> RawEntry:
        root = parse(folder / file)
        if root.tag != "annotation":
            raise ValueError(f"root element is <{root.tag[:40]}>, not <annotation>")
        plates, others = _plates(root)
        image = _image(folder, file, (root.findtext("filename") or "").strip())
        split = listed.get(PurePosixPath(file).stem) or split_of_folder(file)
        return RawEntry(image, plates, split, file, claimed_size=_size(root), other_objects=others)

    yield from read_each(walk(folder, {".xml"}), entry)


def parse(path: Path) -> ET.Element:
    """Return the root of an XML file, read without document types, entities or anything else from outside.

    Raises:
        ValueError: the file is too large, declares a document type, or is no XML.
    """
    if path.stat().st_size > LARGEST_FILE:
        raise ValueError("annotation file is larger than 1 MiB")
    builder = ET.TreeBuilder()
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(path.read_bytes(), True)
    except (expat.ExpatError, LookupError) as error:
        raise ValueError(f"not readable as XML: {error}") from error
    return builder.close()


def _refuse_doctype(*_: object) -> None:
    raise ValueError("XML declares a document type, which annotation files have no need of")


def _plates(root: ET.Element) -> tuple[tuple[RawPlate, ...], int]:
    plates, others = [], 0
    for item in root.iter("object"):
        if not is_plate_class(item.findtext("name") or ""):
            others += 1
            continue
        box = item.find("bndbox")
        if box is None:
            raise ValueError("an object has no bndbox")
        left, top, right, bottom = (number(box.findtext(edge) or "") for edge in ("xmin", "ymin", "xmax", "ymax"))
        text = (item.findtext("text") or item.findtext("plate_text") or "").strip() or None
        plates.append(RawPlate((left, top, right - left, bottom - top), text))
    return tuple(plates), others


def _size(root: ET.Element) -> tuple[int, int] | None:
    try:
        return int(number(root.findtext("size/width") or "")), int(number(root.findtext("size/height") or ""))
    except (ValueError, OverflowError):
        return None


def _image(folder: Path, file: str, filename: str) -> str:
    stem, parent = PurePosixPath(file).stem, PurePosixPath(file).parent
    named = PurePosixPath(filename.replace("\\", "/")).name
    suffix = PurePosixPath(named).suffix
    names = dict.fromkeys([stem + suffix if suffix else "", *(stem + known for known in COMMON_FIRST), named])
    bases = [_joined(parent, base) for base in _IMAGE_FOLDERS]
    # annotations/train/a.xml beside images/train/a.jpg
    bases += [PurePosixPath(name, *parent.parts[1:]) for name in ("images", "JPEGImages") if len(parent.parts) > 1]
    return locate(folder, ((base / name).as_posix() for name in names if name for base in bases if base is not None))


def _joined(parent: PurePosixPath, base: str) -> PurePosixPath | None:
    for part in PurePosixPath(base).parts:
        if part != "..":
            parent = parent / part
        elif parent.parts:
            parent = parent.parent
        else:
            return None
    return parent


def _listed_splits(folder: Path) -> dict[str, Split]:
    splits: dict[str, Split] = {}
    for split in reversed(SPLITS):
        for file in sorted(folder.glob(f"**/ImageSets/Main/{split}.txt")):
            for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
                if line.split():
                    splits[line.split()[0]] = split
    return splits


def matches(folder: Path) -> str | None:
    """Return what shows that the folder is in this format, None where nothing does."""
    for file, _ in zip(walk(folder, {".xml"}), range(20), strict=False):
        try:
            if parse(folder / file).tag == "annotation":
                return file
        except ValueError:
            continue
    return None
