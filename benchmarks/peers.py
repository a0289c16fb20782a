"""Export the peers to ONNX, with random weights: their time does not depend on them.

Runs in the environment of benchmarks/requirements.txt: `python benchmarks/peers.py FOLDER`.
"""

from __future__ import annotations

import json
import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "torch"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ.setdefault("YOLO_OFFLINE", "true")

OPSET = 18
DETECTOR_SIDE, DETECTOR_BATCH = 224, 10
OCR_WIDTH, OCR_BATCH = 128, 32
OUR_HEIGHT, OWN_HEIGHT = 32, 64
"""Of crops: our OCR's, and the one in fast-plate-ocr's own plate configuration."""
SLOTS = 9
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_"


def export_yolo(target: Path) -> None:
    """Write YOLO11n for one class, built from its yaml, for batches of 10 at 224x224."""
    import yaml
    from ultralytics import YOLO
    from ultralytics.nn.tasks import yaml_model_load

    # The letter in the name tells ultralytics the scale, n.
    one_class = target.with_name("yolo11n-plate.yaml")
    one_class.write_text(yaml.safe_dump({**yaml_model_load("yolo11n.yaml"), "nc": 1, "scale": "n"}), encoding="utf-8")
    model = YOLO(str(one_class))
    written = model.export(format="onnx", imgsz=DETECTOR_SIDE, batch=DETECTOR_BATCH, opset=OPSET, simplify=True)
    Path(written).replace(target)


def cct_xs() -> dict[str, Any]:
    """Return fast-plate-ocr's smallest model, CCT-XS v1, in the terms of its model configuration."""

    def convolution(filters: int) -> dict[str, Any]:
        return {"layer": "Conv2D", "filters": filters, "kernel_size": 3, "padding": "valid", "activation": "relu"}

    pool = {"layer": "MaxBlurPooling2D", "pool_size": 2, "filter_size": 3}
    stem = [convolution(32), pool, convolution(48), convolution(64), pool, convolution(80), convolution(96)]
    patches = {"layer": "MLP", "hidden_units": [64], "activation": "gelu", "dropout_rate": 0.05}
    encoder = {
        "layers": 4, "heads": 1, "projection_dim": 64, "units": [64, 64], "activation": "gelu", "normalization": "dyt",
        "stochastic_depth": 0.05, "attention_dropout": 0.05, "mlp_dropout": 0.1, "head_mlp_dropout": 0.05,
        "token_reducer_heads": 4,
    }  # fmt: skip
    return {
        "model": "cct",
        "rescaling": {"scale": 1 / 255, "offset": 0.0},
        "tokenizer": {"blocks": stem, "positional_emb": True, "patch_size": 2, "patch_mlp": patches},
        "transformer_encoder": encoder,
    }


def export_cct(target: Path, height: int) -> None:
    """Write CCT-XS for RGB crops of `height` x 128, in batches of 32."""
    import torch
    from fast_plate_ocr.train.model.config import PlateConfig
    from fast_plate_ocr.train.model.model_builders import build_model
    from fast_plate_ocr.train.model.model_schema import CCTModelConfig

    plate = PlateConfig(
        max_plate_slots=SLOTS, alphabet=ALPHABET, pad_char="_", img_height=height, img_width=OCR_WIDTH,
        image_color_mode="rgb",
    )  # fmt: skip
    model = build_model(CCTModelConfig(**cct_xs()), plate).eval()
    crops = torch.zeros(OCR_BATCH, height, OCR_WIDTH, 3)
    torch.onnx.export(model, (crops,), str(target), opset_version=OPSET, dynamo=True, external_data=False)
    import onnx
    import onnxslim

    onnx.save(onnxslim.slim(onnx.load(str(target))), str(target))


def main() -> None:
    """Write the peers' .onnx files and the versions of the packages that they came from."""
    folder = Path(sys.argv[1]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["YOLO_CONFIG_DIR"] = str(folder)
    os.chdir(folder)
    export_yolo(folder / "yolo11n.onnx")
    for height in (OUR_HEIGHT, OWN_HEIGHT):
        export_cct(folder / f"cct-xs-{height}.onnx", height)
    packages = ("ultralytics", "fast-plate-ocr", "keras", "torch")
    (folder / "versions.json").write_text(json.dumps({name: version(name) for name in packages}), encoding="utf-8")


if __name__ == "__main__":
    main()
