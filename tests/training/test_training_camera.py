"""What the OCR's training does to crops as light and cameras do."""

from __future__ import annotations

import numpy as np
import pytest

from lpr.training.ocr.camera import FEW, light, photograph

STRIPES = np.zeros((32, 128, 3), np.uint8)
STRIPES[:, ::4] = STRIPES[:, 1::4] = 200


def test_nothing_is_changed_where_nothing_is_asked_for() -> None:
    for seed in range(20):
        assert light(STRIPES, 0.0, np.random.default_rng(seed)) is STRIPES
        assert photograph(STRIPES, 0.0, 4.0, np.random.default_rng(seed)) is STRIPES


def test_light_comes_from_a_side_or_blinds() -> None:
    grey = np.full((32, 128, 3), 150, np.uint8)
    lit = [light(grey, 1.0, np.random.default_rng(seed)) for seed in range(200)]
    changed = [image for image in lit if image is not grey]
    assert len(changed) / 200 == pytest.approx(0.5, abs=0.1)
    glaring = [image for image in changed if image.mean() > 165]
    assert len(glaring) / len(changed) == pytest.approx(1 / 3, abs=0.12)
    for image in changed:
        if image.mean() <= 165:
            # One corner is the darkest, the opposite one the brightest.
            corners = image[[0, 0, -1, -1], [0, -1, -1, 0], 0].astype(int)
            assert corners.argmax() == (corners.argmin() + 2) % 4


def test_few_pixels_lose_stripes_that_they_cannot_show() -> None:
    made = [photograph(STRIPES, 1.0, 4.0, np.random.default_rng(seed)) for seed in range(200)]
    assert all(image.shape == (32, 128, 3) and image.dtype == np.uint8 for image in made)
    contrast = np.array([np.abs(np.diff(image[..., 0].astype(int), axis=1)).mean() for image in made])
    # Nearly half are reduced to at most 56 columns, too few for 32 stripes of two.
    assert FEW < 64
    assert (contrast < 25).mean() > 0.35
    assert len({image.tobytes() for image in made}) > 150


def test_a_share_is_changed() -> None:
    same = [photograph(STRIPES, 0.3, 4.0, np.random.default_rng(seed)) is STRIPES for seed in range(400)]
    # Of three tenths, one in fourteen draws neither blur nor reduction nor noise nor compression.
    assert np.mean(same) == pytest.approx(1 - 0.3 * (1 - 0.2 * 0.7 * 0.5), abs=0.08)
