from __future__ import annotations

import json

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from lpr.base.errors import LprError
from lpr.evaluation import gates
from lpr.evaluation.graph import checkpoint_weights, flops, onnx_weights, varying_bytes
from lpr.evaluation.samples import Samples
from lpr.metrics.counts import Count
from lpr.records import gates_file, gates_table
from lpr.records.gates_file import Gate
from tests.records_here import SOURCE, training_metadata

PLATES = [f"AB{index:03}" for index in range(100)]


def weights(count: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=count).astype(np.float32)


def write_model(path, tensor: np.ndarray, spare: np.ndarray | None = None, comment: str = "") -> None:
    """A graph that adds `tensor` to its input; `spare` is an initialiser that nothing uses."""
    initializers = [numpy_helper.from_array(tensor, "w")]
    if spare is not None:
        initializers.append(numpy_helper.from_array(spare, "spare"))
    shape = list(tensor.shape)
    graph = helper.make_graph(
        [helper.make_node("Add", ["x", "w"], ["y"])],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
        initializers,
        doc_string=comment,
    )
    onnx.save(helper.make_model(graph), path)


@pytest.fixture
def models(tmp_path):
    """A folder of four files of 200 KB of weights each."""
    for kind in ("detector", "ocr"):
        write_model(tmp_path / f"{kind}.onnx", weights(51200))
        torch.save({"weights": {"w": torch.from_numpy(weights(51200))}}, tmp_path / f"{kind}.pt")
    return tmp_path


def test_end_to_end_gate():
    assert gates.end_to_end(Count(85, 100), 0.85).passed
    gate = gates.end_to_end(Count(84, 100), 0.85)
    assert not gate.passed
    assert gate.value == 0.84
    assert "84 of 100" in gate.detail
    nothing = gates.end_to_end(Count(), 0.85)
    assert (nothing.applies, nothing.passed, nothing.value) == (False, False, None)
    assert "no plate" in nothing.detail


def test_detection_and_recognition_gates():
    assert gates.detection(0.9, 40, 0.9).passed
    assert not gates.detection(0.89, 40, 0.9).passed
    assert gates.recognition(Count(17, 20), 0.85).passed
    assert not gates.recognition(Count(16, 20), 0.85).passed
    assert not gates.detection(None, 0, 0.9).applies
    assert not gates.recognition(Count(), 0.85).applies


def test_what_there_is_no_truth_for_is_left_to_the_other_gates():
    boxes = gates.accuracy(
        gates.end_to_end(Count(), 0.85), gates.detection(0.95, 40, 0.9), gates.recognition(Count(), 0.85)
    )
    assert gates_file.failed(boxes) == []
    assert [gates_file.verdict(gate) for gate in boxes] == ["n/a", "pass", "n/a"]
    assert gates_table.summary(boxes) == "all 1 gates are met; not applicable: end_to_end, recognition"
    both_apart = gates.accuracy(
        gates.end_to_end(Count(), 0.85), gates.detection(0.95, 40, 0.9), gates.recognition(Count(1, 2), 0.85)
    )
    assert [gate.name for gate in gates_file.failed(both_apart)] == ["recognition"]


def test_without_any_truth_the_gates_of_accuracy_are_missed():
    nothing = gates.accuracy(
        gates.end_to_end(Count(), 0.85), gates.detection(None, 0, 0.9), gates.recognition(Count(), 0.85)
    )
    assert [gate.name for gate in gates_file.failed(nothing)] == ["end_to_end", "detection", "recognition"]


def test_a_gate_that_does_not_apply_comes_back_from_its_file(tmp_path):
    gate = gates.end_to_end(Count(), 0.85)
    gates_file.save_gates(tmp_path / "gates.json", [gate])
    assert gates_file.load_gates(tmp_path / "gates.json") == [gate]


def test_batch_seconds_gate():
    assert gates.batch_seconds(1999.0, 10, 2.0).passed
    assert not gates.batch_seconds(2000.0, 10, 2.0).passed
    assert not gates.batch_seconds(float("nan"), 10, 2.0).passed


def test_model_kilobytes_gate_tells_the_smallest_file(models):
    gate = gates.model_kilobytes(models, 100)
    assert gate.passed
    assert gate.value == pytest.approx(min(path.stat().st_size for path in models.iterdir()) / 1024)
    assert not gates.model_kilobytes(models, 300).passed


@pytest.mark.parametrize("name", ["detector.onnx", "ocr.pt"])
def test_model_kilobytes_gate_names_a_file_that_is_missing_or_broken(models, name):
    (models / name).write_bytes(b"x" * 300_000)
    assert name in gates.model_kilobytes(models, 100).detail
    assert not gates.model_kilobytes(models, 100).passed
    (models / name).unlink()
    gate = gates.model_kilobytes(models, 100)
    assert (gate.passed, gate.value) == (False, None)
    assert name in gate.detail


