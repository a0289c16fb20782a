"""Pascal VOC: one XML file a photo.

The file's own name points to the photo before its `<filename>` does, which is often out of date; a `<size>` is not
believed, only compared. Splits come from `ImageSets/Main/{train,val,test}.txt` or from folder names.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from itertools import islice
from pathlib import Path, PurePosixPath

from lpr.data.annotations import SPLITS, Split
from lpr.fetching.formats.paths import IMAGE_SUFFIXES, locate, walk
from lpr.fetching.formats.per_image import LARGEST_FILE, read_each
from lpr.fetching.formats.raw import Raw, RawEntry, RawPlate
from lpr.fetching.formats.values import number, size_of
from lpr.fetching.formats.words import is_plate_class, split_of_folder
from lpr.fetching.formats.xml_parser import feed, parser_into

_IMAGE_FOLDERS = ("", "../images", "../JPEGImages", "../Images", "../../images", "../../JPEGImages")


def read(folder: Path) -> Iterator[Raw]:
    """Yield the entries of every XML file below a folder."""
    listed = _listed_splits(folder)

    def entry(file: str) -> RawEntry:
        root = _parse(folder / file)
        if root.tag != "annotation":
            raise ValueError(f"root element is <{root.tag[:40]}>, not <annotation>")
        plates, others = _plates(root)
        image = _image(folder, file, (root.findtext("filename") or "").strip())
        split = listed.get(PurePosixPath(file).stem) or split_of_folder(file)
        size = size_of(root.findtext("size/width"), root.findtext("size/height"))
        return RawEntry(image, plates, split, file, claimed_size=size, other_objects=others)

    yield from read_each(walk(folder, {".xml"}), entry)


def _parse(path: Path) -> ET.Element:
    if path.stat().st_size > LARGEST_FILE:
        raise ValueError("annotation file is larger than 1 MiB")
    builder = ET.TreeBuilder()
    feed(parser_into(builder), path.read_bytes(), last=True)
    return builder.close()


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


def _image(folder: Path, file: str, filename: str) -> str:
    stem, parent = PurePosixPath(file).stem, PurePosixPath(file).parent
    named = PurePosixPath(filename.replace("\\", "/")).name
    suffix = PurePosixPath(named).suffix
    names = dict.fromkeys([stem + suffix if suffix else "", *(stem + known for known in IMAGE_SUFFIXES), named])
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


def _is_annotation(path: Path) -> bool:
    try:
        return _parse(path).tag == "annotation"
    except ValueError:
        return False


def matches(folder: Path) -> bool:
    """Return whether a folder is in this format."""
    return any(_is_annotation(folder / file) for file in islice(walk(folder, {".xml"}), 20))
