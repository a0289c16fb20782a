"""An exported model in ONNX Runtime, with the settings that travel inside its file."""

from __future__ import annotations

import json
import reprlib
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lpr.base.errors import LprError
from lpr.base.parsing import parse_json
from lpr.plate.crop import DETECTOR_SIZE, OCR_HEIGHT, OCR_WIDTH
from lpr.plate.text import ALPHABET
from lpr.runtime import plain_graph

Kind = Literal["detector", "ocr"]
Floats = NDArray[np.float32]

METADATA_KEY = "lpr"
"""Entry of a model's ONNX `metadata_props` under which `Card.to_json` is kept."""
FORMAT = 1
RANGE_TOLERANCE = 1e-3
"""How far values may lie outside [0, 1]: interpolation and half precision overshoot a little."""

_HOW_TO_GET_MODELS = "run `dvc repro export` or `dvc pull models`, or name the folder that holds the models"


@dataclass(frozen=True)
class Interface:
    """What a kind of model takes and gives: one input `(B, 3, height, width)`, and named outputs.

    Models that were published before they had the last `later` of the outputs are still run: they give fewer.
    """

    input: str
    size: tuple[int, int]
    shapes: dict[str, tuple[int | None, ...]]
    settings: tuple[str, ...]
    later: int = 0

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of `shapes`, which holds the outputs' dimensions after B; None: any."""
        return tuple(self.shapes)


INTERFACES: dict[Kind, Interface] = {
    "detector": Interface(
        "images",
        (DETECTOR_SIZE, DETECTOR_SIZE),
        {"best": (5,), "candidates": (None, 5), "corners": (None, 8)},
        ("threshold", "nms_iou"),
        later=1,
    ),
    "ocr": Interface("crops", (OCR_HEIGHT, OCR_WIDTH), {"logits": (None, len(ALPHABET))}, ("margin",)),
}


@dataclass(frozen=True)
class Card:
    """What an .onnx file says about itself, so that it can be used without any other file.

    Attributes:
        kind: detector or ocr.
        settings: `threshold` and `nms_iou` of a detector, `margin` of an OCR; all in [0, 1].
    """

    kind: Kind
    settings: dict[str, float]

    def to_json(self) -> str:
        """Return the card as the JSON that is kept in the file."""
        value: dict[str, Any] = {
            "format": FORMAT,
            "kind": self.kind,
            "input_size": list(INTERFACES[self.kind].size),
            "settings": self.settings,
        }
        if self.kind == "ocr":
            value["alphabet"] = ALPHABET
        return json.dumps(value, sort_keys=True)

    @classmethod
    def parse(cls, value: Any, kind: Kind) -> Card:
        """Return the card of a model that must be of this `kind`, from what `to_json` or a checkpoint holds.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: a field is missing, or has another value than this
                version of the project works with.
        """
        expected: dict[str, Any] = {"format": FORMAT, "kind": kind, "input_size": list(INTERFACES[kind].size)}
        if kind == "ocr":
            expected["alphabet"] = ALPHABET
        for key, wanted in expected.items():
            if value[key] != wanted:
                raise ValueError(f"its {key} is {reprlib.repr(value[key])}, expected {wanted!r}")
        settings = {name: float(value["settings"][name]) for name in INTERFACES[kind].settings}
        for name, number in settings.items():
            if not 0 <= number <= 1:
                raise ValueError(f"its {name} is {number}, expected 0 to 1")
        return cls(kind, settings)


