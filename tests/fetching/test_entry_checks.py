"""Checks of boxes and texts: hand-made entries and the exact reasons."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PIL import Image

from lpr.fetching.entry_checks import check_box, check_entry, check_text
from lpr.fetching.formats.raw import RawEntry, RawPlate
from lpr.fetching.near_duplicates import NEAR_BITS, difference_hash, near_pairs
from tests.fetching.drawn_photos import draw

SIZE = (200, 100)


@pytest.mark.parametrize(
    ("raw", "text", "reason"),
    [
        ("kl-65 dkh", "KL65DKH", ""),
        ("ＡＢ１２", "AB12", ""),
        (None, None, ""),
        ("", None, "text is empty after normalisation"),
        (" - . ", None, "text is empty after normalisation"),
        ("MÜ 12", None, "text has characters outside 0-9A-Z: Ü"),
        ("京A?1", None, "text has characters outside 0-9A-Z: 京?"),
        ("A" * 16, "A" * 16, ""),
        ("A" * 17, None, "text is longer than 16 characters"),
        ("A" * 10_000_000, None, "text is longer than 16 characters"),
    ],
)
def test_text(raw: str | None, text: str | None, reason: str) -> None:
    assert check_text(raw) == (text, reason)


@pytest.mark.parametrize(
    ("box", "scale", "fractions", "expected"),
    [
        ((10, 20, 30, 40), 1.0, False, ((10, 20, 30, 40), False)),
        ((10, 20, 30, 40), 0.5, False, ((5, 10, 15, 20), False)),
        ((-10, 90, 40, 20), 1.0, False, ((0, 90, 30, 10), True)),
        ((170, 10, 30.5, 10), 1.0, False, ((170, 10, 30, 10), False)),  # half a pixel over: rounding, not a fault
        ((0.25, 0.5, 0.5, 0.1), 2.0, True, ((100, 100, 200, 20), False)),
        ((199.006, 10, 0.994, 10), 2.0, False, ((398.01, 20, 1.99, 20), False)),  # rounded, and still within the image
        ((100, 50, 100, 50), 0.332, False, ((33.2, 16.6, 32.8, 16.4), False)),  # stored with 66x33 pixels, not 66.4
    ],
)
def test_box(box, scale, fractions, expected) -> None:
    found, clipped = check_box(box, SIZE, scale, fractions)
    assert (pytest.approx(found), clipped) == expected


@pytest.mark.parametrize(
    ("box", "scale", "reason"),
    [
        ((math.nan, 1, 2, 3), 1.0, "box has a value that is no finite number"),
        ((1, 1, math.inf, 3), 1.0, "box has a value that is no finite number"),
        ((10, 10, 0, 5), 1.0, "box is degenerate: its width or height is not above 0"),
        ((10, 10, 5, -5), 1.0, "box is degenerate: its width or height is not above 0"),
        ((200, 10, 5, 5), 1.0, "box lies outside the image"),
        ((-50, 10, 40, 5), 1.0, "box lies outside the image"),
        ((-80, 10, 100, 5), 1.0, "box lies mostly outside the image"),
        ((1e308, 1, 1e308, 3), 1.0, "box lies outside the image"),
        ((10, 10, 6, 6), 0.1, "box is degenerate: less than a pixel is left"),
    ],
)
def test_unusable_box(box, scale, reason) -> None:
    with pytest.raises(ValueError, match=f"^{reason}$"):
        check_box(box, SIZE, scale, False)


def test_bad_text_leaves_the_plate_and_bad_box_takes_it() -> None:
    plates = (
        RawPlate((10, 10, 20, 10), "Ä1", 1),
        RawPlate((0, 0, 0, 0), "AB12", 1),
        RawPlate((10, 50, 20, 10), "ab 12", 2, centres=((12.0, 55.0),), quad=((10.0, 50.0),) * 4),
    )
    raw = RawEntry("a.jpg", plates, None, "x", claimed_size=(100, 100), other_objects=2)
    checked = check_entry(raw, SIZE, 0.5)
    assert [(p.bbox, p.text, p.lines) for p in checked.plates] == [
        ((5, 5, 10, 5), None, 1),
        ((5, 25, 10, 5), "AB12", 2),
    ]
    assert checked.plates[1].centres == ((6.0, 27.5),) and checked.plates[1].quad == ((5.0, 25.0),) * 4
    assert checked.rejections == [
        ("plate 1", "text has characters outside 0-9A-Z: Ä"),
        ("plate 2", "box is degenerate: its width or height is not above 0"),
    ]
    assert sorted(checked.notes) == ["other object", "other object", "size ignored"]
    assert check_entry(RawEntry("a", (), None, "x", claimed_size=SIZE), SIZE, 1.0).notes == []


def test_difference_hash_by_hand() -> None:
    rising = np.tile(np.arange(0, 90, 10, dtype=np.uint8), (8, 1))
    image = Image.fromarray(rising).convert("RGB")
    assert difference_hash(image) == (1 << 64) - 1
    assert difference_hash(Image.fromarray(rising[:, ::-1]).convert("RGB")) == 0
    first_row_only = rising.copy()
    first_row_only[1:] = rising[1:, ::-1]
    assert difference_hash(Image.fromarray(first_row_only).convert("RGB")) == 0xFF << 56


def test_plain_images_have_no_hash() -> None:
    assert difference_hash(Image.new("RGB", (100, 80), "grey")) is None
    noise = np.random.default_rng(0).integers(120, 123, (80, 90, 3), dtype=np.uint8)
    assert difference_hash(Image.fromarray(noise)) is None


def test_a_scaled_and_recompressed_copy_is_near_and_another_photo_is_not(tmp_path) -> None:
    photo = draw(3, (320, 240))
    photo.resize((200, 150)).save(tmp_path / "copy.jpg", quality=40)
    a, b, c = map(difference_hash, (photo, Image.open(tmp_path / "copy.jpg"), draw(4, (320, 240))))
    assert a is not None and b is not None and c is not None
    assert bin(a ^ b).count("1") <= NEAR_BITS < bin(a ^ c).count("1")


def test_near_pairs_equal_those_of_all_pairs() -> None:
    random = np.random.default_rng(1)
    base = random.integers(0, 1 << 63, 60, dtype=np.uint64)
    hashes = set(base.tolist())
    for word in base.tolist():
        for flips in range(1, 8):
            bits = random.choice(64, flips, replace=False)
            hashes.add(word ^ sum(1 << int(bit) for bit in bits))
    words = np.array(sorted(hashes), np.uint64)
    values = words.tolist()
    expected = {
        (i, j)
        for i in range(len(values))
        for j in range(i + 1, len(values))
        if bin(values[i] ^ values[j]).count("1") <= NEAR_BITS
    }
    found = list(near_pairs(words))
    assert len(found) == len(set(found)) and set(found) == expected and len(expected) > 200


def test_near_pairs_of_nothing() -> None:
    assert list(near_pairs(np.zeros(0, np.uint64))) == []
    assert list(near_pairs(np.array([5], np.uint64))) == []
