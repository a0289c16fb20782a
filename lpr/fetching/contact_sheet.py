"""A contact sheet of the finished data: some images of each source and split, with boxes and texts drawn."""

from __future__ import annotations

import json
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from lpr.base.files import atomic_path
from lpr.data.annotations import SPLITS, Entry, Split, from_json
from lpr.fetching.annotation_store import AnnotationStore

_TILE, _GAP, _COLUMNS, _MOST_ROWS = (236, 160), 10, 6, 24
_PAPER, _INK, _SOFT, _BOX = "#f6f6f3", "#222222", "#8a8a85", "#12b886"


def write_contact_sheet(store: AnnotationStore, sources: list[str], data: Path, target: Path) -> None:
    """Write a JPEG with a row of images for each source, split and kind of image that there is."""
    rows = _rows(store, sources)
    width = _COLUMNS * (_TILE[0] + _GAP) + _GAP
    height = len(rows) * (_TILE[1] + 34) + 2 * _GAP
    sheet = Image.new("RGB", (width, height), _PAPER)
    pen = ImageDraw.Draw(sheet)
    top = _GAP
    for title, split, entries in rows:
        pen.text((_GAP, top), title, fill=_INK, font=ImageFont.load_default(16))
        for column, entry in enumerate(entries):
            with Image.open(data / "images" / split / entry.name) as photo:
                tile = _tile(photo.convert("RGB"), entry)
            sheet.paste(tile, (_GAP + column * (_TILE[0] + _GAP), top + 24))
        top += _TILE[1] + 34
    with atomic_path(target) as temporary:
        sheet.save(temporary, "JPEG", quality=88)


def _rows(store: AnnotationStore, sources: list[str]) -> list[tuple[str, Split, list[Entry]]]:
    rows: list[tuple[str, Split, list[Entry]]] = []
    for number, name in enumerate(sources):
        for crop, kind in ((0, "photos"), (1, "crops")):
            for at, split in enumerate(SPLITS):
                where = "FROM item WHERE source = ? AND crop = ? AND split = ?"
                count = store.db.execute(f"SELECT COUNT(*) {where}", (number, crop, at)).fetchone()[0]
                # The pixels' hash is as good as a draw, and the same in every run. Images with plates come first.
                sql = f"SELECT name, entry {where} ORDER BY plates = 0, pixels LIMIT {_COLUMNS}"
                chosen = [from_json(n, json.loads(e)) for n, e in store.db.execute(sql, (number, crop, at))]
                if chosen:
                    rows.append((f"{name} / {split}: {count} {kind}", split, chosen))
    return rows[:_MOST_ROWS]


def _tile(photo: Image.Image, entry: Entry) -> Image.Image:
    tile = Image.new("RGB", _TILE, "#e4e4df")
    scale = min(_TILE[0] / photo.width, _TILE[1] / photo.height)
    size = max(round(photo.width * scale), 1), max(round(photo.height * scale), 1)
    left, top = (_TILE[0] - size[0]) // 2, (_TILE[1] - size[1]) // 2
    tile.paste(photo.resize(size, Image.Resampling.LANCZOS), (left, top))
    pen = ImageDraw.Draw(tile)
    if entry.is_crop:
        _label(pen, (left, top), entry.text or "")
    for plate in entry.plates:
        x, y, w, h = (value * scale for value in plate.bbox)
        pen.rectangle((left + x - 1, top + y - 1, left + x + w + 1, top + y + h + 1), outline=_BOX, width=2)
        _label(pen, (left + x - 1, top + y - 20), plate.text or "?")
    return tile


def _label(pen: ImageDraw.ImageDraw, at: tuple[float, float], text: str) -> None:
    font = ImageFont.load_default(13)
    x, y = max(min(at[0], _TILE[0] - pen.textlength(text, font=font) - 8), 0), max(at[1], 0)
    box = pen.textbbox((x + 4, y + 1), text, font=font)
    pen.rectangle((x, y, box[2] + 4, y + 18), fill=_BOX)
    pen.text((x + 4, y + 1), text, fill="white", font=font)
