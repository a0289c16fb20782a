"""What the two training stages share: where things lie, what a training depends on, how it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from pydantic import BaseModel

from lpr.base.errors import LprError
from lpr.base.files import fingerprint
from lpr.base.parsing import parse_json
from lpr.base.pipeline import declared_code
from lpr.base.stage_lock import WORK, alone, clear
from lpr.records.params import Params, Train, load_params
from lpr.training.engine import checkpoint, launch, processes
from lpr.training.engine.loop import InterruptedTraining, Trainer
from lpr.training.engine.shipped import take_shipped, write_results
from lpr.training.engine.start import load_start
from lpr.training.engine.task import NothingToLearnError, Task

SHIPPED = Path("lpr/assets/models")
"""Folder of the checkpoints from which `train.start: shipped` begins, and which serve where there is nothing to learn.

They are no dependency in dvc.yaml: whoever ships new models would make the training of just these stale. Their hash is
recorded in the checkpoint, and part of the key under which an unfinished training is found again.
"""
_WITHOUT_EFFECT = {"workers", "checkpoint_seconds"}


def data_fingerprint(data: Path) -> str:
    """Return the fingerprint that fetch_data wrote into the data set's manifest. Raises LprError when it is missing."""
    manifest = data / "manifest.json"
    try:
        return str(parse_json(manifest.read_text(encoding="utf-8"))["fingerprint"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LprError(f"{manifest}: missing or not written by fetch_data; run `dvc repro fetch_data`") from error


def train(name: str, build: Callable[[Params], Task]) -> int:
    """Run the module `stages.train_NAME`: here, or in several processes where there are several GPUs.

    Where the data set holds nothing for this model, the shipped one becomes its checkpoint.

    Args:
        name: of the task, and of its section of the parameters.
        build: makes the task.

    Returns:
        Exit status: 0, or 128 + the signal's number when one stopped the training.
    """
    params = load_params()
    if launch.wanted(params.train):
        return launch.launch(f"stages.train_{name}")
    with processes.joined(), _alone(name) if processes.rank() == 0 else nullcontext():
        task = None
        with processes.one_first():
            try:
                task = build(params)
            except NothingToLearnError as error:
                nothing = str(error)
        if task is None:
            return _take_shipped(name, nothing) if processes.rank() == 0 else 0
        return finish(task, params.train, params.seed, getattr(params, name))


def _take_shipped(name: str, nothing: str) -> int:
    """Write the shipped model as `checkpoints/NAME.pt`, since there is `nothing` to train on; return 0."""
    print(
        f"{name}: takes the shipped {name} ({SHIPPED / name}.pt) as it is and trains nothing, since {nothing}",
        flush=True,
    )
    value = take_shipped(SHIPPED, name)
    write_results(Path("results") / f"train_{name}", value["metrics"])
    checkpoint.save(Path("checkpoints") / f"{name}.pt", value)
    return 0


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """Keep other trainings of this model out of the folder, and clear away what a killed one left half written."""
    with alone(WORK / f"train_{name}", f"stages.train_{name}"):
        clear(Path("checkpoints"), f".{name}-*")
        clear(WORK, f"prepared/.{name}-*", f"checkpoints/{name}-*/.state-*")
        yield


def finish(task: Task, train: Train, seed: int, own: BaseModel) -> int:
    """Train `task` and write `checkpoints/NAME.pt`.

    A run that a signal stops saves its state, and the next one with the same parameters, data, start and code goes on
    from it. What counts as its code is what dvc.yaml declares.

    Args:
        task: what to train.
        train: section `train`.
        seed: of everything random.
        own: the model's own section.

    Returns:
        Exit status: 0, or 128 + the signal's number when one stopped the training.
    """
    start = load_start(SHIPPED / f"{task.name}.pt", task.name) if train.start == "shipped" else None
    key = fingerprint(
        declared_code(f"train_{task.name}"),
        task.data, seed, train.model_dump(exclude=_WITHOUT_EFFECT), own.model_dump(), start and start.sha256,
    )  # fmt: skip
    resume = checkpoint.Resume(WORK / "checkpoints", task.name, key)
    trainer = Trainer(task, train, seed, resume, Path("results") / f"train_{task.name}", start)
    try:
        result = trainer.run()
    except InterruptedTraining as stop:
        if processes.rank() == 0:
            print(f"{task.name}: interrupted; `dvc repro` goes on from here ({resume.path})")
        return 128 + stop.number
    if processes.rank() > 0:
        return 0
    checkpoint.save(Path("checkpoints") / f"{task.name}.pt", result)
    resume.forget()
    values = "  ".join(f"{name} {value:.4f}" for name, value in result["metrics"].items())
    print(f"{task.name}: best epoch {result['provenance']['epoch']}  {values}")
    return 0
