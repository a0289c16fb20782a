"""Annotation folders of every format: `build_dataset`, `check_dataset`, the folder of an evaluation, `data changes`."""

from __future__ import annotations

import json
import math
import random
import shutil
from pathlib import Path
from typing import Any

from PIL import Image

from lpr.assessment.data_check import check_dataset
from lpr.assessment.folder import Dataset
from lpr.data.annotations import SPLITS, read_entries
from lpr.fetching.build import Outputs, build_dataset
from lpr.labelling.changes import KINDS, compare
from lpr.plate.text import ALPHABET
from lpr.records.params import FetchData
from lpr.records.prelabels import Prelabels
from tests.fetching.drawn_photos import draw
from tests.fuzz.folders import BOX, FORMATS, write_folder
from tests.fuzz.target import Made, expect

PHOTOS = 5


class Target:
    """Folders with a few photos and annotation files whose trees, texts or bytes are changed."""

    memory = 400

    def __init__(self, seeds: Path) -> None:
        self._photos = []
        for number in range(PHOTOS):
            self._photos.append(seeds / f"p{number}.jpg")
            draw(number, (96, 72)).save(self._photos[-1])
        plate = {"bbox": BOX, "text": "KL65DKH", "certainty": 0.9, "sure": True}
        known = {"size": (96, 72), "group": 1, "certainty": 0.9, "faint": 0, "sure": True, "plates": [plate]}
        record = {"models": "lpr 0", "precision": 0.95, "measured": False, "threshold": 0.8, "rejected": []}
        photos = [{"image": photo.name, **known} for photo in self._photos]
        self._prelabels = Prelabels.model_validate({**record, "photos": photos})

    def make(self, rng: random.Random, folder: Path) -> Made:
        kind = rng.choice(FORMATS)
        self._use = rng.choice(("build", "build", "build", "check", "assess", "changes"))
        self._format = kind if rng.random() < 0.5 else None
        images = folder / "set" / ("train" if kind == "csv" else "images/train" if kind == "own" else "images")
        images.mkdir(parents=True)
        for photo in self._photos:
            shutil.copyfile(photo, images / photo.name)
        note = write_folder(kind, folder / "set", rng)
        return Made(f"{kind}, {self._use}, format {self._format}: {note}")

    def run(self, folder: Path) -> str:
        if self._use == "check":
            report = check_dataset("set", self._format, workers=1)
            expect(isinstance(report.text(), str), "a report without text")
            return "checked"
        if self._use == "assess":
            dataset = Dataset(Path("set"), self._format, "all")
            for part in filter(None, (dataset.photos, dataset.crops)):
                for entry, image in part.images():
                    _check_entry(json.loads(json.dumps(_boxes(entry))), image.size)
            dataset.rejected()
            return "measured"
        if self._use == "changes":
            changes = compare(self._prelabels, Path("set"), self._format)
            expect(isinstance(changes.text(), str) and set(changes.plates) <= set(KINDS), f"{changes.plates}")
            expect(changes.photos + changes.missing == PHOTOS, f"{changes.photos} photos, {changes.missing} missing")
            return "compared"
        source = {"name": "s", "kind": "path", "path": "set", "use": "both", "licence": "MIT", "format": self._format}
        values: dict[str, Any] = {
            "sources": [source], "shares": {"train": 0.6, "val": 0.2, "test": 0.2}, "max_rejected": 1.0,
            "max_megapixels": 2.0, "max_side": 640, "jpeg_quality": 90,
        }  # fmt: skip
        build_dataset(FetchData.model_validate(values), 7, Outputs(*map(Path, ("data", "results", ".work"))), workers=1)
        _check_data(folder / "data")
        return "built"


def _check_data(data: Path) -> None:
    for split in SPLITS:
        names = set()
        for entry in read_entries(data / "annotations" / f"{split}.json"):
            names.add(entry.name)
            expect(Path(entry.name).name == entry.name, f"name {entry.name!r}")
            with Image.open(data / "images" / split / entry.name) as image:
                _check_entry(_boxes(entry), image.size)
            for text in (entry.text, *(plate.text for plate in entry.plates)):
                expect(text is None or (bool(text) and set(text) <= set(ALPHABET)), f"text {text!r}")
        expect(names == {path.name for path in (data / "images" / split).iterdir()}, f"files of {split}")
        json.loads((data / "annotations" / f"{split}.json").read_text(), parse_constant=_no_constant)
    json.loads((data / "manifest.json").read_text(), parse_constant=_no_constant)


def _boxes(entry: Any) -> list[Any]:
    return [plate.bbox for plate in entry.plates]


def _check_entry(boxes: list[Any], size: tuple[int, int]) -> None:
    for x, y, w, h in boxes:
        expect(all(map(math.isfinite, (x, y, w, h))), f"box {x, y, w, h}")
        inside = x >= 0 and y >= 0 and w > 0 and h > 0 and x + w <= size[0] + 0.01 and y + h <= size[1] + 0.01
        expect(inside, f"box {x, y, w, h} in {size}")


def _no_constant(name: str) -> None:
    expect(False, f"{name} in JSON")
