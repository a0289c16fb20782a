"""The bundle: the folder of models that is deployed and published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from lpr.base.errors import LprError
from lpr.base.files import write_json, write_text
from lpr.base.folders import replacing
from lpr.exporting.checkpoint import Checkpoint
from lpr.exporting.int8 import Crops, quantise
from lpr.exporting.model_card import model_card
from lpr.exporting.ocr_graph import OcrGraph
from lpr.exporting.onnx_file import Difference, check_parity, write_onnx
from lpr.exporting.training_record import training_metadata
from lpr.ocr.model import Ocr
from lpr.records.manifest import Data
from lpr.records.metadata import METADATA
from lpr.runtime.onnx_model import Kind, OnnxModel


@dataclass(frozen=True)
class Exported:
    """What was found out on the way: how far torch and ONNX Runtime are apart in float32, and what integers changed.

    Attributes:
        differences: by kind of model.
        same_readings: share of the validation crops that the quantised OCR reads as before; None without one.
    """

    differences: dict[Kind, Difference]
    same_readings: float | None


def export_bundle(
    folder: Path | str,
    checkpoints: Mapping[Kind, Checkpoint],
    *,
    opset: int,
    tolerance: float,
    parameters: Mapping[str, Any],
    data: Data,
    code: Sequence[Path],
    crops: Crops | None = None,
) -> Exported:
    """Write the bundle, whole or not at all: `{detector,ocr}.{pt,onnx}`, `training_metadata.json`, `README.md`.

    Args:
        folder: replaced, when it is there.
        checkpoints: of both kinds.
        opset: version of the ONNX operator set.
        tolerance: largest difference between torch and ONNX Runtime.
        parameters, data, code: recorded; see `training_metadata`.
        crops: by which the OCR is quantised, after it was compared with torch; None: it stays in float32.

    Raises:
        LprError: a network cannot be exported, the two disagree by more than `tolerance`, or the quantised OCR reads
            otherwise.
    """
    with replacing(Path(folder)) as fresh:
        differences: dict[Kind, Difference] = {}
        same = None
        for kind, checkpoint in checkpoints.items():
            module = checkpoint.module()
            graph = OcrGraph(module) if isinstance(module, Ocr) else module
            write_onnx(graph, checkpoint.card, fresh / f"{kind}.onnx", opset)
            differences[kind] = check_parity(module, OnnxModel(fresh / f"{kind}.onnx", kind), tolerance)
            if kind == "ocr" and crops is not None:
                same = quantise(fresh / "ocr.onnx", checkpoint.card, crops)
            value = dict(checkpoint.value)
            if not checkpoint.is_shipped:  # that one was trained on other data, whose fingerprint it has
                value["provenance"] = {**value["provenance"], "data": data.fingerprint}
            _save(value, fresh / f"{kind}.pt")
        files = {path.name: path for path in sorted(fresh.iterdir())}
        record = training_metadata(checkpoints, parameters, data, files, code)
        write_json(fresh / METADATA, record.model_dump(mode="json"))
        write_text(fresh / "README.md", model_card(record))
    return Exported(differences, same)


def _save(value: dict[str, Any], path: Path) -> None:
    try:
        torch.save(value, path)
    except RuntimeError as error:  # torch hides what the disk said
        raise LprError(f"{path}: cannot be written; free space there, then run `dvc repro` again") from error
