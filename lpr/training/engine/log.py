"""What a training leaves to look at: DVCLive curves and pictures, one line an epoch on the console."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
from dvclive import Live
from numpy.typing import NDArray
from tqdm import tqdm

from lpr.training.engine.processes import first_only, rank

Epoch = dict[str, float]
"""Logged values of one epoch by name; `images_per_second` is the only one that two equal runs differ in."""

SPEED = "images_per_second"


class Curves:
    """Curves of a training, written anew from its history at each start: a resumed run's equal an unbroken one's.

    Timings go to a folder of their own: everything else is the same in every run with the same parameters. The first
    of several processes keeps the curves; in the others nothing happens.

    Args:
        folder: receives `metrics.json`, `plots/` and `speed/`.
        history: epochs that ran before this start.
    """

    @first_only
    def __init__(self, folder: Path, history: list[Epoch]) -> None:
        for old in ("plots", "speed", "metrics.json"):
            path = folder / old
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        self._live = _live(folder)
        self._speed = _live(folder / "speed")
        for epoch in history:
            self.log(epoch)

    @first_only
    def log(self, epoch: Epoch) -> None:
        """Add an epoch to the curves."""
        for name, value in epoch.items():
            (self._speed if name == SPEED else self._live).log_metric(name, value)
        self._live.next_step()
        self._speed.next_step()

    @first_only
    def picture(self, name: str, pixels: NDArray[np.uint8]) -> None:
        """Keep a picture under `plots/images/`."""
        self._live.log_image(name, pixels)

    @first_only
    def finish(self, summary: dict[str, Any]) -> None:
        """Close the curves; `metrics.json` holds `summary` from now on."""
        self._live.summary.clear()
        self._live.summary.update(summary)
        self._live.make_summary()
        self._live.end()
        self._speed.end()


def progress(name: str, steps: int, done: int) -> tqdm[Any]:
    """Return a progress bar of a training's steps; only the first process shows it, and only on a terminal."""
    return tqdm(total=steps, initial=done, desc=name, unit="step", disable=None if rank() == 0 else True)


def _live(folder: Path) -> Live:
    # The defaults of these three rewrite the root's dvc.yaml during a run, make an experiment of every run, and
    # draw a report after every epoch.
    return Live(str(folder), dvcyaml=None, save_dvc_exp=False, report=None)
