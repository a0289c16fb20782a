"""The weights from which a training starts where it does not start from chance: those of a finished checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from lpr.base import torch_file
from lpr.base.errors import LprError
from lpr.base.files import sha256
from lpr.training.engine.checkpoint import FORMAT

_SET_BY_EXPORT = ("temperature",)


@dataclass(frozen=True)
class Start:
    """A checkpoint to start from.

    Attributes:
        path: the file.
        kind: `detector` or `ocr`.
        sha256: of its bytes.
        arguments: with which its network is built.
        weights: its parameters and buffers by name.
    """

    path: Path
    kind: str
    sha256: str
    arguments: Mapping[str, Any]
    weights: Mapping[str, Tensor]

    def load_into(self, model: nn.Module) -> list[str]:
        """Copy the weights into a new model.

        Returns:
            Top-level modules that the checkpoint's network did not have, and which stay as initialised.

        Raises:
            LprError: the networks differ in anything else; the message names the parameter or the weight.
        """
        arguments: Mapping[str, Any] = model.arguments  # type: ignore[assignment]
        for field in sorted({*arguments, *self.arguments}):
            own, other = arguments.get(field), self.arguments.get(field)
            if own != other:
                raise LprError(
                    f"params.yaml: {self.kind}.{field} is {own}, but {self.path}, from which train.start says to "
                    f"begin, has {other}: set {self.kind}.{field} to {other}, or train.start to 'scratch'"
                )
        own_state = {name: value for name, value in model.state_dict().items() if name not in _SET_BY_EXPORT}
        state = {name: value for name, value in self.weights.items() if name not in _SET_BY_EXPORT}
        known = {name.partition(".")[0] for name in state}
        new = [name for name in own_state if name.partition(".")[0] not in known]
        missing = sorted(own_state.keys() - state.keys() - set(new))
        shapes = [name for name in state if name in own_state and state[name].shape != own_state[name].shape]
        if wrong := missing + sorted(state.keys() - own_state.keys()) + shapes:
            raise LprError(
                f"{self.path}: does not fit the network of the {self.kind} ({wrong[0]} is missing, unknown, or of "
                "another shape); set train.start to 'scratch' in params.yaml"
            )
        model.load_state_dict(state, strict=False)
        return sorted({name.partition(".")[0] for name in new})


def load_start(path: Path, kind: str) -> Start:
    """Read a finished training's checkpoint; nothing is unpickled but tensors and plain values.

    Raises:
        LprError: the file is missing, damaged, or not a checkpoint of this kind.
    """
    value = read_finished(path, kind, "restore it with git, or set train.start to 'scratch' in params.yaml")
    return Start(path, kind, sha256(path), dict(value["arguments"]), dict(value["weights"]))


def read_finished(path: Path, kind: str, cure: str) -> dict[str, Any]:
    """Return the content of a finished training's checkpoint; nothing is unpickled but tensors and plain values.

    Args:
        path: the file.
        kind: `detector` or `ocr`.
        cure: what to do without it; ends the errors.

    Raises:
        LprError: the file is missing, damaged, or not a checkpoint of this kind.
    """
    if not path.is_file():
        raise LprError(f"{path}: no such checkpoint to start from; {cure}")
    try:
        value: dict[str, Any] = dict(torch_file.load(path))
        if value["format"] != FORMAT or value["kind"] != kind:
            raise ValueError(f"format {value['format']!r}, kind {value['kind']!r}")
        dict(value["arguments"])
        if not all(isinstance(tensor, Tensor) and tensor.isfinite().all() for tensor in value["weights"].values()):
            raise ValueError("a weight is no tensor, or not finite")
    except Exception as error:  # a damaged file makes torch raise nearly anything
        raise LprError(
            f"{path}: not a checkpoint of the {kind} to start from ({str(error)[:200]}); {cure}"
        ) from error
    return value
