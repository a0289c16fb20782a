"""Stage `export`: checkpoints to `models/`, the bundle that is deployed and published."""

from __future__ import annotations

from pathlib import Path

from lpr.base.pipeline import models_code
from lpr.base.stage_lock import run
from lpr.exporting.bundle import export_bundle
from lpr.exporting.checkpoint import Checkpoint, load_checkpoint
from lpr.exporting.int8 import take_crops
from lpr.exporting.temperature import with_temperature
from lpr.records.manifest import load_manifest
from lpr.records.params import load_params

DATA = Path("data")
RECORDED = {"seed", "fetch_data", "train", "detector", "ocr", "export"}
"""Sections of params.yaml that shape the models; dvc.yaml declares the same ones for this stage."""


def main() -> None:
    params = load_params()
    detector, ocr = load_checkpoint("checkpoints/detector.pt", "detector"), load_checkpoint("checkpoints/ocr.pt", "ocr")
    crops = None
    if ocr.is_shipped:
        why = ", in float32, since export.int8 needs crops with texts in train and val" if params.export.int8 else ""
        print(f"ocr: the shipped one as it is, with its temperature{why}")
    else:
        ocr = _calibrated(ocr)
        if params.export.int8:
            crops = take_crops(DATA, ocr.card.settings["margin"], params.export.same_readings)
    if detector.is_shipped:
        print("detector: the shipped one as it is")
    exported = export_bundle(
        "models",
        {"detector": detector, "ocr": ocr},
        opset=params.export.opset,
        tolerance=params.export.parity,
        parameters=params.model_dump(mode="json", include=RECORDED, exclude_none=True),
        data=load_manifest(DATA / "manifest.json").data(),
        code=models_code(),
        crops=crops,
    )
    for kind, difference in exported.differences.items():
        print(f"models/{kind}.onnx: agrees with torch to {difference.value:.1g}")
    if exported.same_readings is not None:
        print(f"models/ocr.onnx: reads {exported.same_readings:.1%} of the validation crops in integers as in float32")


def _calibrated(ocr: Checkpoint) -> Checkpoint:
    calibrated, fit = with_temperature(ocr, DATA)
    print(
        f"ocr: at temperature {fit.temperature:.2f} its mean confidence on {fit.plates} validation plates is "
        f"{fit.confidence:.3f}, its accuracy {fit.accuracy:.3f}"
    )
    return calibrated


if __name__ == "__main__":
    run("export", main, ".models-*")
