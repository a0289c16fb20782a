"""How well text is read when the box is given: whole plates, characters, lengths, and what is confused."""

from __future__ import annotations

from collections.abc import Mapping

from lpr.base.errors import LprError
from lpr.metrics.counts import Count
from lpr.plate.text import edit_distance, fold_lookalikes

NONE = "none"
"""Stands in a confusion for the character that is not there: missed when predicted, extra when actual."""

READING_FIELDS = (
    "plate_accuracy", "plate_accuracy_folded", "character_accuracy", "length_accuracy", "plates",
    "right", "low", "high",
)  # fmt: skip
"""What `ReadingMetric.summary` holds."""


def similarity(truth: str, read: str) -> float:
    """Return 1 - NED in [0, 1], NED being the edit distance over the longer length; 1 where both texts are empty."""
    longest = max(len(truth), len(read))
    return 1 - edit_distance(truth, read) / longest if longest else 1.0


def align(truth: str, read: str) -> list[tuple[str, str]]:
    """Return the pairs (actual, predicted) of a shortest edit of `truth` into `read`, in reading order.

    A missed character is `(c, NONE)`, an extra one `(NONE, c)`. Of equally short edits the one is taken that pairs
    characters latest, so that the answer is always the same.
    """
    costs = [list(range(len(read) + 1))]
    for i, actual in enumerate(truth, 1):
        row = [i]
        for j, predicted in enumerate(read, 1):
            row.append(min(costs[-1][j - 1] + (actual != predicted), costs[-1][j] + 1, row[-1] + 1))
        costs.append(row)
    pairs: list[tuple[str, str]] = []
    i, j = len(truth), len(read)
    while i or j:
        if i and j and costs[i][j] == costs[i - 1][j - 1] + (truth[i - 1] != read[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((truth[i], read[j]))
        elif i and costs[i][j] == costs[i - 1][j] + 1:
            i -= 1
            pairs.append((truth[i], NONE))
        else:
            j -= 1
            pairs.append((NONE, read[j]))
    return pairs[::-1]


def commonest_errors(confusion: Mapping[tuple[str, str], int], most: int) -> list[tuple[str, str, int]]:
    """Return the commonest errors of a confusion.

    Args:
        confusion: how often each pair of `align` occurs.
        most: errors, at most.

    Returns:
        (actual, predicted, count), the commonest first.
    """
    errors = [(actual, predicted, count) for (actual, predicted), count in confusion.items() if actual != predicted]
    return sorted(errors, key=lambda error: (-error[2], *error[:2]))[:most]


class ReadingMetric:
    """Plate accuracy strict and folded, character accuracy (1 - NED) and length accuracy."""

    def __init__(self) -> None:
        self.strict, self._folded, self._length = Count(), Count(), Count()
        self._similarity = 0.0

    def __len__(self) -> int:
        return self.strict.total

    def update(self, truth: str, read: str) -> None:
        """Add one plate."""
        self.strict.update(truth == read)
        self._folded.update(fold_lookalikes(truth) == fold_lookalikes(read))
        self._length.update(len(truth) == len(read))
        self._similarity += similarity(truth, read)

    def summary(self) -> dict[str, float | int | None]:
        """Return plate accuracy strict and folded, character and length accuracy, all in [0, 1], `plates`, and of the
        strict plate accuracy the number `right` and the ends `low` and `high` of its 95% interval.

        Raises:
            LprError: there was no plate.
        """
        if not len(self):
            raise LprError("no plate with text to measure reading on; give the test split plates with text")
        strict = self.strict.summary()
        return {
            "plate_accuracy": strict["accuracy"],
            "plate_accuracy_folded": self._folded.share,
            "character_accuracy": self._similarity / len(self),
            "length_accuracy": self._length.share,
            "plates": len(self),
            **{name: strict[name] for name in ("right", "low", "high")},
        }
