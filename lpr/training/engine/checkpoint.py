"""Checkpoint files: the state of an unfinished training, and the model that a finished one leaves."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import Any

import torch

from lpr.base import torch_file
from lpr.base.errors import LprError
from lpr.base.files import atomic_path

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


class Resume:
    """The saved state of one unfinished training, in a folder named by what the training depends on.

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

    def set_aside(self, error: Exception) -> None:
        """Move a state out of the way that `error` kept from being used, and say so."""
        aside = self.path.with_suffix(".damaged")
        self.path.replace(aside)
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        print(f"{self.path} is damaged ({reason}); set aside as {aside.name}, training starts anew")

    def save(self, state: dict[str, Any]) -> None:
        """Replace the state."""
        save(self.path, state)

    def forget(self) -> None:
        """Remove this state and those that other parameters, data or code left under the same name."""
        for other in self.folder.glob(f"{self.name}-*"):
            shutil.rmtree(other, ignore_errors=True)
