"""Do the metrics of the working tree reproduce the committed ones?"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lpr.base.errors import LprError
from lpr.base.hashes import md5_of
from lpr.review import git
from lpr.review.kinds import kind, number_of
from lpr.review.lock import LOCK, locked_stages, output_hashes
from lpr.review.sides import DETAILS, GATES
from lpr.review.values import ABSENT, flatten, is_number, shown

TIMINGS = {"batch_seconds"}
"""Gates whose values are another machine's at each run."""

SHARE = 0.01
"""Largest difference of a share. Metrics repeat exactly on one machine; another CPU's arithmetic differs in the last
digits of a logit, which turns a reading only where two characters are about equally likely: far below 1% of plates."""
PLATES = 2
"""Readings that may turn in any case: of 28 plates one is 0.036, more than `SHARE`."""


@dataclass(frozen=True)
class Tolerances:
    """Largest differences: `share` of all metrics, and others by dotted name, of a metric or of a whole section."""

    share: float = SHARE
    named: Mapping[str, float] | None = None

    def of(self, name: str, metrics: Mapping[str, Any]) -> float:
        """Return the largest difference of a metric; `metrics` are the committed ones by dotted name.

        The test split's sizes must be equal. Of N plates, `share` of N may turn, but in any case `PLATES`; a tolerance
        of 0 means 0.
        """
        inside = [known for known in self.named or {} if name == known or name.startswith(f"{known}.")]
        if inside:
            return (self.named or {})[max(inside, key=len)]
        if kind(name) == "size" or self.share == 0:
            return 0.0
        number = number_of(name, metrics) or 0
        if kind(name) == "count":
            return max(math.floor(self.share * number), PLATES)
        return max(self.share, PLATES / number if number else 0.0)


@dataclass(frozen=True)
class Comparison:
    """A metric's dotted name, its committed value and the one here, `ABSENT` where it is not there, and the verdict."""

    name: str
    committed: Any
    here: Any
    tolerance: float
    same: bool

    @property
    def difference(self) -> float | None:
        """Here minus committed, None where one is no number."""
        return self.here - self.committed if is_number(self.here) and is_number(self.committed) else None


def parse_tolerances(texts: Sequence[str]) -> Tolerances:
    """Return `0.02` and `name=0.02` as tolerances. Raises LprError for what is neither."""
    share, named = SHARE, {}
    for text in texts:
        name, _, number = text.rpartition("=")
        try:
            value = float(number)
        except ValueError:
            value = -1.0
        if not 0 <= value < math.inf or (not name and "=" in text):
            raise LprError(f"--tolerance {text}: give a number from 0 on, such as 0.02, or NAME=0.02")
        if name:
            named[name] = value
        else:
            share = value
    return Tolerances(share, named)


def compare(against: str, tolerances: Tolerances | None = None) -> list[Comparison]:
    """Compare the working tree's metrics and gates, timings left out, with those committed at a revision.

    Args:
        against: the revision, or `dvc.lock` for HEAD, whose dvc.lock must be there.
        tolerances: the defaults if left out.

    Returns:
        Each metric in its order, then each gate as `gates.NAME`. A file that is missing on one side is a single entry
        of its path that is not the same. Ends of intervals are left out, since they follow from the counts.

    Raises:
        LprError: no such revision, a file is no JSON object, the committed metrics are not those that the dvc.lock
            beside them names, or a tolerance is for a metric that is not there.
    """
    tolerances = tolerances or Tolerances()
    rev = "HEAD" if against == LOCK else against
    hashes = _lock_hashes(rev, needed=against == LOCK)
    comparisons = []
    for path, read in ((DETAILS, flatten), (GATES, _gate_values)):
        old, new = git.committed(rev, path), Path(path).read_bytes() if Path(path).is_file() else None
        if old is not None and path in hashes and md5_of(old) != hashes[path]:
            raise LprError(
                f"{path} at {rev} is not the file that {LOCK} names there: it was changed after the run, or one of "
                "the two was not committed; run `dvc repro evaluate`, and commit both"
            )
        if old is None or new is None:
            sides = [ABSENT if content is None else "there" for content in (old, new)]
            comparisons.append(Comparison(path, sides[0], sides[1], 0.0, False))
            continue
        comparisons += _compare(read(_json(old, f"{path} at {rev}")), read(_json(new, path)), tolerances)
    known = {name for comparison in comparisons for name in _sections(comparison.name)}
    if unknown := [name for name in tolerances.named or {} if name not in known]:
        raise LprError(f"--tolerance {unknown[0]}=...: no metric of this name; there is, say, {comparisons[0].name}")
    return comparisons


