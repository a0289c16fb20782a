"""Stage `export`: checkpoints to `models/`, the bundle that is deployed and published."""

from __future__ import annotations

from pathlib import Path

from lpr.base.stage_lock import run
from lpr.exporting.bundle import export_bundle
from lpr.exporting.checkpoint import load_checkpoint
from lpr.exporting.int8 import take_crops
from lpr.exporting.temperature import with_temperature
from lpr.exporting.training_record import models_code, read_manifest
from lpr.records.params import load_params

RECORDED = {"seed", "fetch_data", "train", "detector", "ocr", "export"}
"""Sections of params.yaml that shape the models; dvc.yaml declares the same ones for this stage."""


def main() -> None:
    params = load_params()
    ocr, honesty = with_temperature(load_checkpoint("checkpoints/ocr.pt", "ocr"), Path("data"))
    print(
        f"ocr: at temperature {honesty.temperature:.2f} its mean confidence on {honesty.plates} validation plates is "
        f"{honesty.confidence:.3f}, its accuracy {honesty.accuracy:.3f}"
    )
    margin = ocr.card.settings["margin"]
    exported = export_bundle(
        "models",
        {"detector": load_checkpoint("checkpoints/detector.pt", "detector"), "ocr": ocr},
        opset=params.export.opset,
        tolerance=params.export.parity,
        parameters=params.model_dump(mode="json", include=RECORDED, exclude_none=True),
        manifest=read_manifest("data/manifest.json"),
        code=models_code(),
        crops=take_crops(Path("data"), margin, params.export.same_readings) if params.export.int8 else None,
    )
    for kind, difference in exported.differences.items():
        print(f"models/{kind}.onnx: agrees with torch to {difference.value:.1g}")
    if exported.same_readings is not None:
        print(f"models/ocr.onnx: reads {exported.same_readings:.1%} of the validation crops in integers as in float32")


if __name__ == "__main__":
    run("export", main, ".models-*")
