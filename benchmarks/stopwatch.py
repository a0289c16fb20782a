"""Times of contestants that take turns, so that whatever else the machine does hits them alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

Action = Callable[[], object]


@dataclass(frozen=True)
class Ratio:
    """The median of the rounds' ratios of two times, and their quartiles."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, ours: Sequence[float], theirs: Sequence[float]) -> Ratio:
        """Return the ratio of two contestants' times in the same rounds, at least two."""
        low, median, high = statistics.quantiles((a / b for a, b in zip(ours, theirs, strict=True)), n=4)
        return cls(median, low, high)


def seconds(action: Action) -> float:
    """Return how long one call takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def take_turns(contestants: Mapping[str, Action], rounds: int, warmup: int = 2) -> dict[str, list[float]]:
    """Return each contestant's seconds in each round; the order within a round changes from round to round."""
    for action in contestants.values():
        for _ in range(warmup):
            action()
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for order in orders(list(contestants), rounds):
        for name in order:
            times[name].append(seconds(contestants[name]))
    return times


def orders(names: list[str], rounds: int) -> Iterator[list[str]]:
    """Yield the contestants' order in each round: everyone's place changes from round to round."""
    for number in range(rounds):
        turn = number % len(names)
        yield names[turn:] + names[:turn]
