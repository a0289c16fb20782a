"""Photos without their plates: what is painted, and what counts as read all the same."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from lpr.assessment.painted_over import painted_over, read_painted_over
from lpr.data.annotations import Entry, Plate
from lpr.plate.box import Box

LISTED: Box = (20.0, 30.0, 40.0, 20.0)
OTHER: Box = (120.0, 30.0, 40.0, 20.0)


def photo(*boxes: Box) -> Image.Image:
    """A grey photo with white plates."""
    image = Image.new("RGB", (200, 100), (90, 90, 90))
    for x, y, w, h in boxes:
        image.paste((255, 255, 255), (int(x), int(y), int(x + w), int(y + h)))
    return image


class Reader:
    """Reads something wherever a photo has white, one photo as another."""

    def read(self, photos: list[Image.Image]) -> list[list[Any]]:
        return [["AB1"] if np.asarray(image).max() > 200 else [] for image in photos]


def test_what_surrounds_a_plate_grows_over_it_and_the_rest_stays() -> None:
    before = photo(LISTED, OTHER)
    # Inpainting rounds.
    after = np.asarray(painted_over(before, [LISTED]))
    assert np.abs(after[:, :100].astype(int) - 90).max() <= 6
    assert np.array_equal(after[:, 100:], np.asarray(before)[:, 100:])


def test_a_plate_at_the_edge_is_painted_over_as_well() -> None:
    edge: Box = (0.0, 0.0, 40.0, 20.0)
    assert np.asarray(painted_over(photo(edge), [edge])).max() <= 96


def test_photos_in_which_something_is_left_to_read_are_counted() -> None:
    plate = Plate(LISTED, "AB1", 1)
    entries = [
        (Entry("a.png", (plate,)), photo(LISTED)),
        (Entry("b.png", (plate,)), photo(LISTED, OTHER)),
        (Entry("no-plate.png", ()), photo(OTHER)),
        (Entry("crop.png", text="AB1", use="reading"), photo(LISTED)),
        (Entry("no-text.png", (Plate(LISTED, None, None),)), photo(LISTED)),
    ]
    done: list[int] = []
    count = read_painted_over(Reader(), entries, done.append)  # type: ignore[arg-type]
    assert (count.right, count.total) == (1, 3)
    assert sum(done) == len(entries)
