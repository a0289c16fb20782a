"""Model files of anybody's: what is no plain graph is not opened, and what it gives is looked at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from lpr.base.errors import LprError
from lpr.inference.recognizer import LicensePlateRecognizer
from lpr.inference.shipped import SHIPPED
from lpr.runtime import plain_graph
from tests.fuzz.targets.model import add_loop, detector_model, ocr_model

PHOTO = np.random.default_rng(1).integers(0, 255, (90, 160, 3), np.uint8)


@pytest.fixture
def models(tmp_path: Path) -> Callable[..., Path]:
    """Write both models, one of them changed."""

    def write(change: Callable[[Any], object] | None = None, kind: str = "detector") -> Path:
        for name, model in (("detector", detector_model()), ("ocr", ocr_model())):
            if name == kind and change is not None:
                change(model)
            (tmp_path / f"{name}.onnx").write_bytes(model.SerializeToString())
        return tmp_path

    return write


def outside(model: Any) -> None:
    """Keep the first weights in a file beside the models' folder, where they lie in good order."""
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", "weights.bin"), ("length", str(4 * int(np.prod(tensor.dims))))):
        entry = tensor.external_data.add()
        entry.key, entry.value = key, value


def in_attribute(model: Any) -> None:
    tensor = numpy_helper.from_array(np.zeros(3, np.float32), "x")
    tensor.data_location = TensorProto.EXTERNAL
    model.graph.node.append(helper.make_node("Constant", [], ["unused"], value=tensor))


def foreign(model: Any) -> None:
    model.graph.node[1].domain = "com.microsoft"


def function(model: Any) -> None:
    nodes = [helper.make_node("Relu", ["x"], ["y"])]
    model.functions.append(helper.make_function("own", "F", ["x"], ["y"], nodes, [helper.make_opsetid("", 18)]))


def test_the_models_as_they_are_read_something(models: Callable[..., Path]) -> None:
    recognizer = LicensePlateRecognizer(models(), threads=1)
    (found,) = recognizer.find([Image.fromarray(PHOTO)], threshold=0.0)
    assert found and recognizer.read(PHOTO) == []
    for name in ("detector", "ocr"):
        plain_graph.check((SHIPPED / f"{name}.onnx").read_bytes())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (outside, "its weights lie in another file"),
        (in_attribute, "its weights lie in another file"),
        (foreign, "its operator 'Relu' is not one of ONNX's own"),
        (function, "it holds functions or training steps"),
        (add_loop, "its operator 'Loop' runs a graph of its own"),
    ],
)
def test_what_is_no_plain_graph_is_refused(
    models: Callable[..., Path], change: Callable[[Any], object], reason: str
) -> None:
    folder = models(change)
    (folder / "weights.bin").write_bytes(bytes(1 << 20))
    with pytest.raises(LprError, match=rf"detector\.onnx: not a usable ONNX model \({reason}"):
        LicensePlateRecognizer(folder, threads=1)


@pytest.mark.parametrize("cut", [0, 1, 5, 100, 1000])
def test_a_file_that_is_cut_short_is_refused(models: Callable[..., Path], cut: int) -> None:
    path = models() / "ocr.onnx"
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(LprError, match=r"ocr\.onnx: not"):
        LicensePlateRecognizer(path.parent, threads=1)


def _weights(model: Any, name: str, values: Any) -> None:
    tensor = next(tensor for tensor in model.graph.initializer if tensor.name == name)
    tensor.CopyFrom(numpy_helper.from_array(values, name))


def test_a_graph_that_fails_when_it_runs_names_the_model(models: Callable[..., Path]) -> None:
    def change(model: Any) -> None:
        model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 7

    folder = models(change, "ocr")
    with pytest.raises(LprError, match=r"ocr\.onnx: cannot be run"):
        LicensePlateRecognizer(folder, threads=1).read(PHOTO)


def test_outputs_of_another_shape_name_the_model(models: Callable[..., Path]) -> None:
    def change(model: Any) -> None:
        _weights(model, "shape", np.array([0, 4, 20], np.int64))
        for output in model.graph.output:
            output.type.tensor_type.ClearField("shape")

    with pytest.raises(LprError, match=r"detector\.onnx: gives (best|candidates) of another shape"):
        LicensePlateRecognizer(models(change), threads=1).read(PHOTO)


def test_weights_that_are_no_numbers_name_the_model(models: Callable[..., Path]) -> None:
    folder = models(lambda model: _weights(model, "b2", np.array([np.nan, 0, 0, 0, 5], np.float32)))
    with pytest.raises(LprError, match=r"detector\.onnx: gives boxes or confidences that are none"):
        LicensePlateRecognizer(folder, threads=1).read(PHOTO)


def test_a_setting_with_too_many_digits_names_the_model(models: Callable[..., Path]) -> None:
    def change(model: onnx.ModelProto) -> None:
        entry = model.metadata_props[0]
        entry.value = entry.value.replace("0.3", "9" * 400)

    with pytest.raises(LprError, match=r"detector\.onnx: does not fit this version"):
        LicensePlateRecognizer(models(change), threads=1)
