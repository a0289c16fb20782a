"""Folders of .onnx files: `LicensePlateRecognizer(models)`, and reading a plate with what it accepts."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from lpr.inference.recognizer import LicensePlateRecognizer
from lpr.inference.shipped import SHIPPED
from lpr.runtime.onnx_model import Card
from tests.fuzz import hostile, mutate
from tests.fuzz.target import Made, expect
from tests.fuzz.targets.image import check_plates

_CARDS = {"detector": Card("detector", {"threshold": 0.3, "nms_iou": 0.4}), "ocr": Card("ocr", {"margin": 0.05})}


class Target:
    """Two small models whose graphs, weights, metadata and bytes are changed; at times the shipped ones."""

    memory = 1500

    def __init__(self, seeds: Path) -> None:
        self._models = {"detector": detector_model(), "ocr": ocr_model()}
        self._photo = Image.fromarray(np.random.default_rng(1).integers(0, 255, (90, 160, 3), np.uint8))

    def make(self, rng: random.Random, folder: Path) -> Made:
        kind = rng.choice(("detector", "ocr"))
        shipped = rng.random() < 0.05
        for name, model in self._models.items():
            data = (SHIPPED / f"{name}.onnx").read_bytes() if shipped else model.SerializeToString()
            if name == kind:
                data, note, refuse = _spoil(data, rng, shipped)
            (folder / f"{name}.onnx").write_bytes(data)
        return Made(f"{kind}{', shipped' if shipped else ''}: {note}", refuse)

    def run(self, folder: Path) -> str:
        recognizer = LicensePlateRecognizer(folder, threads=1)
        plates = recognizer.read(self._photo)
        check_plates(plates, self._photo)
        best = recognizer.detect(np.zeros((2, 3, 224, 224), np.float32))
        expect(best.shape == (2, 5), f"detect gives {best.shape}")
        logits = recognizer.recognize_text(np.zeros((2, 3, 32, 128), np.float32))
        expect(logits.ndim == 3 and logits.shape[::2] == (2, 36), f"recognize_text gives {logits.shape}")
        return "read"


def _spoil(data: bytes, rng: random.Random, shipped: bool) -> tuple[bytes, str, bool]:
    if shipped or rng.random() < 0.3:
        return mutate.damage(data, rng), "bytes changed", False
    model = onnx.load_from_string(data)
    change = rng.choice(_CHANGES)
    refuse = bool(change(model, rng))
    return model.SerializeToString(), f"{change.__name__[1:]}", refuse


def _external(model: Any, rng: random.Random) -> bool:
    """Let weights come from a file beside the case's folder."""
    tensor = rng.choice(model.graph.initializer)
    size = len(tensor.raw_data)
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    places = (
        f"{hostile.OUTSIDE}/canary.bin",
        "/etc/passwd",
        "/dev/zero",
        "../case/detector.onnx",
        "detector.onnx",
        "/proc/self/mem",
    )
    for key, value in (("location", rng.choice(places)), ("offset", "0"), ("length", str(size))):
        entry = tensor.external_data.add()
        entry.key, entry.value = key, value
    return True


def _dims(model: Any, rng: random.Random) -> None:
    tensor = rng.choice(model.graph.initializer)
    at = rng.randrange(max(len(tensor.dims), 1))
    if tensor.dims:
        tensor.dims[at] = rng.choice((0, -1, 1, 1 << 31, 1 << 40, (1 << 63) - 1, tensor.dims[at] + 1))


def _weights(model: Any, rng: random.Random) -> None:
    tensor = rng.choice(model.graph.initializer)
    values = numpy_helper.to_array(tensor).copy()
    extremes = (np.nan, np.inf, -np.inf, 1e38, -1e38, 0, 1e-38) if values.dtype.kind == "f" else (0, -1, 1 << 40, 5)
    values.reshape(-1)[rng.randrange(max(values.size, 1)) :: rng.choice((1, 2, 1 << 30))] = rng.choice(extremes)
    tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))


def _types(model: Any, rng: random.Random) -> None:
    tensor = rng.choice(
        (*model.graph.initializer, *(v.type.tensor_type for v in (*model.graph.input, *model.graph.output)))
    )
    field = "data_type" if hasattr(tensor, "data_type") else "elem_type"
    setattr(tensor, field, rng.choice((0, 1, 2, 6, 7, 8, 9, 10, 11, 16, 22, 99)))


def _operators(model: Any, rng: random.Random) -> None:
    node = rng.choice(model.graph.node)
    kind = rng.randrange(6)
    if kind == 0:
        node.op_type = rng.choice(
            ("System", "PyOp", "Loop", "Softmax", "Expand", "Tile", "Resize", "NonZero", "LSTM", "Einsum", "")
        )
    elif kind == 1:
        node.domain = rng.choice(("com.microsoft", "ai.onnx.ml", "evil", "com.microsoft.nchwc"))
    elif kind == 2 and node.input:
        node.input[rng.randrange(len(node.input))] = rng.choice(
            (*(n.output[0] for n in model.graph.node), "", "nothing", "images")
        )
    elif kind == 3:
        node.attribute.add().CopyFrom(
            helper.make_attribute(
                rng.choice(("axis", "kernel_shape", "pads", "strides", "group", "x")),
                rng.choice((-9, 1 << 40, [0, 0], [-1, 1 << 40], 3.5, "x")),
            )
        )
    elif kind == 4:
        del model.graph.node[rng.randrange(len(model.graph.node))]
    else:
        model.graph.node.extend([node] * rng.choice((1, 3000)))


