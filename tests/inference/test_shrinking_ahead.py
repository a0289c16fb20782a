"""A photo that is shrunk while it is decoded gives the detector the same bits as one that is shrunk afterwards."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from lpr.base.errors import LprError
from lpr.inference.ahead import Ahead
from lpr.inference.photos import Decoded, load_photo
from lpr.inference.recognizer import LicensePlateRecognizer
from lpr.plate.crop import DETECTOR_BANDS, as_batch, detector_input

EXIF_TURNED = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
KINDS = {
    "baseline": {},
    "progressive": {"progressive": True},
    "full colour": {"subsampling": 0},
    "restarts": {"restart_marker_rows": 1},
    "turned": {"exif": EXIF_TURNED},
}


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as executor:
        yield executor


def noise(width: int, height: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(1, 256, (height, width, 3), np.uint8))


def saved(photo: Image.Image, path: Path, **options: object) -> Path:
    photo.save(path, "JPEG", quality=90, **options)
    return path


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [(1280, 720), (961, 1283), (224, 224), (60, 40), (700, 3), (1, 1)])
def test_the_same_bytes_as_afterwards(
    tmp_path: Path, pool: ThreadPoolExecutor, kind: str, size: tuple[int, int]
) -> None:
    path = saved(noise(*size), tmp_path / "a.jpg", **KINDS[kind])
    ahead = Ahead(pool)
    photo = load_photo(path, ahead.watch)
    assert photo.size == (size[::-1] if kind == "turned" else size)
    assert np.array_equal(np.asarray(photo), np.asarray(load_photo(path)))
    assert np.array_equal(ahead.finish(photo), as_batch([detector_input(photo)]))


def test_black_rows_wait_until_the_photo_is_complete(tmp_path: Path, pool: ThreadPoolExecutor) -> None:
    photo = noise(900, 800)
    ImageDraw.Draw(photo).rectangle((0, 250, 900, 700), fill="black")
    path = saved(photo, tmp_path / "a.jpg")
    ahead = Ahead(pool)
    assert np.array_equal(ahead.finish(load_photo(path, ahead.watch)), as_batch([detector_input(load_photo(path))]))


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_what_is_converted_later_is_not_watched(tmp_path: Path, pool: ThreadPoolExecutor, mode: str) -> None:
    path = saved(noise(900, 800).convert(mode), tmp_path / "a.jpg")
    calls = []
    photo = load_photo(path, lambda photo, decoded: calls.append(photo))
    assert calls == []
    assert np.array_equal(Ahead(pool).finish(photo), as_batch([detector_input(photo)]))


def test_rows_are_final_once_they_are_there(tmp_path: Path) -> None:
    path = saved(noise(1280, 720), tmp_path / "a.jpg")
    early: dict[int, np.ndarray] = {}

    def look(photo: Image.Image, decoded: Decoded) -> None:
        for row in range(0, 720, 40):
            if row not in early and decoded(row):
                early[row] = np.asarray(photo.crop((0, 0, 1280, row + 1)))

    whole = np.asarray(load_photo(path, look))
    # Most rows are there before the end of the file is asked for: that is what shrinking ahead lives on.
    assert len(early) >= 15
    for row, pixels in early.items():
        assert np.array_equal(pixels, whole[: row + 1])


def test_bands_begin_before_the_photo_is_complete(tmp_path: Path, pool: ThreadPoolExecutor) -> None:
    path = saved(noise(1280, 720), tmp_path / "a.jpg")
    begun: list[int] = []

    class Counted(ThreadPoolExecutor):
        def submit(self, function, /, *arguments, **options):
            begun.append(arguments[-1])
            return super().submit(function, *arguments, **options)

    with Counted(1) as counted:
        load_photo(path, Ahead(counted).watch)
    assert begun == list(range(len(begun)))
    assert len(begun) >= DETECTOR_BANDS - 1


def test_a_photo_that_ends_early_is_refused_as_ever(tmp_path: Path, pool: ThreadPoolExecutor) -> None:
    path = saved(noise(1280, 720), tmp_path / "a.jpg")
    path.write_bytes(path.read_bytes()[:-90_000])
    with pytest.raises(LprError, match=r"a\.jpg: damaged or cut short"):
        load_photo(path, Ahead(pool).watch)


def test_a_recogniser_reads_files_pixels_and_groups_alike(hand_made: Path, tmp_path: Path) -> None:
    photo = Image.new("RGB", (1280, 720), (20, 40, 60))
    ImageDraw.Draw(photo).rectangle((301, 402, 588, 477), fill=(250, 240, 255))
    path = saved(photo, tmp_path / "0.jpg")
    others = [Path(shutil.copy(path, tmp_path / f"{number}.jpg")) for number in range(1, 6)]
    buffer = io.BytesIO(path.read_bytes())
    one, two = (LicensePlateRecognizer(hand_made, threads=threads) for threads in (1, 2))
    expected = one.read(path)
    assert len(expected) == 1
    assert two.read(path) == two.read(np.asarray(Image.open(buffer))) == expected
    assert two.read([path, *others]) == [expected] * 6