def test_padding_is_no_model(models):
    small = weights(2000)
    padded = [
        lambda path: write_model(path, np.concatenate([small, np.zeros(60_000, np.float32)])),
        lambda path: write_model(path, small, spare=weights(60_000)),
        lambda path: write_model(path, small, comment="x" * 300_000),
        lambda path: write_model(path, np.full(60_000, 0.1, np.float32)),
    ]
    for write in padded:
        write(models / "ocr.onnx")
        gate = gates.model_kilobytes(models, 100)
        assert (models / "ocr.onnx").stat().st_size > 200_000
        assert not gate.passed
        assert "ocr.onnx" in gate.detail
        assert "padding" in gate.detail


def test_padded_checkpoint_is_no_model(models):
    for padding in (torch.zeros(80_000), "x" * 300_000):
        torch.save({"weights": {"w": torch.from_numpy(weights(2000))}, "padding": padding}, models / "ocr.pt")
        assert not gates.model_kilobytes(models, 100).passed
    torch.save({"weights": {"w": torch.from_numpy(weights(2000)), "padding": torch.ones(80_000)}}, models / "ocr.pt")
    assert "ocr.pt" in gates.model_kilobytes(models, 100).detail


def test_weights_are_told_from_what_repeats(models):
    assert varying_bytes(np.zeros(10, np.float32)) == 0
    assert varying_bytes(np.array([0, 0, 0, 1, 2], np.float32)) == 8
    assert varying_bytes(np.arange(5, dtype=np.float16)) == 10
    assert varying_bytes(np.full(5, np.nan, np.float32)) == 0
    assert onnx_weights(models / "ocr.onnx").parameters == 51200
    assert checkpoint_weights(models / "ocr.pt").weight_bytes == pytest.approx(4 * 51200, rel=1e-3)


def test_flops_of_a_convolution_and_a_matrix_by_hand(tmp_path):
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["x", "k"], ["c"], pads=[1, 1, 1, 1], strides=[2, 2], group=2),
            helper.make_node("Flatten", ["c"], ["f"]),
            helper.make_node("Gemm", ["f", "m"], ["g"]),
            helper.make_node("MatMul", ["g", "n"], ["y"]),
        ],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 4, 8, 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", 5])],
        [
            numpy_helper.from_array(weights(6 * 2 * 9).reshape(6, 2, 3, 3), "k"),
            numpy_helper.from_array(weights(96 * 10).reshape(96, 10), "m"),
            numpy_helper.from_array(weights(10 * 5).reshape(10, 5), "n"),
        ],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)]), tmp_path / "m.onnx")
    one = 2 * (6 * 4 * 4 * 2 * 9 + 96 * 10 + 10 * 5)
    assert flops(tmp_path / "m.onnx") == one
    assert flops(tmp_path / "m.onnx", batch=3) == 3 * one


def test_metadata_gate_passes_when_every_field_is_there(tmp_path):
    (tmp_path / "training_metadata.json").write_text(json.dumps(training_metadata()))
    gate = gates.metadata_complete(tmp_path)
    assert (gate.passed, gate.value) == (True, 0)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"training_date": "soon"}, "training_date"),
        ({"training_date": "2999-01-01"}, "training_date"),
        ({"pytorch_version": ""}, "pytorch_version"),
        ({"device": " "}, "device"),
        ({"git_commit": None}, "git_commit"),
        ({"data": {"sources": [SOURCE]}}, "data.fingerprint"),
        ({"data": {"fingerprint": "0123456789abcdef", "sources": []}}, "data.sources"),
        ({"data": {"fingerprint": "0123456789abcdef", "sources": [{"name": "x"}]}}, "data.sources.0.licence: missing"),
        ({"data": "all of it"}, "data is 'all of it'"),
        ({"parameters": {}}, "parameters"),
        ({"metrics": []}, "metrics"),
        ({"weather": "fine"}, "weather: unknown key"),
    ],
)
def test_metadata_gate_names_each_field_at_fault(tmp_path, change, named):
    (tmp_path / "training_metadata.json").write_text(json.dumps(training_metadata(**change)))
    gate = gates.metadata_complete(tmp_path)
    assert not gate.passed and gate.value >= 1
    assert named in gate.detail


@pytest.mark.parametrize("content", [None, "{", "[]", "[" * 100_000])
def test_metadata_that_cannot_be_read_fails_its_gate(tmp_path, content):
    if content is not None:
        (tmp_path / "training_metadata.json").write_text(content)
    gate = gates.metadata_complete(tmp_path)
    assert (gate.passed, gate.value) == (False, None)
    assert "training_metadata.json" in gate.detail


