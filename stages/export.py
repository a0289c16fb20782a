"""Stage `export`: checkpoints to `models/`, the bundle that is deployed and published."""

from __future__ import annotations

from lpr.exporting.bundle import export_bundle
from lpr.exporting.checkpoint import load_checkpoint
from lpr.exporting.provenance import read_manifest
from lpr.orphans import run
from lpr.params import load_params

RECORDED = {"seed", "fetch_data", "train", "detector", "ocr", "export"}
"""Sections of params.yaml that shape the models; dvc.yaml declares the same ones for this stage."""


def main() -> None:
    params = load_params()
    differences = export_bundle(
        "models",
        {
            "detector": load_checkpoint("checkpoints/detector.pt", "detector"),
            "ocr": load_checkpoint("checkpoints/ocr.pt", "ocr"),
        },
        opset=params.export.opset,
        tolerance=params.export.parity,
        parameters=params.model_dump(mode="json", include=RECORDED, exclude_none=True),
        manifest=read_manifest("data/manifest.json"),
    )
    for kind, difference in differences.items():
        print(f"models/{kind}.onnx: agrees with torch to {difference.value:.1g}")


if __name__ == "__main__":
    run("export", main, ".models-*")
