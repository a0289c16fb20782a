"""Small real models for tests: random ones of our own architectures, and ones whose answers can be computed by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from lpr.detector.model import Detector
from lpr.exporting.onnx_file import write_onnx
from lpr.ocr.model import Ocr
from lpr.plate.text import ALPHABET
from lpr.records.manifest import Manifest
from lpr.runtime.onnx_model import Card
from tests.records_here import MANIFEST

THRESHOLD, NMS_IOU, MARGIN = 0.5, 0.4, 0.0
DETECTOR_CARD = Card("detector", {"threshold": THRESHOLD, "nms_iou": NMS_IOU})
OCR_CARD = Card("ocr", {"margin": MARGIN})


CODE = [Path(__file__).parents[1] / "lpr" / "plate"]
"""Stands for the code on which the models depend."""
DATA = Manifest.model_validate(MANIFEST).data()


def checkpoint(kind: str, width: int = 4, seed: int = 0) -> dict:
    """A checkpoint as the trainings write it, with random weights."""
    torch.manual_seed(seed)
    module = (Detector if kind == "detector" else Ocr)(width=width)
    if isinstance(module, Detector):  # they start as zeros, which would hide what an export does to them
        nn.init.normal_(module.corners.weight, std=0.1)
    return {
        "format": 1,
        "kind": kind,
        "arguments": module.arguments,
        "weights": module.state_dict(),
        "input_size": [224, 224] if kind == "detector" else [32, 128],
        "alphabet": None if kind == "detector" else ALPHABET,
        "settings": dict((DETECTOR_CARD if kind == "detector" else OCR_CARD).settings),
        "metrics": {"ap50": 0.5} if kind == "detector" else {"plate_accuracy": 0.25},
        "provenance": {"device": "cpu", "precision": "fp32", "torch": str(torch.__version__), "epoch": 3},
    }


class BrightBox(nn.Module):
    """A detector that finds the bounding box of all pixels whose red is above one half.

    Its confidence is the share of the input's width that the box covers, times four, at most 1: small plates are
    uncertain, as with real detectors. A second candidate is the same box, shifted by 0.004 and less certain by a
    tenth, so that non-maximum suppression has something to do.
    """

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        bright = (images[:, 0] > 0.5).float()
        steps = torch.arange(224, dtype=torch.float32)
        columns, rows = bright.amax(dim=1), bright.amax(dim=2)
        left = torch.where(columns > 0, steps, torch.full_like(steps, 224)).amin(dim=1)
        right = torch.where(columns > 0, steps + 1, torch.zeros_like(steps)).amax(dim=1)
        top = torch.where(rows > 0, steps, torch.full_like(steps, 224)).amin(dim=1)
        bottom = torch.where(rows > 0, steps + 1, torch.zeros_like(steps)).amax(dim=1)
        width, height = (right - left).clamp(min=0) / 224, (bottom - top).clamp(min=0) / 224
        confidence = (width * 4).clamp(max=1)
        best = torch.stack([(left / 224).clamp(max=1), (top / 224).clamp(max=1), width, height, confidence], dim=1)
        other = torch.stack([best[:, 0] + 0.004, best[:, 1], width, height, confidence * 0.9], dim=1)
        candidates = torch.stack([best, other], dim=1)
        # The corners are the bright pixels farthest along each diagonal.
        y, x = torch.meshgrid(steps, steps, indexing="ij")
        corners = []
        for down, right in ((0, 0), (0, 1), (1, 1), (1, 0)):
            along = (x if right else -x) + (y if down else -y)
            place = torch.where(bright > 0, along, torch.full_like(along, -999)).flatten(1).argmax(dim=1)
            corners += [(place % 224 + right) / 224, (place // 224 + down) / 224]
        quad = torch.stack(corners, dim=1)
        return best, candidates, torch.stack([quad, quad + torch.tensor([0.004, 0.0] * 4)], dim=1)


class ColourReader(nn.Module):
    """An OCR that reads `AB` with the middle's green as B's logit (-6 to 6) where the blue is high, else nothing."""

    def forward(self, crops: Tensor) -> Tensor:
        middle = crops[:, :, 16, 64]
        seen = (middle[:, 2] > 0.5).float() * 2 - 1
        none = torch.full((1, 36), -9.0)
        first = none + 15 * nn.functional.one_hot(torch.tensor([10]), 36)
        second = none + nn.functional.one_hot(torch.tensor([11]), 36) * (12 * middle[:, 1:2] + 3)
        steps = torch.stack([first + 0 * middle[:, :1], none + 0 * middle[:, :1], second], dim=1)
        return torch.where(seen[:, None, None] > 0, steps, torch.full_like(steps, -9.0))


def write_hand_made(folder: Path) -> Path:
    """Write the two hand-made models and return their folder."""
    folder.mkdir(parents=True, exist_ok=True)
    write_onnx(BrightBox().eval(), DETECTOR_CARD, folder / "detector.onnx", 18)
    write_onnx(ColourReader().eval(), OCR_CARD, folder / "ocr.onnx", 18)
    return folder


def write_random_bundle(folder: Path) -> Path:
    """Write checkpoints with random weights into `checkpoints/`, and their bundle into `models/`, which is returned."""
    from lpr.exporting.bundle import export_bundle
    from lpr.exporting.checkpoint import load_checkpoint

    (folder / "checkpoints").mkdir()
    loaded = {}
    for kind in ("detector", "ocr"):
        path = folder / "checkpoints" / f"{kind}.pt"
        torch.save(checkpoint(kind), path)
        loaded[kind] = load_checkpoint(path, kind)
    recorded: dict[str, Any] = {"parameters": {"seed": 7}, "data": DATA, "code": CODE}
    export_bundle(folder / "models", loaded, opset=18, tolerance=1e-4, **recorded)
    return folder / "models"
