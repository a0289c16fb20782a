"""Checkpoint files: the state of an unfinished training, and the model that a finished one leaves."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import Any

import torch
from torch import nn

from lpr.base import torch_file
from lpr.base.errors import LprError
from lpr.base.files import atomic_path
from lpr.training.engine import processes
from lpr.training.engine.device import Compute
from lpr.training.engine.task import Task

FORMAT = 1
"""Version of the layout of a finished model's checkpoint."""


def save(path: Path, value: dict[str, Any]) -> None:
    """Write tensors and plain values, atomically and with the same bytes for the same content.

    Raises:
        LprError: it cannot be written; what was there before stays.
    """
    # Memory has no name, which torch would otherwise write into the archive; and the disk's errors come unwrapped.
    content = io.BytesIO()
    torch.save(value, content)
    try:
        with atomic_path(path) as temporary:
            temporary.write_bytes(content.getbuffer())
    except OSError as error:
        raise LprError(
            f"{path}: cannot be written ({error.strerror}); free space there or make the folder writable, then run "
            "`dvc repro`: what was saved before is kept, and a training goes on from it"
        ) from error


def finished(
    task: Task, model: nn.Module, best: dict[str, Any], compute: Compute, seed: int, start_sha256: str | None
) -> dict[str, Any]:
    """Return a finished model's checkpoint: `best` (`State.best`), and what to know of its model and training."""
    return {
        "format": FORMAT,
        "kind": task.name,
        "arguments": dict(model.arguments),  # type: ignore[arg-type]
        "weights": best["weights"],
        "input_size": list(task.input_size),
        "alphabet": task.alphabet,
        "settings": best["settings"],
        "metrics": best["metrics"],
        "provenance": {
            "device": f"{compute.device.type} ({compute.name})",
            "precision": compute.precision,
            "torch": str(torch.__version__),
            "seed": seed,
            "start_sha256": start_sha256,
            "epoch": best["epoch"],
            "epochs": task.epochs,
            "data": task.data,
        },
    }


class Resume:
    """The saved state of one unfinished training, in a folder named by what the training depends on.

    The first of several processes reads and writes it for all.

    Args:
        folder: where the states of unfinished trainings lie (git-ignored).
        name: of the training.
        key: fingerprint of its parameters, data and code: another one is another training.
    """

    def __init__(self, folder: Path, name: str, key: str) -> None:
        self.folder, self.name = folder, name
        self.path = folder / f"{name}-{key}" / "state.pt"

    def load(self) -> dict[str, Any] | None:
        """Return the state, None when there is none; one that cannot be read is reported and set aside."""
        return processes.from_first(self._read)

    def _read(self) -> dict[str, Any] | None:
        if not self.path.is_file():
            return None
        try:
            state: dict[str, Any] = torch_file.load(self.path)
            if not isinstance(state, dict) or "step" not in state:
                raise ValueError("not a training state")
        except Exception as error:  # torch raises whatever the damaged bytes lead it to
            self.set_aside(error)
            return None
        return state

    @processes.first_only
    def set_aside(self, error: Exception) -> None:
        """Move a state out of the way that `error` kept from being used, and say so."""
        aside = self.path.with_suffix(".damaged")
        self.path.replace(aside)
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        print(f"{self.path} is damaged ({reason}); set aside as {aside.name}, training starts anew")

    @processes.first_only
    def save(self, state: dict[str, Any]) -> None:
        """Replace the state."""
        save(self.path, state)

    def forget(self) -> None:
        """Remove this state and those that other parameters, data or code left under the same name."""
        for other in self.folder.glob(f"{self.name}-*"):
            shutil.rmtree(other, ignore_errors=True)
