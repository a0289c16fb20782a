"""What a detector may take for a plate and must not: shop signs, stickers, panels, ventilation, timestamps,
banners."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lpr.synthetic.arrays import Colour, Pixels
from lpr.synthetic.backgrounds import muted
from lpr.synthetic.letters import WORD_FONTS, word
from lpr.synthetic.ornaments import scribble
from lpr.synthetic.paint import stamp

_WORDS = (
    "PIZZA", "SALE 50%", "CAFE", "HOTEL", "TAXI", "PARKING", "EXIT", "STOP", "BANK", "PHARMACY", "OPEN 24H",
    "BABY ON BOARD", "FOR SALE",
    "POLICE", "NO ENTRY", "SUPERMARKET", "RENT A CAR", "0800 123 456", "BUS 42", "KEBAB", "ONE WAY", "MAIN ST",
    "GARAGE", "I LOVE NY",
    "www.example.com", "HOW'S MY DRIVING?", "KEEP DISTANCE", "SCHOOL", "FUEL 1.599", "SPEED LIMIT 55", "VOTE",
    "A 44", "TOILETS",
)  # fmt: skip


def paint_objects(rng: np.random.Generator, image: Pixels, count: int) -> None:
    """Paint look-alikes into a background; cars and plates are painted over them."""
    height, width = image.shape[:2]
    for _ in range(count):
        wide = int(width * np.exp(rng.uniform(np.log(0.06), np.log(0.4))))
        tall = int(wide / rng.uniform(1.2, 6))
        if tall < 8:
            continue
        panel = _panel(rng, tall, wide)
        shear = np.array([[1, rng.normal(0, 0.06), 0], [rng.normal(0, 0.08), 1, 0]], np.float32)
        x, y = rng.uniform(-0.05, 1.0) * width, rng.uniform(-0.05, 0.95) * height
        shear[:, 2] = (x, y)
        cv2.warpAffine(
            panel, shear, (width, height), dst=image, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT
        )


def paint_sticker(rng: np.random.Generator, image: Pixels, x: float, y: float, size: float) -> None:
    """Paint a bumper sticker around a point."""
    wide, tall = max(10, int(size)), max(6, int(size / rng.uniform(1.5, 5)))
    panel = _panel(rng, tall, wide)
    left, top = round(x - wide / 2), round(y - tall / 2)
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + wide, image.shape[1]), min(top + tall, image.shape[0])
    if x0 < x1 and y0 < y1:
        image[y0:y1, x0:x1] = panel[y0 - top : y1 - top, x0 - left : x1 - left]


def paint_overlay(rng: np.random.Generator, image: Pixels, taken: NDArray[np.float64]) -> None:
    """Print a timestamp, a caption or a banner onto the finished picture, where no plate is.

    Args:
        rng: the source of randomness.
        image: changed in place.
        taken: `(N, 4)` boxes `[x, y, w, h]` of the plates.
    """
    height, width = image.shape[:2]
    year, month, day = rng.integers((2010, 1, 1), (2030, 13, 29))
    hour, minute, second = rng.integers(0, (24, 60, 60))
    text = f"{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"
    if rng.random() < 0.4:
        text = str(rng.choice(("CAM 01", "www.autos.example", "DASHCAM 72 km/h", "PRICE 4,500", "(c) photo", "LIVE")))
    tall = int(rng.integers(8, max(10, height // 18)))
    mask = word(text, str(rng.choice(WORD_FONTS)), tall)
    at_top, at_left = rng.random() < 0.4, rng.random() < 0.5
    y = tall if at_top else height - tall
    x = tall + mask.shape[1] / 2 if at_left else width - tall - mask.shape[1] / 2
    banner = rng.random() < 0.4
    left, right = (0.0, float(width)) if banner else (x - mask.shape[1] / 2, x + mask.shape[1] / 2)
    for box_x, box_y, box_w, box_h in taken:
        if left < box_x + box_w and box_x < right and y - tall < box_y + box_h and box_y < y + tall:
            return
    if banner:
        cv2.rectangle(image, (0, y - tall), (width, y + tall), muted(rng, 0, 250), -1)
    stamp(image, mask, x, y, ((250, 250, 250), (255, 220, 40), (20, 20, 20), (255, 60, 60))[rng.integers(4)])


def _panel(rng: np.random.Generator, height: int, width: int) -> Pixels:
    kind = rng.random()
    ground = _ground(rng)
    panel = np.empty((height, width, 3), np.uint8)
    panel[:] = ground
    ink = (245, 245, 245) if sum(ground) < 380 else (20, 20, 24)
    if kind < 0.15:
        return panel
    if kind < 0.3:
        step = int(rng.integers(3, 9))
        panel[::step] = ink
        if rng.random() < 0.4:
            panel[:, :: step * 2] = ink
        return panel
    if kind < 0.4:
        mask = scribble(rng, int(width * 0.8), int(height * 0.6))
    else:
        text = str(rng.choice(_WORDS))
        if rng.random() < 0.2:
            text = " ".join(str(number) for number in rng.integers(10, 9999, 4))
        mask = word(text, str(rng.choice(WORD_FONTS)), max(6, int(height * rng.uniform(0.2, 0.5))))
        limit = int(width * 0.9)
        if mask.shape[1] > limit:
            mask = cv2.resize(
                mask,
                (limit, max(5, int(mask.shape[0] * max(0.5, limit / mask.shape[1])))),
                interpolation=cv2.INTER_AREA,
            )
    stamp(panel, mask, width / 2, height * rng.uniform(0.35, 0.65), ink)
    if rng.random() < 0.4:
        cv2.rectangle(panel, (0, 0), (width - 1, height - 1), ink, max(1, height // 20))
    return panel


def _ground(rng: np.random.Generator) -> Colour:
    if rng.random() < 0.5:
        return muted(rng, 10, 250)
    red, green, blue = rng.integers(0, 256, 3)
    return int(red), int(green), int(blue)
