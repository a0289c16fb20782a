"""Reading the checkpoints that the trainings leave: self-describing files of plain values and tensors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from lpr.base import torch_file
from lpr.base.errors import LprError
from lpr.detector.model import Detector
from lpr.ocr.model import Ocr
from lpr.runtime.onnx_model import Card, Kind

_ARCHITECTURES: dict[Kind, type[nn.Module]] = {"detector": Detector, "ocr": Ocr}
_MAPPINGS = ("arguments", "weights", "settings", "metrics", "provenance")


@dataclass(frozen=True)
class Checkpoint:
    """A trained model.

    Attributes:
        path: the file.
        card: its kind and the settings that it needs when it runs.
        value: the file's whole content.
    """

    path: Path
    card: Card
    value: dict[str, Any]

    @property
    def is_shipped(self) -> bool:
        """Whether it is the shipped model as it is, which stands in where the data hold nothing to train it on."""
        return bool(self.value["provenance"].get("shipped"))

    def module(self) -> nn.Module:
        """Return the network with its weights, in evaluation mode. Raises LprError when the two do not fit."""
        try:
            architecture = _ARCHITECTURES[self.card.kind]
            with torch.device("meta"):  # compares the shapes, before a width that nobody meant takes all memory
                architecture(**self.value["arguments"]).load_state_dict(self.value["weights"], assign=True)
            module = architecture(**self.value["arguments"])
            module.load_state_dict(self.value["weights"])
        except (RuntimeError, TypeError, ValueError, AttributeError, ArithmeticError, AssertionError) as error:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
            advice = _train_again(self.card.kind)
            raise LprError(f"{self.path}: does not fit the network ({reason}); {advice}") from error
        return module.eval()


def load_checkpoint(path: Path | str, kind: Kind) -> Checkpoint:
    """Read a checkpoint. Nothing is unpickled but tensors and plain values.

    Raises:
        LprError: the file is missing, damaged, or not a checkpoint of this kind.
    """
    path = Path(path)
    if not path.is_file():
        raise LprError(f"{path}: no such checkpoint; {_train_again(kind)}")
    try:
        value = torch_file.load(path)
    except Exception as error:  # a damaged file makes torch raise nearly anything
        raise LprError(f"{path}: damaged, or not a checkpoint of this project; {_train_again(kind)}") from error
    try:
        wrong = [key for key in _MAPPINGS if not isinstance(value[key], dict)]
        if wrong:
            raise ValueError(f"its {wrong[0]} is no mapping")
        foreign = [name for name, tensor in value["weights"].items() if not isinstance(tensor, torch.Tensor)]
        if foreign:
            raise ValueError(f"its weight {foreign[0]} is no tensor")
        bad = [name for name, tensor in value["weights"].items() if not torch.isfinite(tensor).all()]
        if bad:
            raise ValueError(f"its weight {bad[0]} holds NaN or infinite values")
        card = Card.parse(value, kind)
    except Exception as error:  # anything may stand where a number or a name should: tensors, values without an end
        raise LprError(f"{path}: not a checkpoint of the {kind} ({_reason(error)}); {_train_again(kind)}") from error
    return Checkpoint(path, card, value)


def _reason(error: Exception) -> str:
    return f"it has no {error.args[0]}" if isinstance(error, KeyError) else str(error)[:300]


def _train_again(kind: Kind) -> str:
    return f"train it with `dvc repro train_{kind}`"
