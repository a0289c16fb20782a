"""Photos of every kind become the same upright RGB image."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lpr.base.errors import LprError
from lpr.inference import photos
from lpr.inference.photos import list_photos, load_photo

GRADIENT = np.tile(np.arange(0, 240, 4, dtype=np.uint8), (40, 1))


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "HSV", "LA", "I", "F"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    image = Image.fromarray(GRADIENT).convert("RGB").convert(mode) if mode not in ("I", "F") else None
    image = image or Image.fromarray(GRADIENT).convert(mode)
    loaded = load_photo(image)
    assert loaded.mode == "RGB" and loaded.size == (60, 40)
    assert np.asarray(loaded)[:, -1].mean() > np.asarray(loaded)[:, 0].mean()


@pytest.mark.parametrize("mode", ["L", "RGB", "P", "RGBA", "LA"])
def test_grey_values_survive(mode: str) -> None:
    image = Image.fromarray(GRADIENT).convert(mode)
    assert np.abs(np.asarray(load_photo(image))[..., 0].astype(int) - GRADIENT).max() <= 1


def test_sixteen_bits_are_scaled_not_cut(tmp_path: Path) -> None:
    Image.fromarray(GRADIENT.astype(np.uint16) * 257).save(tmp_path / "deep.png")
    assert np.abs(np.asarray(load_photo(tmp_path / "deep.png"))[..., 0].astype(int) - GRADIENT).max() <= 1


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "I;16", "F"])
def test_large_images_are_converted_in_strips_to_the_same_pixels(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (50, 30, 4), np.uint8)
    image = Image.fromarray(pixels)
    if mode == "P":
        image = image.convert("RGB").quantize(16)
        image.info["transparency"] = 3
    elif mode == "I;16":
        image = Image.fromarray(pixels[..., 0].astype(np.uint16) * 250)
    else:
        image = image.convert("L").convert("F") if mode == "F" else image.convert(mode)
    whole = np.asarray(load_photo(image))
    monkeypatch.setattr("lpr.plate.photo._STRIP", 7 * 30)
    assert np.array_equal(np.asarray(load_photo(image)), whole)


def test_transparent_is_white() -> None:
    assert np.asarray(load_photo(Image.new("RGBA", (4, 4), (10, 20, 30, 0)))).min() == 255


@pytest.mark.parametrize(("orientation", "corner"), [(1, (0, 0)), (3, (1, 1)), (6, (1, 0)), (8, (0, 1)), (5, (0, 0))])
def test_exif_orientation_is_applied(tmp_path: Path, orientation: int, corner: tuple[int, int]) -> None:
    pixels = np.zeros((32, 64, 3), np.uint8)
    pixels[:16, :16] = 255
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "photo.jpg"
    Image.fromarray(pixels).save(path, exif=exif, quality=95)
    for loaded in (load_photo(path), load_photo(Image.open(path))):
        assert loaded.size == ((64, 32) if orientation in (1, 3) else (32, 64))
        x, y = corner[0] * (loaded.width - 1), corner[1] * (loaded.height - 1)
        assert loaded.getpixel((x, y))[0] > 200
        assert loaded.getpixel((loaded.width - 1 - x, loaded.height - 1 - y))[0] < 50


def test_arrays() -> None:
    assert np.array_equal(np.asarray(load_photo(GRADIENT))[..., 1], GRADIENT)
    colour = np.random.default_rng(0).integers(0, 255, (5, 7, 3), np.uint8)
    assert np.array_equal(np.asarray(load_photo(colour)), colour)
    assert np.array_equal(np.asarray(load_photo(colour[::-1, ::2])), colour[::-1, ::2])


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((4, 4, 3), np.float32), "float32: give uint8"),
        (np.zeros((4, 4, 4), np.uint8), r"shape \(4, 4, 4\)"),
        (np.zeros((2, 4, 4, 3), np.uint8), "shape"),
        (np.zeros((0, 4, 3), np.uint8), "shape"),
        (None, "NoneType"),
        (b"photo", "bytes"),
    ],
)
def test_wrong_arrays_are_named(array: object, message: str) -> None:
    with pytest.raises(LprError, match=message):
        load_photo(array)


def test_files_that_are_no_photos_are_named(tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("hello")
    (tmp_path / "empty.jpg").write_bytes(b"")
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (200, 200, 3), np.uint8)).save(tmp_path / "whole.jpg")
    (tmp_path / "cut.jpg").write_bytes((tmp_path / "whole.jpg").read_bytes()[:3000])
    for name, message in (
        ("none.jpg", "no such file"), ("text.jpg", "not an image"), ("empty.jpg", "not an image"),
        ("cut.jpg", "damaged or cut short"), (".", "a folder"),
    ):  # fmt: skip
        with pytest.raises(LprError, match=message):
            load_photo(tmp_path / name)


def test_decompression_bombs_are_refused_before_decoding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.new("1", (30000, 30000)).save(tmp_path / "bomb.png")
    with pytest.raises(LprError, match=r"bomb\.png: more than the 120 megapixels"):
        load_photo(tmp_path / "bomb.png")
    monkeypatch.setattr(photos, "MAX_PIXELS", 99)
    with pytest.raises(LprError, match="10 x 10 pixels"):
        load_photo(Image.new("RGB", (10, 10)))


def test_folders_list_their_photos(tmp_path: Path) -> None:
    with pytest.raises(LprError, match="no photos in this folder"):
        list_photos(tmp_path)
    for name in ("b.JPG", "a.png", "notes.txt"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "c.jpg").mkdir()
    assert [path.name for path in list_photos(tmp_path)] == ["a.png", "b.JPG"]
