"""Several processes that train one model together: real ones, joined by gloo."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from lpr.records.params import load_params
from lpr.training.engine import checkpoint, processes
from lpr.training.engine.batches import loader
from lpr.training.engine.loop import Trainer
from stages import train_detector, train_ocr

Project = Callable[..., Path]
BUILD: dict[str, Callable[..., Any]] = {"detector": train_detector.build, "ocr": train_ocr.build}


def weights_after(folder: Path, name: str, steps: int, frozen: bool = False, **changes: Any) -> dict[str, torch.Tensor]:
    """Train some steps and return the weights and statistics, the averaged ones too, and the summed loss."""
    os.chdir(folder)
    params = load_params()
    train = params.train.model_copy(update=changes)
    trainer = Trainer(BUILD[name](params), train, 1, checkpoint.Resume(folder, "none", "none"), folder / "none")
    trainer.state.model.train(not frozen)
    for step, batch in enumerate(loader(trainer.samples, trainer.sampler, 0, False)):
        if step == steps:
            break
        trainer._step(batch)
    states = {"": trainer.state.model.state_dict(), "ema.": trainer.state.ema.model.state_dict()}
    found = {prefix + key: value.clone() for prefix, state in states.items() for key, value in state.items()}
    return {**found, "loss": processes.total(trainer.state.sums)}


def in_double_precision() -> None:
    """Compute all that follows in this process in float64."""
    # AdamW divides a gradient by its size: in float32 rounding alone decides the sign of the smallest ones' steps.
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    torch.Tensor.float = torch.Tensor.double  # type: ignore[method-assign]


def child(rank: int, size: int, port: int, target: Path, arguments: tuple[Any, ...], changes: dict[str, Any]) -> None:
    in_double_precision()
    if size > 1:
        place = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": size}
        os.environ.update({key: str(value) for key, value in place.items()})
    with processes.joined():
        found = weights_after(*arguments, **changes)
    if rank == size - 1:
        torch.save(found, target)


def trained(size: int, target: Path, *arguments: Any, **changes: Any) -> dict[str, torch.Tensor]:
    """Run `weights_after` in several processes, and return what the last one found."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # A process that has computed gradients cannot be forked; one that has only imported torch is, which saves seconds.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["stages.train_detector", "stages.train_ocr"])
    together = [
        context.Process(target=child, args=(rank, size, port, target, arguments, changes)) for rank in range(size)
    ]
    for process in together:
        process.start()
    for process in together:
        process.join(100)
    assert [process.exitcode for process in together] == [0] * size
    found: dict[str, torch.Tensor] = torch.load(target, weights_only=True)
    return found


def largest_difference(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> float:
    assert one.keys() == other.keys()
    return max((one[key].double() - other[key].double()).abs().max().item() for key in one if one[key].numel())


@pytest.mark.parametrize(("name", "batch", "accumulation"), [("detector", 5, 1), ("ocr", 3, 2)])
def test_two_processes_train_as_one(project: Project, tmp_path: Path, name: str, batch: int, accumulation: int) -> None:
    folder = project()
    arguments = (folder, name, 3)
    changes = {"batch_size": batch, "accumulation": accumulation}
    one = trained(1, tmp_path / "one.pt", *arguments, **changes)
    two = trained(2, tmp_path / "two.pt", *arguments, **changes)
    assert largest_difference(one, two) < 1e-5
    # So small a difference says something only where the weights have moved much farther.
    fewer = trained(1, tmp_path / "fewer.pt", folder, name, 1, **changes)
    assert largest_difference(one, fewer) > 1e-3


def test_accumulation_trains_as_one_batch(project: Project, tmp_path: Path) -> None:
    # Where nothing depends on the rest of a batch: neither normalisation nor the number of characters in it.
    folder = project(ocr__glyphs=0.0, train__warmup=1.0, train__ema=0.0)
    whole = trained(1, tmp_path / "whole.pt", folder, "ocr", 2, frozen=True, batch_size=8)
    parts = trained(1, tmp_path / "parts.pt", folder, "ocr", 4, frozen=True, batch_size=4, accumulation=2)
    del whole["loss"], parts["loss"]
    assert largest_difference(whole, parts) < 1e-5
    fewer = trained(1, tmp_path / "fewer.pt", folder, "ocr", 1, frozen=True, batch_size=8)
    del fewer["loss"]
    assert largest_difference(whole, fewer) > 1e-5 * 10


def test_a_batch_is_shared_whole_and_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [(0, index) for index in range(7)]
    monkeypatch.setattr(processes, "size", lambda: 3)
    parts = []
    for rank in range(3):
        monkeypatch.setattr(processes, "rank", lambda rank=rank: rank)
        parts.append(processes.share(keys))
    assert [key for part in parts for key in part] == keys
    assert [len(part) for part in parts] == [2, 2, 3]


def start(folder: Path) -> subprocess.Popen[str]:
    """Start the OCR's training plainly, asking for two processes as torchrun's variables do."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PET_NPROC_PER_NODE": "2"}
    return subprocess.Popen(
        [sys.executable, "-m", "stages.train_ocr"],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def ranks(folder: Path, process: subprocess.Popen[str]) -> list[int]:
    """Wait until the processes of a training have saved a new state; return their ids."""
    began = time.time()
    while not any(state.stat().st_mtime > began for state in folder.glob(".work/checkpoints/*/state.pt")):
        assert process.poll() is None, process.communicate()[0]
        assert time.time() - began < 200
        time.sleep(0.01)
    return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


@pytest.mark.skipif(sys.platform != "linux", reason="finds the processes in /proc")
def test_a_death_and_a_signal_end_all_processes_and_leave_a_state(project: Project) -> None:
    folder = project(ocr__epochs=40)
    process = start(folder)
    os.kill(ranks(folder, process)[-1], signal.SIGKILL)
    output, _ = process.communicate(timeout=250)
    assert process.returncode == 2, output
    assert "process 1 of the training was killed by signal 9" in output
    assert "Traceback" not in output
    process = start(folder)
    ranks(folder, process)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=250)
    assert process.returncode == 143, output
    assert list(folder.glob(".work/checkpoints/*/state.pt"))