class OnnxModel:
    """A model file, opened for running on the CPU. May be called from several threads.

    Args:
        path: the .onnx file.
        kind: what it must be.
        threads: of one call; None lets ONNX Runtime use every core.

    Raises:
        LprError: the file is missing, is no ONNX model, or was not exported by this project.
    """

    def __init__(self, path: Path | str, kind: Kind, threads: int | None = None) -> None:
        import onnxruntime

        self.path = Path(path)
        self._interface = INTERFACES[kind]
        if not self.path.is_file():
            raise LprError(f"{path}: no such model; {_HOW_TO_GET_MODELS}")
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        # Threads that wait should sleep: spinning ones take the cores from the decoding of the next photos, and from
        # whatever else the machine does.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        if threads is not None:
            if threads < 1:
                raise LprError(f"threads is {threads}: at least 1, or None for every core")
            options.intra_op_num_threads = threads
        try:
            data = self.path.read_bytes()
            plain_graph.check(data)
            self._session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime raises classes of its own that share no public base
            raise LprError(f"{path}: not a usable ONNX model ({_reason(error)}); {_HOW_TO_GET_MODELS}") from error
        self.card = self._read_card(kind)
        self._warned = False

    def _read_card(self, kind: Kind) -> Card:
        text = self._session.get_modelmeta().custom_metadata_map.get(METADATA_KEY)
        if text is None:
            raise LprError(f"{self.path}: an ONNX model, but not one that this project exported; {_HOW_TO_GET_MODELS}")
        try:
            card = Card.parse(parse_json(text), kind)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            raise LprError(f"{self.path}: does not fit this version of lpr: {error}; {_HOW_TO_GET_MODELS}") from error
        inputs = tuple(value.name for value in self._session.get_inputs())
        outputs = tuple(value.name for value in self._session.get_outputs())
        wanted = self._interface.outputs
        if inputs != (self._interface.input,) or outputs not in (wanted, wanted[: len(wanted) - self._interface.later]):
            raise LprError(f"{self.path}: has inputs {inputs} and outputs {outputs}; {_HOW_TO_GET_MODELS}")
        self._outputs = outputs
        return card

    def __call__(self, batch: ArrayLike, at_once: int | None = None) -> tuple[Floats, ...]:
        """Run the model.

        Args:
            batch: `(B, 3, H, W)` floating point RGB in [0, 1]; B may be 0. Values outside are clipped, and the first
                such batch warns.
            at_once: largest number of images that are computed together, which bounds the memory; None: all.

        Returns:
            The outputs, each with B as its first dimension; without corners from a detector that has none.

        Raises:
            LprError: the batch has another shape or type, or holds NaN or infinity.
        """
        images = self._checked(batch)
        step = at_once or max(len(images), 1)
        # One call even for no images, which gives outputs of the right shapes.
        starts = range(0, max(len(images), 1), step)
        parts = [self._run(images[start : start + step]) for start in starts]
        return tuple(part[0] if len(part) == 1 else np.concatenate(part) for part in zip(*parts, strict=True))

    def _run(self, images: Floats) -> list[Floats]:
        try:
            outputs: list[Floats] = self._session.run(list(self._outputs), {self._interface.input: images})
        except Exception as error:  # as above
            raise LprError(f"{self.path}: cannot be run ({_reason(error)}); {_HOW_TO_GET_MODELS}") from error
        for name, values in zip(self._outputs, outputs, strict=True):
            wanted = (len(images), *self._interface.shapes[name])
            shape = np.shape(values)
            fits = len(shape) == len(wanted) and all(w in (None, s) for s, w in zip(shape, wanted, strict=True))
            if not fits or values.dtype != np.float32:
                raise LprError(f"{self.path}: gives {name} of another shape or type; {_HOW_TO_GET_MODELS}")
        return outputs

    def _checked(self, batch: ArrayLike) -> Floats:
        images = np.asarray(batch)
        height, width = self._interface.size
        wanted = f"(B, 3, {height}, {width}) of floats in [0, 1]"
        if images.ndim != 4 or images.shape[1:] != (3, height, width):
            raise LprError(f"a batch of shape {images.shape}: the {self.card.kind} takes {wanted}")
        if not np.issubdtype(images.dtype, np.floating):
            raise LprError(f"a batch of {images.dtype}: the {self.card.kind} takes {wanted}; divide bytes by 255")
        images = np.ascontiguousarray(images, np.float32)
        if images.size:
            low, high = float(images.min()), float(images.max())
            if not (np.isfinite(low) and np.isfinite(high)):
                raise LprError(f"a batch with values from {low:g} to {high:g}: the {self.card.kind} takes {wanted}")
            if low < -RANGE_TOLERANCE or high > 1 + RANGE_TOLERANCE:
                self._warn(f"values from {low:g} to {high:g} are clipped: the {self.card.kind} takes {wanted}")
                images = images.clip(0, 1)
        return images

    def _warn(self, message: str) -> None:
        """Warn of the caller's batch, the first time."""
        if not self._warned:
            self._warned = True
            # Of the line that called the recogniser's method.
            warnings.warn(message, stacklevel=5)


def _reason(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
