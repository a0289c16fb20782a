"""Mixed precision trains as full precision does: real loops of tiny networks, the same batches in both."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

from lpr.records.params import load_params
from lpr.training.engine import checkpoint
from lpr.training.engine.batches import loader
from lpr.training.engine.loop import Trainer
from stages import train_detector, train_ocr

BUILD: dict[str, Callable[..., Any]] = {"detector": train_detector.build, "ocr": train_ocr.build}
STEPS, LAST = 24, 6
ROUNDING = 2**-8
"""Of bf16, relative: a number has 8 significant bits. A batch's loss averages over many, so that it is off by less."""
NOISE = 0.02
"""Of the loss of the last steps, relative: fp32 runs of other seeds end that far apart here."""


def losses(folder: Path, name: str, precision: str, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The loss of each step of a training."""
    monkeypatch.chdir(folder)
    params = load_params()
    train = params.train.model_copy(update={"precision": precision})
    resume = checkpoint.Resume(folder, precision, "none")
    trainer = Trainer(BUILD[name](params), train, 1, resume, folder / "none")
    found, before = [], 0.0
    for _, batch in zip(range(STEPS), loader(trainer.samples, trainer.sampler, 0, False), strict=False):
        trainer._step(batch)
        total = trainer.state.losses()["loss"]
        found.append(total - before)
        before = total
    assert len(found) == STEPS
    return found


@pytest.mark.parametrize("name", list(BUILD))
def test_mixed_precision_learns_as_much(project: Callable[..., Path], monkeypatch: Any, name: str) -> None:
    folder = project(train__batch_size=8, train__warmup=0.0, ocr__epochs=10, detector__epochs=30)
    full, mixed = (losses(folder, name, precision, monkeypatch) for precision in ("fp32", "bf16"))
    assert mixed[0] == pytest.approx(full[0], rel=ROUNDING)
    assert mixed != full
    assert mean(mixed[-LAST:]) == pytest.approx(mean(full[-LAST:]), rel=NOISE)
    # Such agreement says something only where much more than that was learned.
    assert mean(full[-LAST:]) < full[0] * (1 - 2 * NOISE)
