"""The OCR's convolutions and linear layers in 8-bit integers: the same readings in half the time.

Quantisation after training (Jacob et al. 2018, "Quantization and Training of Neural Networks for Efficient
Integer-Arithmetic-Only Inference"), by ONNX Runtime's own tool. What is added up along the way, normalised or weighed
by a softmax stays in float32.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from lpr.base.errors import LprError
from lpr.data.annotations import Split
from lpr.decoding.ctc import decode
from lpr.exporting.crop_inputs import crop_input, spread_crops
from lpr.plate.crop import as_batch
from lpr.runtime.onnx_model import METADATA_KEY, Card, OnnxModel

CALIBRATION, VALIDATION = 256, 1024
"""Crops, at most, that tell the ranges of the activations, and of which the readings are compared."""
_AT_ONCE = 32

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Crops:
    """What an OCR is quantised by.

    Attributes:
        calibration: `(N, 3, 32, 128)` in [0, 1], crops of the training split.
        validation: the same of the validation split.
        same: least share of the latter that has to be read alike before and after.
    """

    calibration: Floats
    validation: Floats
    same: float


def take_crops(data: Path, margin: float, same: float) -> Crops:
    """Cut the crops out of a data set, evenly spread over its splits. Raises LprError where a split has none."""

    def cut(split: Split, most: int) -> Floats:
        crops = spread_crops(data, split, most)
        if not crops:
            raise LprError(f"{data}/annotations/{split}.json: no plate with text, which export.int8 needs")
        return as_batch([crop_input(crop, margin) for crop in crops])

    return Crops(cut("train", CALIBRATION), cut("val", VALIDATION), same)


def quantise(path: Path, card: Card, crops: Crops) -> float:
    """Replace an exported OCR by one whose convolutions and linear layers compute in integers.

    Weights have 7 bits: processors without instructions for it add products of 8 bits in 16, which may overflow.

    Args:
        path: the .onnx file.
        card: goes into it.
        crops: see there.

    Returns:
        The share of the validation crops that both read alike.

    Raises:
        LprError: it is lower than `crops.same`; the file is as it was.
    """
    before = OnnxModel(path, "ocr")
    quantised = path.with_suffix(".int8.onnx")
    try:
        _quantise(path, quantised, crops.calibration)
        model = onnx.load(str(quantised))
        onnx.helper.set_model_props(model, {METADATA_KEY: card.to_json()})
        # The tool declares every set of operators that it knows.
        used = [entry for entry in model.opset_import if entry.domain in ("", "ai.onnx")]
        del model.opset_import[:]
        model.opset_import.extend(used)
        quantised.write_bytes(model.SerializeToString(deterministic=True))
        same = _same_readings(before, OnnxModel(quantised, "ocr"), crops.validation)
        if same < crops.same:
            raise LprError(
                f"{path.name}: in integers it reads {same:.1%} of the validation crops as before, fewer than "
                f"export.same_readings ({crops.same:.1%}); set export.int8 to false, or train for longer"
            )
        quantised.replace(path)
    finally:
        quantised.unlink(missing_ok=True)
    return same


def _quantise(source: Path, target: Path, crops: Floats) -> None:
    model = onnx.load(str(source))
    for number, node in enumerate(model.graph.node):
        node.name = node.name or f"{node.op_type}_{number}"
    logging.disable(logging.WARNING)  # it advises to fuse batch norms, which our exporter has done
    try:
        quantize_static(
            model,
            str(target),
            _Batches(crops),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            nodes_to_quantize=list(_in_integers(model.graph)),
            # A linear layer's sums go where float32 is needed anyway.
            extra_options={"OpTypesToExcludeOutputQuantization": ["Gemm"]},
        )
    finally:
        logging.disable(logging.NOTSET)


def _in_integers(graph: Any) -> Iterator[str]:
    """Yield the names of the convolutions, with what follows each at once, and of the linear layers."""
    convolutional = True
    for node in graph.node:
        # The map is turned once the last convolution is through.
        convolutional = convolutional and node.op_type != "Transpose"
        if node.op_type == "Gemm" or (convolutional and node.op_type in ("Conv", "Relu", "Add")):
            yield node.name


def _same_readings(before: OnnxModel, after: OnnxModel, crops: Floats) -> float:
    pairs = zip(before(crops, _AT_ONCE)[0], after(crops, _AT_ONCE)[0], strict=True)
    return float(np.mean([decode(ours).text == decode(theirs).text for ours, theirs in pairs]))


class _Batches(CalibrationDataReader):  # type: ignore[misc]
    def __init__(self, crops: Floats) -> None:
        self._starts = iter(range(0, len(crops), _AT_ONCE))
        self._crops = crops

    def get_next(self) -> dict[str, Floats] | None:
        """Return the next batch under the input's name, None after the last."""
        start = next(self._starts, None)
        return None if start is None else {"crops": self._crops[start : start + _AT_ONCE]}
