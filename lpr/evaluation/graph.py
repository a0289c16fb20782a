"""What an ONNX file holds: parameters, arithmetic, and whether its bytes are weights or padding."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper, shape_inference

from lpr.base.errors import LprError

COUNTED = ("Conv", "ConvTranspose", "Gemm", "MatMul")
"""The operators whose multiplications are counted; the rest (activations, pooling, sums) cost a few percent more."""


@dataclass(frozen=True)
class Weights:
    """What a model file spends its bytes on.

    Attributes:
        file_bytes: size of the file.
        weight_bytes: bytes of the weights that vary: elements that equal the commonest value of their tensor are not
            counted, nor are tensors that no operator uses, so that padding of either kind counts for nothing.
        parameters: number of elements of all weights.
    """

    file_bytes: int
    weight_bytes: int
    parameters: int


def varying_bytes(tensor: np.ndarray) -> int:
    """Return the bytes of the elements that differ from the tensor's commonest value; 0 for a constant tensor."""
    if tensor.size < 2:
        return 0
    _, counts = np.unique(tensor, return_counts=True, equal_nan=True)
    commonest = int(counts.max())
    # One of each value is what weights look like: only what repeats is taken off.
    return int((tensor.size - (commonest if commonest > 1 else 0)) * tensor.itemsize)


def load(path: Path | str) -> Any:
    """Return the ONNX model of a file. Raises LprError when it is missing or is none."""
    _must_exist(path)
    try:
        return onnx.load(str(path))
    except Exception as error:  # protobuf's DecodeError is no subclass of anything narrower
        raise LprError(
            f"{path}: not readable as an ONNX model ({type(error).__name__}); run `dvc repro export`"
        ) from error


def onnx_weights(path: Path | str) -> Weights:
    """Return what the bytes of an .onnx file are. Raises LprError when it is missing or is no ONNX model."""
    graph = load(path).graph
    used = {name for node in graph.node for name in node.input}
    tensors = [numpy_helper.to_array(tensor) for tensor in graph.initializer if tensor.name in used]
    tensors += [
        numpy_helper.to_array(a.t)
        for node in graph.node
        if node.op_type == "Constant"
        for a in node.attribute
        if a.HasField("t")
    ]
    # Whole numbers of 8 bits are quantised weights, longer ones shapes and places.
    weights = [tensor for tensor in tensors if tensor.dtype.kind == "f" or tensor.dtype in (np.int8, np.uint8)]
    return Weights(Path(path).stat().st_size, sum(map(varying_bytes, weights)), sum(tensor.size for tensor in weights))


def checkpoint_weights(path: Path | str) -> Weights:
    """Return what the bytes of a .pt checkpoint are. Raises LprError when it is missing or is no such checkpoint."""
    from lpr.base import torch_file

    _must_exist(path)
    try:
        state = torch_file.load(Path(path))["weights"]
        tensors = [tensor.detach().float().numpy() for tensor in state.values() if tensor.is_floating_point()]
        widths = [tensor.element_size() / 4 for tensor in state.values() if tensor.is_floating_point()]
    except Exception as error:  # torch.load raises what it pleases on foreign bytes
        raise LprError(
            f"{path}: not readable as a checkpoint ({type(error).__name__}); run `dvc repro export`"
        ) from error
    varying = sum(varying_bytes(tensor) * width for tensor, width in zip(tensors, widths, strict=True))
    return Weights(Path(path).stat().st_size, int(varying), sum(tensor.size for tensor in tensors))


def flops(path: Path | str, batch: int = 1) -> int:
    """Return the floating-point operations of one run, two for each multiply-add of the `COUNTED` operators.

    Shapes are inferred by onnx for inputs of `batch` items; ONNX Runtime may fuse operators, which changes no count.

    Raises:
        LprError: the file is no ONNX model, or a counted operator's shape cannot be inferred.
    """
    model = load(path)
    for value in model.graph.input:
        dimension = value.type.tensor_type.shape.dim[0]
        dimension.Clear()
        dimension.dim_value = batch
    for value in model.graph.output:
        value.type.tensor_type.ClearField("shape")
    del model.graph.value_info[:]
    graph = shape_inference.infer_shapes(model, data_prop=True).graph
    shapes = {tensor.name: tuple(tensor.dims) for tensor in graph.initializer}
    for value in [*graph.input, *graph.value_info, *graph.output]:
        shapes[value.name] = tuple(
            d.dim_value if d.HasField("dim_value") else 0 for d in value.type.tensor_type.shape.dim
        )
    return sum(2 * _multiplications(node, shapes, path) for node in graph.node if node.op_type in COUNTED)


def _multiplications(node: Any, shapes: dict[str, tuple[int, ...]], path: Path | str) -> int:
    left, right = (shapes.get(name, ()) for name in node.input[:2])
    result = shapes.get(node.output[0], ())
    if not all((left, right, result)) or 0 in (*left, *right, *result):
        raise LprError(f"{path}: the shapes of {node.op_type} {node.name!r} cannot be inferred")
    if node.op_type == "Conv":
        return math.prod(result) * math.prod(right[1:])
    if node.op_type == "ConvTranspose":
        return math.prod(left) * math.prod(right[1:])
    if node.op_type == "Gemm":
        transposed = any(a.name == "transA" and a.i for a in node.attribute)
        return math.prod(result) * left[0 if transposed else 1]
    return math.prod(result) * left[-1]


def _must_exist(path: Path | str) -> None:
    if not Path(path).is_file():
        raise LprError(f"{path}: no such file; run `dvc repro export`")
