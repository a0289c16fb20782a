"""What is behind plates and cars: streets, walls, leaves, and clutter."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from lpr.synthetic import texture
from lpr.synthetic.arrays import Colour, Pixels


def scenery(rng: np.random.Generator, height: int, width: int) -> Pixels:
    """Return a background for a photograph, `(height, width, 3)` uint8 RGB."""
    kinds: tuple[Callable[..., Pixels], ...] = (_street, _street, _wall, _leaves, _clutter, _ground)
    image = kinds[rng.integers(len(kinds))](rng, height, width)
    texture.add(rng, image, rng.uniform(10, 45))
    if rng.random() < 0.6:
        sigma = rng.uniform(0.6, 2.5)
        image = cv2.GaussianBlur(image, (0, 0), sigma)
    return image


def gradient(rng: np.random.Generator, height: int, width: int, colour: Colour, spread: float = 0.3) -> Pixels:
    """Return a surface of one colour that is lighter and darker along one direction."""
    start, end = rng.uniform(1 - spread, 1 + spread, 2)
    along_y = rng.random() < 0.75
    ramp = np.linspace(start, end, height if along_y else width, dtype=np.float32)
    shade = np.clip(ramp[:, None] * np.array(colour, np.float32) + rng.uniform(-12, 20), 0, 255).astype(np.uint8)
    lines = shade[:, None] if along_y else shade[None]
    return np.ascontiguousarray(np.broadcast_to(lines, (height, width, 3)))


def mixed(a: Colour, b: Colour, share: NDArray[np.float32]) -> Pixels:
    """Return an image that goes from `a` where `share` is 0 to `b` where it is 1."""
    ramp = np.linspace(0, 1, 256, dtype=np.float32)[:, None]
    table = (np.array(a, np.float32) * (1 - ramp) + np.array(b, np.float32) * ramp).astype(np.uint8)
    levels = (share * 255).astype(np.uint8)
    return cv2.LUT(cv2.merge([levels] * 3), np.ascontiguousarray(table[:, None, :]))


def muted(rng: np.random.Generator, low: int = 40, high: int = 210) -> Colour:
    """Draw a colour as walls and roads have them: nearly grey."""
    base = rng.uniform(low, high)
    red, green, blue = np.clip(base + rng.normal(0, 16, 3), 0, 255)
    return int(red), int(green), int(blue)


def _street(rng: np.random.Generator, height: int, width: int) -> Pixels:
    horizon = int(height * rng.uniform(0.2, 0.6))
    image = gradient(rng, height, width, muted(rng, 60, 150))
    sky = ((170, 195, 230), (205, 210, 216), (120, 140, 170), (230, 225, 220), (60, 66, 84))[rng.integers(5)]
    image[:horizon] = gradient(rng, horizon, width, sky)
    x = -10
    while x < width:
        wide = int(rng.uniform(0.06, 0.35) * width)
        top = int(horizon * rng.uniform(0.05, 0.9))
        if rng.random() < 0.6:
            colour = muted(rng)
            cv2.rectangle(image, (x, top), (x + wide, horizon), colour, -1)
            _windows(rng, image, (x, top, x + wide, horizon), colour)
        else:
            green = (int(rng.uniform(30, 80)), int(rng.uniform(60, 120)), int(rng.uniform(20, 60)))
            cv2.ellipse(image, (x + wide // 2, horizon), (wide, max(2, horizon - top)), 0, 180, 360, green, -1)
        x += wide
    vanishing = (int(rng.uniform(0.2, 0.8) * width), horizon)
    for _ in range(int(rng.integers(0, 4))):
        foot = (int(rng.uniform(-0.3, 1.3) * width), height)
        tone = (220, 220, 215) if rng.random() < 0.6 else muted(rng, 40, 120)
        cv2.line(image, vanishing, foot, tone, int(rng.integers(1, 6)), cv2.LINE_AA)
    return image


def _windows(rng: np.random.Generator, image: Pixels, area: tuple[int, int, int, int], colour: Colour) -> None:
    left, top, right, bottom = area
    step = int(rng.integers(9, 28))
    tone = tuple(max(0, level - int(rng.uniform(20, 70))) for level in colour)
    for y in range(top + step // 2, bottom - step // 2, step):
        for x in range(left + step // 2, right - step // 2, step):
            cv2.rectangle(image, (x, y), (x + step // 2, y + step // 2), tone, -1)


def _wall(rng: np.random.Generator, height: int, width: int) -> Pixels:
    """Bricks, tiles, boards or shutters."""
    image = gradient(rng, height, width, muted(rng))
    base = np.array(muted(rng, 60, 180), float)
    base[0] += rng.uniform(0, 50)
    tall = int(rng.integers(8, 40))
    wide = int(tall * rng.choice((1, 2, 2.5, 40)))
    joint = int(rng.integers(1, 4))
    for row, y in enumerate(range(0, height, tall)):
        for x in range(-wide if row % 2 else -wide // 2, width, wide):
            level = np.clip(base + rng.normal(0, 10), 0, 255)
            brick = (int(level[0]), int(level[1]), int(level[2]))
            cv2.rectangle(image, (x, y), (x + wide - joint, y + tall - joint), brick, -1)
    return image


def _leaves(rng: np.random.Generator, height: int, width: int) -> Pixels:
    shade = texture.cloud(rng, height, width)
    dark, light = (20, int(rng.uniform(30, 50)), 16), (int(rng.uniform(90, 170)), int(rng.uniform(130, 190)), 70)
    image = mixed(dark, light, shade)
    for x, y, size, tilt, tone in zip(*rng.random((5, 160)), strict=True):
        leaf = (int(40 + 110 * tone), int(60 + 120 * tone), int(20 + 50 * tone))
        radius = 2 + int(size * 8)
        cv2.ellipse(
            image, (int(x * width), int(y * height)), (radius, max(1, radius // 2)), tilt * 180, 0, 360, leaf, -1
        )
    return image


def _clutter(rng: np.random.Generator, height: int, width: int) -> Pixels:
    image = gradient(rng, height, width, muted(rng))
    for _ in range(int(rng.integers(15, 50))):
        x, y = int(rng.uniform(-0.1, 1) * width), int(rng.uniform(-0.1, 1) * height)
        w, h = int(rng.exponential(0.12) * width) + 3, int(rng.exponential(0.12) * height) + 3
        colour = muted(rng, 10, 250) if rng.random() < 0.7 else tuple(int(v) for v in rng.integers(10, 245, 3))
        shape = rng.integers(3)
        if shape == 0:
            cv2.rectangle(image, (x, y), (x + w, y + h), colour, -1 if rng.random() < 0.7 else 2)
        elif shape == 1:
            cv2.ellipse(image, (x, y), (w, h), rng.uniform(0, 180), 0, 360, colour, -1 if rng.random() < 0.7 else 2)
        else:
            cv2.line(
                image, (x, y), (x + w * 3, y + int(rng.normal(0, h))), colour, int(rng.integers(1, 7)), cv2.LINE_AA
            )
    return image


def _ground(rng: np.random.Generator, height: int, width: int) -> Pixels:
    """Asphalt, gravel, earth, or grass."""
    image = mixed(muted(rng, 20, 90), muted(rng, 90, 200), texture.cloud(rng, height, width))
    noise = texture.grain(rng, height, width, rng.uniform(4, 22), coloured=False)
    return cv2.GaussianBlur(cv2.add(image, noise, dtype=cv2.CV_8U), (3, 3), 0)
