"""`make bench-training`: the training loop against its model's bare steps, and the number formats of the CPU."""

from __future__ import annotations

import argparse
import itertools
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from benchmarks.machine import describe
from benchmarks.run import RESULTS
from benchmarks.stopwatch import Ratio, seconds, take_turns
from lpr import console
from lpr.errors import LprError
from lpr.files import write_text
from lpr.params import Params, Train, load_params
from lpr.training.engine.batches import loader
from lpr.training.engine.checkpoint import Resume
from lpr.training.engine.device import choose
from lpr.training.engine.loop import Trainer
from stages import train_detector, train_ocr

TARGET = 0.9
STAGES: dict[str, Callable[[Params], Any]] = {"detector": train_detector.build, "ocr": train_ocr.build}


def bare(trainer: Trainer, batches: Iterator[dict[str, Tensor]], steps: int) -> None:
    """Forward, backward and step on tensors that are in memory, as the loop's model and precision have it."""
    for batch in itertools.islice(batches, steps):
        with trainer._autocast():
            loss = trainer.objective(batch)["loss"]
        trainer.scaler.scale(loss).backward()
        trainer.scaler.step(trainer.optimizer)
        trainer.scaler.update()
        trainer.optimizer.zero_grad(set_to_none=True)


def looped(trainer: Trainer, batches: Iterator[dict[str, Tensor]], steps: int) -> None:
    """The loop's own steps, on batches as the preparing processes bring them."""
    for batch in itertools.islice(batches, steps):
        trainer._step(batch)


def ready(trainer: Trainer, batches: Iterator[dict[str, Tensor]], count: int) -> Iterator[dict[str, Tensor]]:
    """Return batches that are on the device already, over and over."""
    kept = [
        {name: value.to(trainer.compute.device) for name, value in batch.items()}
        for batch in itertools.islice(batches, count)
    ]
    return itertools.cycle(kept)


def measure(name: str, params: Params, train: Train, rounds: int, steps: int) -> str:
    """Return the row of a model: the loop and the other precision against bare steps, and what else takes time."""
    task = STAGES[name](params)
    other = "fp32" if choose(train).precision != "fp32" else "bf16"
    with tempfile.TemporaryDirectory() as folder:
        resume = Resume(Path(folder), name, "benchmark")
        trainers = {
            "bare": Trainer(task, train, 0, resume, Path(folder)),
            "loop": Trainer(task, train, 0, resume, Path(folder)),
            "other": Trainer(task, train.model_copy(update={"precision": other}), 0, resume, Path(folder)),
        }
        source = trainers["loop"]
        stream = iter(loader(source.samples, source.sampler, train.workers, pin=False))
        memory = ready(source, stream, 4)
        times = take_turns(
            {
                "bare": lambda: bare(trainers["bare"], memory, steps),
                "loop": lambda: looped(trainers["loop"], stream, steps),
                "other": lambda: bare(trainers["other"], memory, steps),
            },
            rounds,
            warmup=1,
        )
        prepared = seconds(lambda: [source.samples[(0, index % len(source.samples))] for index in range(64)]) / 64
        average = seconds(lambda: [source.ema.update(source.model, 100) for _ in range(20)]) / 20
        saving = seconds(source._save)
    images = steps * train.batch_size
    step = min(times["bare"]) / steps
    loop, faster = Ratio.of(times["bare"], times["loop"]), Ratio.of(times["bare"], times["other"])
    return (
        f"| {name} | {images / min(times['bare']):.0f} | {images / min(times['loop']):.0f} "
        f"| {loop.median:.2f} [{loop.low:.2f}, {loop.high:.2f}] | {TARGET} "
        f"| {other}: {faster.median:.2f} [{faster.low:.2f}, {faster.high:.2f}] "
        f"| {prepared * train.batch_size / step:.1%} | {average / step:.1%} "
        f"| {saving / max(train.checkpoint_seconds, saving):.1%} |"
    )


def main() -> int:
    """Measure both models and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--project", type=Path, default=Path(), help="folder with params.yaml and data/")
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument(
        "--steps", type=int, default=32, help="of a contestant in a round: more than are prepared ahead"
    )
    arguments = parser.parse_args()
    results = RESULTS.resolve()
    os.chdir(arguments.project)
    if not Path("data/manifest.json").is_file():
        raise LprError("data/manifest.json: no data to train on; run `dvc repro fetch_data` first")
    params = load_params()
    rows = [measure(name, params, params.train, arguments.rounds, arguments.steps) for name in STAGES]
    head = (
        "| model | bare, images/s | loop, images/s | loop / bare | target | other format's speed / this one's "
        "| CPU time of preparing a batch, of a step | averaging weights, of a step | saving, of the time |"
    )
    table = "\n".join([head, "|" + "---|" * 9, *rows])
    text = (
        f"# Training\n\n{describe()}, {torch.get_num_threads()} threads, {params.train.workers} preparing processes, "
        f"batches of {params.train.batch_size}, {choose(params.train)}. Medians of {arguments.rounds} rounds in which "
        f"all take turns, with quartiles.\n\n{table}\n"
    )
    print(text)
    write_text(results / "training.md", text)
    return 0


if __name__ == "__main__":
    console.run(main)
