"""Two processes that train the OCR together, by the stage itself, against one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import torch
import yaml

from benchmarks.goals import ROOT
from benchmarks.gpu_report import Check
from benchmarks.gpu_trials import ALIKE
from lpr.base.errors import LprError
from lpr.base.files import write_text
from lpr.records.params import Params

NAME = "ocr: two processes train it as one does"
_MODULE = "stages.train_ocr"


def as_one(params: Params, data: Path, folder: Path, timeout: float) -> Check:
    """Train one epoch in one process and in two: over nccl on two GPUs, over gloo on the CPU.

    Args:
        params: their `train.device` is used.
        data: the data set.
        folder: a new one, in which the stage runs.
        timeout: seconds, for both.

    Raises:
        LprError: a training failed or took too long; the message has its last lines.
    """
    gpus = torch.cuda.device_count() if params.train.device == "cuda" else 0
    if params.train.device == "cuda" and gpus < 2:
        return Check(NAME, "not tried", f"{gpus} GPU here, two are needed")
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "0,1").split(",") if gpus else []
    losses = []
    for count in (1, 2):
        project = folder / f"processes-{count}"
        _prepare(project, params, data)
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PET_")}
        if gpus:
            environment["CUDA_VISIBLE_DEVICES"] = ",".join(visible[:count])
        elif count > 1:
            environment["PET_NPROC_PER_NODE"] = str(count)
        said = _train(project, environment, timeout / 2)
        if (f"{count} processes" in said) != (count > 1):
            raise LprError(f"{count} processes were wanted, and the training does not say so: {_end(said)}")
        losses.append(last_value(project / "results" / "train_ocr"))
    met = abs(losses[1] - losses[0]) <= ALIKE * abs(losses[0])
    how = "nccl, two GPUs" if gpus else "gloo, the CPU"
    return Check(NAME, "met" if met else "missed", f"{how}: loss {losses[1]:.4f}, alone {losses[0]:.4f}")


def _prepare(project: Path, params: Params, data: Path) -> None:
    project.mkdir(parents=True)
    for name in ("lpr", "stages", "dvc.yaml"):
        (project / name).symlink_to(ROOT / name)
    (project / "data").symlink_to(data.resolve(), target_is_directory=True)
    short = params.model_copy(update={"ocr": params.ocr.model_copy(update={"epochs": 1})})
    values = short.model_dump(mode="json", exclude_none=True)
    write_text(project / "params.yaml", yaml.safe_dump(values, sort_keys=False))


def _train(project: Path, environment: dict[str, str], timeout: float) -> str:
    command = [sys.executable, "-m", _MODULE]
    try:
        done = subprocess.run(
            command, cwd=project, env=environment, timeout=timeout, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise LprError(f"{_MODULE} was not done after {timeout:.0f} s") from error
    write_text(project / "train.log", done.stdout)
    if done.returncode:
        raise LprError(f"{_MODULE} ended with {done.returncode}: {_end(done.stdout)}")
    return done.stdout


def _end(said: str) -> str:
    return " / ".join(said.strip().splitlines()[-3:])


def last_value(results: Path) -> float:
    """Return the last mean loss in a training's curves. Raises LprError when there is none."""
    try:
        curve = next(results.rglob("train/loss.tsv"))
        return float(curve.read_text(encoding="utf-8").split()[-1])
    except (StopIteration, IndexError, ValueError) as error:
        raise LprError(f"{results}: no curve of the loss") from error
