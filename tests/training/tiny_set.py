"""A tiny rendered data set, as fetch_data leaves it."""

from __future__ import annotations

import json
from pathlib import Path

from PIL import Image

from lpr.data.annotations import SPLITS, Entry, Plate, write_entries
from lpr.synthetic import Renderer


def write_tiny_set(data: Path, photos: int = 8, crops: int = 24) -> Path:
    """Write `photos` scenes and `crops` crops to train, a quarter of them to val and test; return `data`."""
    renderer = Renderer("legible", 1)
    for number, split in enumerate(SPLITS):
        entries = []
        (data / "images" / split).mkdir(parents=True)
        many = (photos, crops) if split == "train" else (max(photos // 4, 2), max(crops // 4, 2))
        for kind, draw, count in (("photo", renderer.scene, many[0]), ("crop", renderer.crop, many[1])):
            for index in range(count):
                rendered = draw(number * 1000 + index)
                name = f"{kind}_{index:03d}.jpg"
                Image.fromarray(rendered.image).save(data / "images" / split / name)
                plates = tuple(
                    Plate(p.box, p.text if p.readable else None, p.lines, p.quad, p.centres) for p in rendered.plates
                )
                entries.append(Entry(name, plates, source="rendered", use="both" if kind == "photo" else "reading"))
        write_entries(data / "annotations" / f"{split}.json", sorted(entries, key=lambda entry: entry.name))
    (data / "manifest.json").write_text(json.dumps({"fingerprint": "0123456789abcdef", "sources": []}))
    return data