def format_comparison(comparisons: Sequence[Comparison]) -> tuple[str, bool]:
    """Return the table, one metric a line, with the verdict in its last line, and whether everything reproduces."""
    rows = [("", "metric", "committed", "here", "difference", "tolerance")]
    for c in comparisons:
        difference = "-" if c.difference is None else f"{c.difference:+.4g}" if c.difference else "0"
        old, new = ("missing" if value is ABSENT else shown(value) for value in (c.committed, c.here))
        rows.append(("same" if c.same else "DIFFERS", c.name, old, new, difference, shown(c.tolerance)))
    widths = [max(len(row[column]) for row in rows) for column in range(6)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    wrong = [c.name for c in comparisons if not c.same]
    exactly = sum(c.committed == c.here for c in comparisons)
    verdict = (
        f"does not reproduce: {len(wrong)} of {len(comparisons)} differ: {', '.join(wrong)}"
        if wrong
        else f"reproduces: all {len(comparisons)} within their tolerances, {exactly} exactly equal"
    )
    return "\n".join([*lines, verdict]), not wrong


def _lock_hashes(rev: str, needed: bool) -> dict[str, str]:
    """Return the MD5 of each output that dvc.lock names at a revision, by its path."""
    content = git.committed(rev, LOCK)
    if content is None:
        if needed:
            raise LprError(f"{rev} has no {LOCK}: nothing was recorded to compare with; run `dvc repro`, and commit")
        return {}
    try:
        return output_hashes(locked_stages(content.decode("utf-8")))
    except ValueError as error:
        raise LprError(f"{LOCK} at {rev}: not readable as YAML ({error}); run `dvc repro`, and commit it") from error


def _compare(old: Mapping[str, Any], new: Mapping[str, Any], tolerances: Tolerances) -> list[Comparison]:
    comparisons = []
    for name in [*old, *(name for name in new if name not in old)]:
        if kind(name) != "derived":
            before, after, most = old.get(name, ABSENT), new.get(name, ABSENT), tolerances.of(name, old)
            comparisons.append(Comparison(name, before, after, most, _is_same(before, after, most)))
    return comparisons


def _is_same(old: Any, new: Any, tolerance: float) -> bool:
    if not (is_number(old) and is_number(new)):
        return type(old) is type(new) and bool(old == new)
    # The difference of two decimals has a last digit of its own: 0.86 - 0.85 is more than 0.01.
    return bool(abs(new - old) <= tolerance + 1e-9)


def _gate_values(gates: Any) -> dict[str, Any]:
    try:
        return {f"gates.{gate['name']}": gate["value"] for gate in gates["gates"] if gate["name"] not in TIMINGS}
    except (KeyError, TypeError) as error:
        raise LprError(f"{GATES}: not the gates of an evaluation ({error}); run `dvc repro evaluate`") from error


def _json(content: bytes, origin: str) -> Any:
    try:
        value = json.loads(content)
    except ValueError as error:
        raise LprError(f"{origin}: not readable as JSON ({error}); run `dvc repro evaluate`") from error
    if not isinstance(value, dict):
        raise LprError(f"{origin}: not a JSON object; run `dvc repro evaluate`")
    return value


def _sections(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[: count + 1]) for count in range(len(parts))]
