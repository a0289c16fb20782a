"""Annotation files of each format that `lpr.fetching.formats` reads, for five photos `p0.jpg` to `p4.jpg`, spoiled."""

from __future__ import annotations

import csv
import io
import random
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.fuzz import documents, hostile, mutate

NAMES = tuple(f"p{number}.jpg" for number in range(5))
BOX = (20, 30, 40, 12)
_TEXTS = ("KL65DKH", "AB 12-C", "1ABC234", "RO 77 XY", "74SAL51")


def write_folder(kind: str, folder: Path, rng: random.Random) -> str:
    """Write the annotation files of a format, spoiled, and return what was done."""
    note = _WRITERS[kind](folder, rng)
    for name in ("ledger.csv", "crops.csv"):
        if rng.random() < 0.15:
            _table(folder / name, rng, "image" if name == "ledger.csv" else "image_path")
            note += f", {name}"
    if rng.random() < 0.05:
        bad = folder / rng.choice(("manifest.json", "data.yaml", "annotations/test.json", "extra.json", "extra.xml"))
        bad.parent.mkdir(exist_ok=True)
        bad.write_bytes(rng.choice((b"{}", b"[]", b"\xff\xfe", mutate.damage(b'{"a": [1, "x"]}', rng))))
        note += f", {bad.name} added"
    return note


def _spoil(path: Path, value: Any, rng: random.Random) -> str:
    if rng.random() < 0.7:
        path.write_bytes(mutate.to_json(mutate.tree(value, rng), rng))
        return "tree changed"
    path.write_bytes(mutate.damage(mutate.to_json(value, rng), rng))
    return "bytes changed"


def _own(folder: Path, rng: random.Random) -> str:
    entries: dict[str, Any] = {
        NAMES[0]: {
            "plates": [
                {"bbox": list(BOX), "text": _TEXTS[0], "lines": 1, "quad": [[20, 30], [60, 30], [60, 42], [20, 42]]}
            ]
        },
        NAMES[1]: {"plates": []},
        NAMES[2]: {"bbox": list(BOX), "confidence": 0.9, "text": _TEXTS[1]},
        NAMES[3]: {"text": _TEXTS[2], "lines": 2, "centres": [[5.0, 6.0]] * 7},
        NAMES[4]: {"plates": [{"bbox": list(BOX), "text": None}, {"bbox": [1, 2, 30, 9], "text": _TEXTS[3]}]},
    }
    (folder / "annotations").mkdir()
    if rng.random() < 0.2:
        _spoil(folder / "annotations" / "train_text.json", {name: {"text": "A1"} for name in NAMES}, rng)
    return _spoil(folder / "annotations" / "train.json", entries, rng)


def _coco(folder: Path, rng: random.Random) -> str:
    value = {
        "images": [{"id": number, "file_name": name, "width": 96, "height": 72} for number, name in enumerate(NAMES)],
        "annotations": [
            {
                "id": number,
                "image_id": number,
                "category_id": 1,
                "bbox": list(BOX),
                "attributes": {"text": text, "lines": 1},
            }
            for number, text in enumerate(_TEXTS)
        ],
        "categories": [{"id": 1, "name": "plate"}, {"id": 2, "name": "car"}],
    }
    return _spoil(folder / "train.json", value, rng)


def _voc(folder: Path, rng: random.Random) -> str:
    (folder / "annotations").mkdir()
    notes = []
    for name in NAMES:
        root = ET.fromstring(
            f"<annotation><filename>{name}</filename><size><width>96</width><height>72</height></size><object>"
            "<name>plate</name><text>KL65</text><bndbox><xmin>20</xmin><ymin>30</ymin><xmax>60</xmax><ymax>42</ymax>"
            "</bndbox></object></annotation>"
        )
        data, note = documents.spoil_xml(root, rng)
        notes.append(note)
        (folder / "annotations" / f"{name[:-4]}.xml").write_bytes(data)
    if rng.random() < 0.3:
        lists = folder / "ImageSets" / "Main"
        lists.mkdir(parents=True)
        (lists / "train.txt").write_bytes(mutate.damage(b"p0 1\np1\np2 -1\n", rng))
    return "; ".join(notes)


def _yolo(folder: Path, rng: random.Random) -> str:
    (folder / "labels").mkdir()
    for name in NAMES:
        numbers = ["0", "0.4", "0.5", "0.3", "0.2"]
        if rng.random() < 0.2:
            numbers += ["0.6", "0.7", "0.1"]
        for _ in range(rng.choice((0, 1, 1, 2))):
            change = rng.choice(hostile.NUMBERS).text if rng.random() < 0.6 else rng.choice(hostile.TEXTS)
            numbers[rng.randrange(len(numbers))] = change
        data = (" ".join(numbers) + "\n").encode("utf-8", "surrogatepass")
        (folder / "labels" / f"{name[:-4]}.txt").write_bytes(mutate.damage(data, rng) if rng.random() < 0.3 else data)
    config = {"names": {0: "plate", 1: "car"}, "train": "images", "val": ["../x/images/val", "lists/val.txt"], "nc": 2}
    data, note = documents.spoil_yaml(config, rng)
    (folder / "data.yaml").write_bytes(data)
    return f"labels and {note}"


