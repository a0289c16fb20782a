"""The OCR as it is exported: the numbers of the network that was trained, by operators that the runtime fuses."""

from __future__ import annotations

from pathlib import Path

import onnx
import onnxruntime
import torch

from lpr.exporting.ocr_graph import OcrGraph
from lpr.exporting.onnx_file import write_onnx
from lpr.ocr.model import Ocr
from tests.tiny import OCR_CARD


def unlike_its_start(seed: int) -> Ocr:
    """An OCR none of whose weights is zero or one, as after a training."""
    torch.manual_seed(seed)
    module = Ocr(4).eval()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter += 0.1 * torch.randn_like(parameter)
        module.temperature.fill_(1.7)
    return module


def test_it_gives_the_log_odds_of_the_trained_network() -> None:
    module = unlike_its_start(0)
    crops = torch.rand(3, 3, 32, 128)
    with torch.no_grad():
        ours, theirs = OcrGraph(module)(crops), module(crops)
    assert theirs.std() > 0.1
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-5)


def test_the_runtime_fuses_what_it_can_and_nothing_that_is_slower(tmp_path: Path) -> None:
    write_onnx(OcrGraph(unlike_its_start(0)), OCR_CARD, tmp_path / "ocr.onnx", 18)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.optimized_model_filepath = str(tmp_path / "optimised.onnx")
    onnxruntime.InferenceSession(tmp_path / "ocr.onnx", options, providers=["CPUExecutionProvider"])
    operators = [node.op_type for node in onnx.load(tmp_path / "optimised.onnx").graph.node]
    assert operators.count("Gelu") == 1
    assert operators.count("Gemm") == 7
    assert not {"Erf", "SkipLayerNormalization", "Split"} & set(operators)