def _card(model: Any, rng: random.Random) -> None:
    value = json.loads(model.metadata_props[0].value)
    data = mutate.to_json(mutate.tree(value, rng), rng)
    model.metadata_props[0].value = data.decode("utf-8", "replace")


def _shapes(model: Any, rng: random.Random) -> None:
    value = rng.choice((*model.graph.input, *model.graph.output))
    dims = value.type.tensor_type.shape.dim
    if rng.random() < 0.2:
        value.name = rng.choice(hostile.TEXTS).encode("utf-8", "replace").decode()
    elif rng.random() < 0.3:
        dims.add().dim_value = rng.choice((1, 1 << 40))
    else:
        dims[rng.randrange(len(dims))].dim_value = rng.choice((0, -1, 1, 7, 1 << 40, (1 << 63) - 1))


def add_loop(model: Any) -> None:
    """Add a loop without end. (Nodes that make much out of little, such as 40 doublings, no check finds: README.)"""
    graph = model.graph
    out = graph.output[0].name
    last = next(node for node in graph.node if out in node.output)
    last.output[list(last.output).index(out)] = "before"
    graph.initializer.append(numpy_helper.from_array(np.array((1 << 63) - 1, np.int64), "trips"))
    graph.initializer.append(numpy_helper.from_array(np.array(True), "go"))
    kinds = {"i": TensorProto.INT64, "c": TensorProto.BOOL, "v": TensorProto.FLOAT}
    values = [helper.make_tensor_value_info(name, kind, None if name == "v" else []) for name, kind in kinds.items()]
    nodes = [helper.make_node("Identity", [name], [f"{name}2"]) for name in "cv"]
    made = [helper.make_tensor_value_info(f"{name}2", kinds[name], None if name == "v" else []) for name in "cv"]
    body = helper.make_graph(nodes, "body", values, made)
    graph.node.append(helper.make_node("Loop", ["trips", "go", "before"], [out], body=body))


def _loop(model: Any, rng: random.Random) -> bool:
    add_loop(model)
    return True


_CHANGES = (_external, _dims, _weights, _weights, _types, _operators, _operators, _card, _shapes, _loop)


def detector_model() -> Any:
    """A detector that always sees plates, here and there, by what the pixels are."""
    rng = np.random.default_rng(0)
    weights = {
        "w1": rng.normal(0, 0.2, (4, 3, 8, 8)).astype(np.float32), "b1": np.zeros(4, np.float32),
        "w2": rng.normal(0, 0.02, (5, 4, 7, 7)).astype(np.float32), "b2": np.array([-1, -1, -0.4, -1, 1.5], np.float32),
        "shape": np.array([0, 5, 16], np.int64), "zero": np.array([0], np.int64), "one": np.array([1], np.int64),
    }  # fmt: skip
    nodes = [
        helper.make_node("Conv", ["images", "w1", "b1"], ["h"], strides=[8, 8]),
        helper.make_node("Relu", ["h"], ["r"]),
        helper.make_node("Conv", ["r", "w2", "b2"], ["s"], strides=[7, 7]),
        helper.make_node("Reshape", ["s", "shape"], ["flat"]),
        helper.make_node("Sigmoid", ["flat"], ["shares"]),
        helper.make_node("Transpose", ["shares"], ["candidates"], perm=[0, 2, 1]),
        helper.make_node("Slice", ["candidates", "zero", "one", "one"], ["first"]),
        helper.make_node("Squeeze", ["first", "one"], ["best"]),
    ]
    return _model("detector", nodes, weights, ("images", [224, 224]), {"best": [5], "candidates": [16, 5]})


def ocr_model() -> Any:
    """An OCR that reads something into everything."""
    rng = np.random.default_rng(1)
    weights = {
        "w": rng.normal(0, 0.5, (36, 3, 32, 8)).astype(np.float32), "b": np.full(36, 0.5, np.float32),
        "axis": np.array([2], np.int64),
    }  # fmt: skip
    nodes = [
        helper.make_node("Conv", ["crops", "w", "b"], ["s"], strides=[8, 8]),
        helper.make_node("Squeeze", ["s", "axis"], ["line"]),
        helper.make_node("Transpose", ["line"], ["logits"], perm=[0, 2, 1]),
    ]
    return _model("ocr", nodes, weights, ("crops", [32, 128]), {"logits": [16, 36]})


def _model(
    kind: str, nodes: list[Any], weights: dict[str, Any], given: tuple[str, list[int]], made: dict[str, list[int]]
) -> Any:
    name, size = given
    graph = helper.make_graph(
        nodes, kind,
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", 3, *size])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["batch", *shape]) for output, shape in made.items()],
        [numpy_helper.from_array(values, name) for name, values in weights.items()],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    entry = model.metadata_props.add()
    entry.key, entry.value = "lpr", _CARDS[kind].to_json()
    return model