def _openalpr(folder: Path, rng: random.Random) -> str:
    for name in NAMES:
        fields = [name, *map(str, BOX), _TEXTS[0]]
        for _ in range(rng.choice((0, 1, 2))):
            fields[rng.randrange(len(fields))] = rng.choice((*hostile.TEXTS, *(raw.text for raw in hostile.NUMBERS)))
        data = ("\t".join(fields) + "\n").encode("utf-8", "surrogatepass")
        data = mutate.damage(data, rng) if rng.random() < 0.3 else data
        (folder / "images" / f"{name[:-4]}.txt").write_bytes(data * rng.choice((1, 1, 1, 3000)))
    return "fields and bytes changed"


def _csv(folder: Path, rng: random.Random) -> str:
    _table(folder / "table.csv", rng, "image_path")
    return "fields and bytes changed"


def _table(path: Path, rng: random.Random, key: str) -> None:
    columns = [key, "plate_text", "x", "y", "width", "height", "lines", "split", "source"]
    rows = [
        [f"train/{name}", text, *map(str, BOX), "1", "train", "a"] for name, text in zip(NAMES, _TEXTS, strict=True)
    ]
    if rng.random() < 0.4:
        columns, rows = columns[:2], [row[:2] for row in rows]
    table = [columns, *rows]
    for _ in range(rng.choice((1, 2, 6))):
        row = rng.choice(table)
        row[rng.randrange(len(row))] = rng.choice(
            (*hostile.TEXTS, *(raw.text for raw in hostile.NUMBERS), '"', "x" * 140_000)
        )
    stream = io.StringIO()
    csv.writer(stream, delimiter=rng.choice(",,,;\t")).writerows(table)
    data = stream.getvalue().encode("utf-8", "surrogatepass")
    path.write_bytes(mutate.damage(data, rng) if rng.random() < 0.3 else data)


def _label_studio(folder: Path, rng: random.Random) -> str:
    value = {"x": 20.8, "y": 41.7, "width": 41.7, "height": 16.7, "rotation": rng.choice((0, 0, 12.5))}
    of = {"original_width": 96, "original_height": 72, "image_rotation": 0, "to_name": "image"}
    tasks = []
    for number, (name, text) in enumerate(zip(NAMES, _TEXTS, strict=True)):
        part = {**of, "id": f"r{number}"}
        result: list[dict[str, Any]] = [
            {**part, "from_name": "plate", "type": "rectanglelabels", "value": {**value, "rectanglelabels": ["plate"]}},
            {**part, "from_name": "text", "type": "textarea", "value": {**value, "text": [text]}},
        ]
        done = {"completed_by": number % 2 + 1, "updated_at": "2026-11-29T05:00:00Z", "was_cancelled": False}
        place = rng.choice((f"/data/local-files/?d=images/{name}", f"/data/upload/1/0a1b2c3d-{name}"))
        tasks.append(
            {"id": number, "data": {"image": place}, "annotations": [{**done, "result": result}], "predictions": []}
        )
    return _spoil(folder / "export.json", tasks, rng)


def _cvat(folder: Path, rng: random.Random) -> str:
    root = ET.Element("annotations")
    ET.SubElement(root, "version").text = "1.1"
    for number, (name, text) in enumerate(zip(NAMES, _TEXTS, strict=True)):
        image = ET.SubElement(root, "image", id=f"{number}", name=f"images/{name}", width="96", height="72")
        box = {"xtl": "20.0", "ytl": "30.0", "xbr": "60.0", "ybr": "42.0"}
        outline = {"points": "20.0,30.0;60.0,31.0;60.0,42.0;20.0,41.0"}
        turned = {**box, "rotation": "12.5"}
        tag, shape = rng.choice((("box", box), ("box", box), ("box", turned), ("polygon", outline)))
        plate = ET.SubElement(image, tag, {"label": "plate", "occluded": "0", **shape})
        ET.SubElement(plate, "attribute", name="text").text = text
    data, note = documents.spoil_xml(root, rng)
    (folder / "annotations.xml").write_bytes(data)
    return note


_WRITERS: dict[str, Callable[[Path, random.Random], str]] = {
    "own": _own, "coco": _coco, "voc": _voc, "yolo": _yolo, "openalpr": _openalpr, "csv": _csv,
    "label_studio": _label_studio, "cvat": _cvat,
}  # fmt: skip
FORMATS = tuple(_WRITERS)
