"""The figures of the training benchmark and their tables."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.goals import Goal, spread
from benchmarks.processor_use import Seldom, Use
from benchmarks.stopwatch import Ratio

TARGET = 0.9


@dataclass(frozen=True)
class Round:
    """What each contestant took in a round, in which they took turns.

    Attributes:
        bare: forward, backward and step.
        own: the loop's steps on batches that are in memory.
        loop: the real loop.
        other: bare steps in another number format.
        seldom: what the loop does once in a while.
    """

    bare: Use
    own: Use
    loop: Use
    other: Use
    seldom: Seldom


@dataclass(frozen=True)
class Measured:
    """A model's rounds, and what is needed to make sense of them.

    Attributes:
        name: of the model.
        rounds: at least two.
        parts: seconds of processors in a step of what the loop adds to it, by name.
        batch: images a step.
        epoch: steps of an epoch.
        checkpoint: seconds between two saved states.
        other: the other number format.
    """

    name: str
    rounds: Sequence[Round]
    parts: dict[str, float]
    batch: int
    epoch: int
    checkpoint: float
    other: str

    def loop_seconds(self, one: Round) -> float:
        """Return the time of one of the loop's steps, with its part of what comes once in a while.

        Validation is not in it: how long that takes is a matter of the validation split, see `validation`.
        """
        saving = one.seldom.saving / max(self.checkpoint, one.seldom.saving)
        return one.loop.seconds * (1 + saving) + one.seldom.logging / self.epoch

    @property
    def ratio(self) -> Ratio:
        """The loop's throughput over that of bare steps."""
        return Ratio.of([one.bare.seconds for one in self.rounds], [self.loop_seconds(one) for one in self.rounds])

    @property
    def goal(self) -> Goal:
        """The ratio beside its target."""
        return Goal(f"training loop of the {self.name} / bare steps on tensors in memory", self.ratio, TARGET, True)

    @property
    def faster(self) -> Ratio:
        """The other number format's throughput over this one's."""
        return Ratio.of([one.bare.seconds for one in self.rounds], [one.other.seconds for one in self.rounds])

    def median(self, value: Callable[[Round], float]) -> float:
        """Return the median of a value over the rounds."""
        return statistics.median(value(one) for one in self.rounds)

    def bound(self, cores: int) -> float:
        """Return the ratio that a loop without any work of its own would reach: cores are all that preparing shares.

        A step takes no less than bare, and no less than all cores need for it and for preparing a batch.
        """
        return self.median(
            lambda one: one.bare.seconds / max(one.bare.seconds, (one.bare.cpu + one.loop.preparing) / cores)
        )


def throughput(models: Sequence[Measured], cores: int) -> str:
    """Return the table of the ratios."""
    lines = [
        "| model | bare, images/s | loop, images/s | loop / bare [quartiles] | at least | "
        "| with preparing alone it would be | other format's speed / this one's |",
        "|" + "---|" * 8,
    ]
    for model in models:
        bare, loop = model.median(lambda one: one.bare.seconds), model.median(model.loop_seconds)
        cells = [
            model.name, f"{model.batch / bare:.0f}", f"{model.batch / loop:.0f}", spread(model.ratio), f"{TARGET:g}",
            model.goal.verdict, f"{model.bound(cores):.2f}", f"{model.other}: {spread(model.faster)}",
        ]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def shares(models: Sequence[Measured]) -> str:
    """Return the table of where the rest goes: of a bare step's processor time, and of the loop's time on the clock."""
    lines = [
        "| model | CPU of a bare step, ms | the loop's own steps, more | averaging weights | clipping "
        "| preparing a batch | waiting for a batch | saving | logging | validation, of an epoch | GPU busy |",
        "|" + "---|" * 11,
    ]
    for model in models:
        cpu = model.median(lambda one: one.bare.cpu)
        of_cpu = [
            model.median(lambda one: one.own.cpu / one.bare.cpu - 1),
            *(model.parts[name] / cpu for name in ("averaging weights", "clipping")),
            model.median(lambda one: one.loop.preparing / one.bare.cpu),
        ]
        of_time = [
            model.median(lambda one: one.loop.waiting / one.loop.seconds),
            model.median(lambda one, model=model: one.seldom.saving / max(model.checkpoint, one.seldom.saving)),
            model.median(lambda one, model=model: one.seldom.logging / model.epoch / model.loop_seconds(one)),
            model.median(
                lambda one, model=model: validation(one.seldom.validating, model.loop_seconds(one), model.epoch)
            ),
        ]
        busy = [one.loop.busy for one in model.rounds if one.loop.busy is not None]
        cells = [model.name, f"{1000 * cpu:.0f}", *(f"{share:.1%}" for share in [*of_cpu, *of_time])]
        cells.append(f"{statistics.median(busy):.0%}" if busy else "no GPU")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def validation(seconds: float, step: float, epoch: int) -> float:
    """Return the share of an epoch's time that its validation takes."""
    return seconds / (seconds + epoch * step)
