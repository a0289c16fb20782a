"""Photos of every format: `load_photo`, `LicensePlateRecognizer.read`, and fetch_data's `open_photo`."""

from __future__ import annotations

import io
import math
import random
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image

from lpr.fetching.images import ImageRejectedError, open_photo
from lpr.inference.photos import MAX_PIXELS, load_photo
from lpr.inference.plates import PlateReading
from lpr.inference.recognizer import LicensePlateRecognizer
from lpr.plate.text import ALPHABET
from lpr.synthetic import Renderer
from tests.fuzz.mutate import damage
from tests.fuzz.target import Made, expect


class Target:
    """Rendered plates in every format that is read, their bytes and headers changed."""

    memory = 1600

    def __init__(self, seeds: Path) -> None:
        self._seeds = make_seeds()
        self._recognizer = LicensePlateRecognizer(threads=1)
        self._recognizer.read(np.zeros((64, 64, 3), np.uint8))

    def make(self, rng: random.Random, folder: Path) -> Made:
        name = rng.choice(list(self._seeds))
        data, note = mutate_image(name, self._seeds[name], rng)
        (folder / name).write_bytes(data)
        return Made(f"{name}: {note}")

    def run(self, folder: Path) -> str:
        (path,) = folder.iterdir()
        try:
            kept = open_photo(path, 80.0, 1280)
            expect(kept.image.mode == "RGB" and max(kept.image.size) <= 1280, f"open_photo: {kept.image}")
            kept.encode(90)
        except ImageRejectedError:
            pass
        photo = load_photo(path)
        expect(photo.mode == "RGB" and 0 < photo.width * photo.height <= MAX_PIXELS, f"load_photo: {photo}")
        check_plates(self._recognizer.read(path), photo)
        return "read"


def check_plates(plates: list[PlateReading], photo: Image.Image) -> None:
    """Raise WrongResultError where readings are not what the documentation promises."""
    for plate in plates:
        x, y, w, h = plate.box
        numbers = (*plate.box, *plate.chars, plate.confidence, plate.detection)
        expect(all(map(math.isfinite, numbers)), f"{plate} holds numbers that are none")
        expect(bool(plate.text) and set(plate.text) <= set(ALPHABET), f"text {plate.text!r}")
        inside = (
            x >= 0 and y >= 0 and w >= 1 and h >= 1 and x + w <= photo.width + 1e-3 and y + h <= photo.height + 1e-3
        )
        expect(inside, f"box {plate.box} in {photo.size}")
        shares = (*plate.chars, plate.confidence, plate.detection)
        expect(len(plate.chars) == len(plate.text) and all(0 <= s <= 1 for s in shares), f"confidences {shares}")


def make_seeds() -> dict[str, bytes]:
    """Return files by name: a rendered plate in every format and kind of it."""
    scene = Image.fromarray(Renderer("legible", 5).scene(0).image).resize((256, 160))
    deep = Image.fromarray(np.asarray(scene.convert("L"), np.uint16) * 257)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Make] = "maker"
    layered = scene.convert("RGBA")
    layered.putalpha(200)
    wanted = {
        "base.jpg": (scene, {"quality": 85}), "progressive.jpg": (scene, {"progressive": True}),
        "rotated.jpg": (scene, {"exif": exif}), "cmyk.jpg": (scene.convert("CMYK"), {}),
        "grey.jpg": (scene.convert("L"), {}),
        "rgb.png": (scene, {"exif": exif}), "deep.png": (deep, {}),
        "palette.png": (scene.quantize(64), {"transparency": 3}),
        "alpha.png": (layered, {}), "bits.png": (scene.convert("1"), {}), "a.gif": (scene.quantize(32), {}),
        "frames.gif": (scene.quantize(16), {"save_all": True, "append_images": [scene.quantize(8)]}),
        "raw.tif": (scene, {}), "lzw.tif": (scene, {"compression": "tiff_lzw"}), "deep.tif": (deep, {}),
        "float.tif": (scene.convert("F"), {}), "fax.tif": (scene.convert("1"), {"compression": "group4"}),
        "zip.tif": (layered, {"compression": "tiff_adobe_deflate"}), "jpeg.tif": (scene, {"compression": "jpeg"}),
        "a.bmp": (scene, {}), "palette.bmp": (scene.quantize(16), {}), "a.webp": (scene, {"exif": exif}),
        "lossless.webp": (layered, {"lossless": True}), "a.ppm": (scene, {}), "a.pgm": (scene.convert("L"), {}),
        "deep.pgm": (deep, {}),
    }  # fmt: skip
    made = {}
    for name, (image, options) in wanted.items():
        stream = io.BytesIO()
        image.save(stream, Image.registered_extensions()[Path(name).suffix], **options)
        made[name] = stream.getvalue()
    made["plain.ppm"] = b"P3\n4 4\n255\n" + b"200 10 30 " * 16
    return made


