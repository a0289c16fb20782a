"""Bringing images of every kind into upright RGB, and refusing what is none."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from lpr.fetching.images import ImageRejectedError, open_photo, pixel_digest, rendered_photo
from tests.fetching.drawn_photos import draw


def opened(path: Path, max_side: int = 640, max_megapixels: float = 2.0):
    return open_photo(path, max_megapixels, max_side)


def saved(tmp_path: Path, image: Image.Image, name: str = "a.jpg", **options: object) -> Path:
    image.save(tmp_path / name, **options)
    return tmp_path / name


def test_an_upright_rgb_baseline_jpeg_is_kept_byte_for_byte(tmp_path: Path) -> None:
    path = saved(tmp_path, draw(1), quality=77)
    photo = opened(path)
    assert photo.conversions == ()
    assert photo.encode(quality=10)[0] == path.read_bytes()
    assert (photo.size, photo.scale) == ((160, 120), 1.0)


@pytest.mark.parametrize(
    ("mode", "name", "kinds"),
    [
        ("L", "a.jpg", ("grey",)),
        ("CMYK", "a.jpg", ("cmyk",)),
        ("L", "a.png", ("from png", "grey")),
        ("RGB", "a.webp", ("from webp",)),
        ("RGB", "a.bmp", ("from bmp",)),
        ("CMYK", "a.tif", ("from tiff", "cmyk")),
        ("P", "a.gif", ("from gif", "palette")),
    ],
)
def test_other_kinds_are_converted_and_named(tmp_path: Path, mode: str, name: str, kinds: tuple[str, ...]) -> None:
    photo = opened(saved(tmp_path, draw(1).convert(mode), name))
    assert photo.conversions == kinds
    again = Image.open(io.BytesIO(photo.encode(95)[0]))
    assert (again.format, again.mode, again.size) == ("JPEG", "RGB", (160, 120))
    expected = draw(1).convert(mode).convert("RGB")
    assert np.abs(np.asarray(photo.image, int) - np.asarray(expected, int)).mean() < 6


def test_a_progressive_jpeg_is_written_anew(tmp_path: Path) -> None:
    photo = opened(saved(tmp_path, draw(1), progressive=True))
    assert photo.conversions == ("progressive",)
    assert not Image.open(io.BytesIO(photo.encode(90)[0])).info.get("progressive")


def test_exif_rotation_is_applied(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6  # to be shown turned by 90 degrees clockwise
    image = Image.new("RGB", (60, 40), "white")
    image.paste("red", (0, 0, 30, 40))
    photo = opened(saved(tmp_path, image, exif=exif, quality=95))
    assert (photo.conversions, photo.size) == (("rotated",), (40, 60))
    pixels = np.asarray(photo.image)
    assert pixels[5, 20, 1] < 60 and pixels[55, 20, 1] > 200  # what was left is on top
    again = Image.open(io.BytesIO(photo.encode(90)[0]))
    assert again.size == (40, 60) and ExifTags.Base.Orientation not in again.getexif()


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_16_bit_is_scaled_not_clipped(tmp_path: Path, name: str) -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)[None, :].repeat(16, axis=0)
    photo = opened(saved(tmp_path, Image.fromarray(ramp), name))
    assert photo.conversions[-1] == "16-bit"
    assert np.abs(np.asarray(photo.image)[0, :, 0].astype(int) - np.arange(256)).max() <= 1


def test_transparency_shows_white(tmp_path: Path) -> None:
    image = Image.new("RGBA", (32, 16), (0, 0, 0, 0))
    image.paste((10, 20, 30, 255), (0, 0, 16, 16))
    photo = opened(saved(tmp_path, image, "a.png"))
    assert photo.image.getpixel((4, 4)) == (10, 20, 30)
    assert photo.image.getpixel((28, 4)) == (255, 255, 255)
    assert "alpha" in photo.conversions
    palette = image.convert("RGB").quantize(4)
    palette.info["transparency"] = palette.getpixel((28, 4))
    photo = opened(saved(tmp_path, palette, "b.png", transparency=palette.info["transparency"]))
    assert photo.image.getpixel((28, 4)) == (255, 255, 255)


def test_long_photos_are_scaled_down(tmp_path: Path) -> None:
    photo = opened(saved(tmp_path, draw(1, (1000, 500))), max_side=400)
    assert (photo.image.size, photo.size, photo.scale) == ((400, 200), (1000, 500), 0.4)
    assert photo.conversions == ("scaled",)
    rendered = rendered_photo(draw(1, (1000, 500)), 400)
    assert (rendered.image.size, rendered.scale) == ((400, 200), 0.4)


def png_header(width: int, height: int) -> bytes:
    """Return a PNG that claims to be large and holds next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("size", "reason"),
    [
        ((2000, 1001), "image of 2000x1001 is larger than 2 megapixels"),
        ((60000, 60000), "image is larger than 2 megapixels"),
        ((4, 400), "image of 4x400 is smaller than 8 pixels on a side"),
    ],
)
def test_absurd_sizes_are_refused_from_the_header(tmp_path: Path, size: tuple[int, int], reason: str) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png_header(*size))
    with pytest.raises(ImageRejectedError, match=f"^{reason}$"):
        opened(path)


def test_what_is_no_image_is_refused(tmp_path: Path) -> None:
    good = saved(tmp_path, draw(1)).read_bytes()
    for name, data, reason in (
        ("empty.jpg", b"", "file is empty"),
        ("text.jpg", b"this is no picture\n" * 50, "not readable as an image"),
        ("script.jpg", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 50 50\n", "not readable as an image"),
        ("half.jpg", good[: len(good) // 2], "image is truncated"),
        ("half.png", png_header(100, 100), "image is truncated"),
        ("large.jpg", good + bytes(18_000_000), "file is larger than an image of 2 megapixels can be"),
    ):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(ImageRejectedError, match=f"^{reason}$"):
            opened(tmp_path / name)
    with pytest.raises(ImageRejectedError, match="cannot be read: No such file"):
        opened(tmp_path / "missing.jpg")


def test_damaged_bytes_never_raise_anything_else(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for name, options in (("a.jpg", {}), ("a.png", {}), ("a.webp", {}), ("a.gif", {}), ("a.tif", {}), ("a.bmp", {})):
        good = np.frombuffer(saved(tmp_path, draw(1, (40, 30)), name, **options).read_bytes(), np.uint8)
        for _ in range(40):
            bad = good.copy()
            places = random.integers(0, len(bad), 6)
            bad[places] = random.integers(0, 256, 6)
            (tmp_path / name).write_bytes(bad[: random.integers(1, len(bad) + 1)].tobytes())
            try:
                photo = opened(tmp_path / name)
            except ImageRejectedError:
                continue
            assert photo.image.mode == "RGB" and max(photo.image.size) <= 640


def test_pixel_digest_depends_on_pixels_alone(tmp_path: Path) -> None:
    a = pixel_digest(opened(saved(tmp_path, draw(1), "a.png")).image)
    b = pixel_digest(opened(saved(tmp_path, draw(1), "b.bmp")).image)
    changed = draw(1)
    changed.putpixel((3, 3), (1, 2, 3))
    assert a == b != pixel_digest(opened(saved(tmp_path, changed, "c.png")).image)
