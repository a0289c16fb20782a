"""What a user of the whole system gets: plates of a photo found and read exactly right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lpr.base.errors import LprError
from lpr.metrics.counts import Count
from lpr.metrics.matching import TOLERANCE, match
from lpr.plate.box import Box, iou
from lpr.plate.text import fold_lookalikes

PUBLIC_IOU = 0.4
"""The public rule: a plate is read when a found box overlaps it by more than this and every character is right."""


@dataclass(frozen=True)
class Labelled:
    """A box with its text: a true plate, or one that was found and read."""

    box: Box
    text: str
    lines: int | None = None


def match_readings(
    truths: Sequence[Labelled],
    found: Sequence[Labelled],
    fits: Callable[[str, str], bool],
    least: float,
    strictly: bool = False,
) -> list[int]:
    """Return for each true plate the index of the found one that it is matched with, or -1; each goes to one at most.

    Args:
        truths: true plates of a photo.
        found: found plates of it, of any order. Boxes that are not finite match none.
        fits: `(true text, read text)` to whether the two may be matched.
        least: the smallest IoU that counts.
        strictly: whether the IoU must be above `least` instead of at least it.
    """
    if not truths or not found:
        return [-1] * len(truths)
    boxes = np.asarray([plate.box for plate in found], float)
    overlaps = iou(np.asarray([plate.box for plate in truths]), boxes)
    close = overlaps > least if strictly else overlaps >= least - TOLERANCE
    close &= np.isfinite(boxes).all(1)
    fitting = np.array([[fits(truth.text, plate.text) for plate in found] for truth in truths])
    return match(close & fitting, -overlaps).tolist()


def same(truth: str, read: str) -> bool:
    """Every character is right."""
    return truth == read


def same_folded(truth: str, read: str) -> bool:
    """Every character is right, O and 0 taken as one, I and 1 too."""
    return fold_lookalikes(truth) == fold_lookalikes(read)


class EndToEnd:
    """Plates read exactly right of those annotated with text.

    Args:
        match_iou: the IoU from which a found plate may be matched with a true one.
    """

    def __init__(self, match_iou: float) -> None:
        self._match_iou = match_iou
        self.strict, self.folded, self.public = Count(), Count(), Count()
        self.by_source: dict[str, Count] = defaultdict(Count)
        self.by_lines: dict[int, Count] = {1: Count(), 2: Count()}

    def __len__(self) -> int:
        return self.strict.total

    def update(self, truths: Sequence[Labelled], found: Sequence[Labelled], source: str) -> list[int]:
        """Add a photo's plates that have a text, and all that was found in it; return the strict `match_readings`."""
        strict = match_readings(truths, found, same, self._match_iou)
        folded = match_readings(truths, found, same_folded, self._match_iou)
        public = match_readings(truths, found, same, PUBLIC_IOU, strictly=True)
        for truth, s, f, p in zip(truths, strict, folded, public, strict=True):
            self.strict.update(s >= 0)
            self.folded.update(f >= 0)
            self.public.update(p >= 0)
            self.by_source[source].update(s >= 0)
            if truth.lines in self.by_lines:
                self.by_lines[truth.lines].update(s >= 0)
        return strict

    def summary(self) -> dict[str, Any]:
        """Return counts as of `Count.summary`: strict ones at the top, then `folded`, `public_rule_iou_over_40`,
        `one_line`, `two_line` and `sources`, a mapping of names.

        Raises:
            LprError: no plate with text was added.
        """
        if not len(self):
            raise LprError("no plate with box and text to measure end to end; give the test split such plates")
        return {
            **self.strict.summary(),
            "folded": self.folded.summary(),
            "public_rule_iou_over_40": self.public.summary(),
            "one_line": self.by_lines[1].summary(),
            "two_line": self.by_lines[2].summary(),
            "sources": {name: self.by_source[name].summary() for name in sorted(self.by_source)},
        }


class EmptyPhotos:
    """False readings: what is read in photos without a plate."""

    def __init__(self) -> None:
        self._photos = Count()
        self._readings = 0

    def update(self, found: Sequence[Labelled]) -> None:
        """Add all that was found in a photo that has no plate."""
        readings = sum(bool(plate.text) for plate in found)
        self._photos.update(readings > 0)
        self._readings += readings

    def summary(self) -> dict[str, int]:
        """Return the number of `photos`, of those in which something was read, and of such `readings`; 0 of none."""
        return {"photos": self._photos.total, "photos_read": self._photos.right, "readings": self._readings}