def test_shuffled_labels_are_never_the_own_ones():
    for texts in (["A", "B"], ["A", "A", "B", "B"], ["C", "A", "B", "A"], PLATES + PLATES[:30] + ["AB001"] * 60):
        shuffled = gates.shuffle(texts)
        assert sorted(shuffled) == sorted(texts)
        assert all(own != other for own, other in zip(texts, shuffled, strict=True))
        assert gates.shuffle(texts) == shuffled
    assert gates.shuffle(["A", "A", "B"]) is None
    assert gates.shuffle(["A"]) is None
    assert gates.shuffle([]) is None


def test_input_sensitivity_gate():
    good = gates.input_sensitivity(PLATES, PLATES, 0.05)
    assert (good.passed, good.value) == (True, 0)
    mostly = [*PLATES[:60], *["XX"] * 40]
    assert gates.input_sensitivity(PLATES, mostly, 0.05).passed


@pytest.mark.parametrize(
    ("readings", "why"),
    [
        (["AB007"] * 100, "1 distinct readings"),
        ([""] * 100, "0 distinct readings"),
        ([f"X{index}" for index in range(100)], "no better than by chance"),
        (gates.shuffle(PLATES), "100 of 100 right with shuffled labels"),
    ],
)
def test_readings_that_do_not_follow_the_input_fail(readings, why):
    gate = gates.input_sensitivity(PLATES, readings, 0.05)
    assert not gate.passed
    assert why in gate.detail


def test_input_sensitivity_needs_two_texts():
    for plates in ([], ["AB1"], ["AB1"] * 5):
        gate = gates.input_sensitivity(plates, plates, 0.05)
        assert (gate.passed, gate.value) == (False, None)


def test_repeatability_gate(oracle):
    generator = np.random.default_rng(0)
    images, crops = generator.random((10, 3, 224, 224), np.float32), generator.random((10, 3, 32, 128), np.float32)
    samples = Samples(images, crops, [])
    gate = gates.repeatability(oracle(), samples, 0.0)
    assert (gate.passed, gate.value) == (True, 0)
    noisy = gates.repeatability(oracle(noise=0.01), samples, 0.0)
    assert not noisy.passed
    assert 0 < noisy.value <= 0.01
    assert gates.repeatability(oracle(noise=0.01), samples, 0.02).passed
    broken = gates.repeatability(oracle(fill=float("nan")), samples, 0.0)
    assert (broken.passed, broken.value) == (False, None)
    assert "not finite" in broken.detail


def test_gates_file_keeps_verdicts_and_prints_a_table(tmp_path):
    path = tmp_path / "gates.json"
    first = Gate("end_to_end", 0.91236789, 0.85, ">=", True, "91 of 100")
    gates_file.save_gates(path, [first, Gate("repeatability", 2.34567e-7, 0.0, "<=", False, "two calls")])
    text, met = gates_table.report(path)
    assert not met
    assert text.splitlines() == [
        "pass  end_to_end     0.9124    >= 0.85  91 of 100",
        "FAIL  repeatability  2.35e-07  <= 0     two calls",
        "failed: repeatability",
    ]
    gates_file.save_gates(path, [first, Gate("x", None, 1.0, "<", True, "")])
    assert gates_table.report(path)[0].endswith("all 2 gates are met")
    assert gates_table.report(path)[1]
    assert gates_file.failed(gates_file.load_gates(path)) == []


@pytest.mark.parametrize(
    "content",
    [None, "", "{}", "[]", '{"gates": []}', '{"gates": [{"name": "x"}]}',
     '{"gates": [{"name": "x", "value": 1, "threshold": 1, "direction": "<", "passed": "no", "detail": ""}]}',
     "[" * 100_000],
)  # fmt: skip
def test_a_gates_file_that_is_none_is_an_error(tmp_path, content):
    path = tmp_path / "gates.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(LprError, match=r"gates\.json.*dvc repro evaluate"):
        gates_table.report(path)


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", 5), ("value", "x"), ("value", True), ("value", 10**400), ("threshold", None), ("direction", [1]),
     ("direction", "=="), ("detail", 0.5)],
)  # fmt: skip
def test_a_gate_with_a_field_of_another_type_is_named(tmp_path, field, value):
    record = {"name": "x", "value": 1, "threshold": 1, "direction": "<", "passed": True, "detail": "", field: value}
    path = tmp_path / "gates.json"
    path.write_text(json.dumps({"passed": True, "gates": [record], "models": {}}))
    with pytest.raises(LprError, match=rf"gates\.json: gates\.0\.{field} is .*dvc repro evaluate"):
        gates_table.report(path)