def mutate_image(name: str, data: bytes, rng: random.Random) -> tuple[bytes, str]:
    """Return mutated bytes, and what was done."""
    if rng.random() < 0.4:
        if data.startswith(b"\x89PNG"):
            return _png(data, rng), "chunks changed, checksums right"
        if data.startswith(b"\xff\xd8"):
            return _jpeg(data, rng), "segments changed"
    return damage(data, rng), "bytes changed"


_SIZES = (0, 1, 2, 7, 8, 255, 256, 1000, 8000, 10_900, 30_000, 65_535)


def _png(data: bytes, rng: random.Random) -> bytes:
    """Change the chunks of a PNG, which are believed only with the right checksum."""
    chunks, at = [], 8
    while at + 8 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        chunks.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    for _ in range(rng.randint(1, 2)):
        kind = rng.randrange(6)
        place = rng.randrange(len(chunks))
        if kind == 0:
            header = chunks[0][1]
            size = rng.choice((*_SIZES, 1 << 20, (1 << 31) - 1)), rng.choice((*_SIZES, 1 << 20, (1 << 31) - 1))
            form = (
                header[8:]
                if rng.random() < 0.5
                else bytes((rng.choice((1, 2, 4, 8, 16)), rng.randrange(8), 0, 0, rng.choice((0, 1))))
            )
            chunks[0] = (b"IHDR", struct.pack(">II", *size) + form)
        elif kind == 1:
            chunks.insert(
                place + 1,
                (rng.choice((b"zTXt", b"iCCP", b"iTXt", b"eXIf", b"tRNS", b"PLTE", b"acTL", b"fdAT")), _text_bomb(rng)),
            )
        elif kind == 2:
            chunks[place] = (chunks[place][0], damage(chunks[place][1], rng))
        elif kind == 3:
            chunks[place:place] = [chunks[place]] * rng.choice((1, 2, 500))
        elif kind == 4:
            rng.shuffle(chunks)
        else:
            packed = zlib.compress(bytes(rng.choice((10, 100_000, 4_000_000))), 9)
            chunks.insert(place + 1, (b"IDAT", packed))
    framed = [
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    ]
    return data[:8] + b"".join(framed)


def _text_bomb(rng: random.Random) -> bytes:
    return b"key\0\0" + zlib.compress(bytes(rng.choice((10, 70_000_000))), 9)


def _jpeg(data: bytes, rng: random.Random) -> bytes:
    """Change the size in a JPEG's header, its EXIF data, or repeat its scans."""
    kind = rng.randrange(4)
    frame = max(data.find(b"\xff\xc0"), data.find(b"\xff\xc2"))
    scan = data.find(b"\xff\xda")
    if kind == 0 and frame > 0:
        size = struct.pack(">HH", rng.choice(_SIZES), rng.choice(_SIZES))
        return data[: frame + 5] + size + data[frame + 9 :]
    if kind == 1 and scan > 0:
        last = data.rfind(b"\xff\xda")
        wide = data[: frame + 5] + struct.pack(">HH", rng.choice((8000, 1800)), 8000) + data[frame + 9 : last]
        return wide + data[last:-2] * rng.choice((2, 50, 1000)) + b"\xff\xd9"
    body = damage(b"Exif\0\0" + data[30:200] if kind == 2 else rng.randbytes(60), rng)[:60_000]
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + data[2:]
