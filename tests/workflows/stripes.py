"""A world whose plates tiny hand-made models read without a mistake: text is written as stripes of green on a plate."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from lpr.exporting.onnx_file import write_onnx
from tests.tiny import DETECTOR_CARD, OCR_CARD, BrightBox, checkpoint

LETTERS = "ABCDEF"
LENGTH = 4
SPLITS = {"train": 4, "val": 3, "test": 8}


def photos() -> dict[str, bytes]:
    """Files of a data set in the project's own format: photos of 224x224 with one plate each, all texts different."""
    noise = np.random.default_rng(5)
    texts = ["".join(noise.choice(list(LETTERS), LENGTH)) for _ in range(200)]
    texts = list(dict.fromkeys(texts))
    files: dict[str, bytes] = {}
    for split, count in SPLITS.items():
        entries = {}
        for number in range(count):
            text = texts.pop()
            x, y = (int(value) for value in noise.integers(10, 100, 2))
            # Blocks of blue and green: the detector looks at red alone, and no two photos look alike.
            blocks = noise.integers(0, 255, (7, 7, 3), np.uint8).repeat(32, 0).repeat(32, 1)
            blocks[..., 0] = 0
            blocks[y : y + 28, x : x + 112] = (255, 0, 255)
            for index, letter in enumerate(text):
                blocks[y : y + 28, x + 28 * index : x + 28 * (index + 1), 1] = 51 * LETTERS.index(letter)
            stream = io.BytesIO()
            Image.fromarray(blocks).save(stream, "PNG")
            name = f"{split}{number}.png"
            files[f"images/{split}/{name}"] = stream.getvalue()
            entries[name] = {"plates": [{"bbox": [x, y, 112, 28], "text": text, "lines": 1}]}
        files[f"annotations/{split}.json"] = json.dumps(entries).encode()
    return files


class _Weighty(nn.Module):
    """Adds weights, without which no file passes for a model, and which change no output."""

    def __init__(self) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.randn(3, 40_000, generator=torch.Generator().manual_seed(3)))

    def nothing(self, images: Tensor) -> Tensor:
        return (images.mean(dim=(2, 3)) @ self.weights).mean(dim=1) * 1e-20


class Finder(_Weighty):
    """BrightBox, with weights."""

    def __init__(self) -> None:
        super().__init__()
        self.box = BrightBox()

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        best, candidates, corners = self.box(images)
        nothing = self.nothing(images)
        # A photo without anything red has its box beyond the edge.
        return (best + nothing[:, None]).clamp(0, 1), (candidates + nothing[:, None, None]).clamp(0, 1), corners


class Stripes(_Weighty):
    """Reads the stripes; `mistaken` reads each letter as the next one."""

    def __init__(self, mistaken: bool = False) -> None:
        super().__init__()
        self.mistaken = mistaken

    def forward(self, crops: Tensor) -> Tensor:
        levels = crops[:, 1, 16, 16::32] * 5
        seen = (crops[:, 2, 16, 64] > 0.5).float()[:, None, None]
        letters = torch.arange(6, dtype=torch.float32) - (1 if self.mistaken else 0)
        logits = 9 - 30 * (levels[:, :, None] - letters).abs()
        one = torch.full((1, 1, 1), -9.0)
        logits = seen * logits.clamp(-9, 9) - 9 * (1 - seen)
        logits = torch.cat([(one + 0 * logits[..., :1]).expand(-1, -1, 10), logits], dim=2)
        logits = torch.cat([logits, (one + 0 * logits[..., :1]).expand(-1, -1, 20)], dim=2)
        # A step of nothing after each letter, so that doubled ones stay.
        steps = torch.stack([logits, 0 * logits - 9], dim=2).flatten(1, 2)
        return steps + self.nothing(crops)[:, None, None]


def write_models(folder: Path, mistaken: bool = False) -> None:
    """Write the four model files; the checkpoints are of the project's own networks, which nothing here runs."""
    folder.mkdir(parents=True, exist_ok=True)
    write_onnx(Finder().eval(), DETECTOR_CARD, folder / "detector.onnx", 18)
    write_onnx(Stripes(mistaken).eval(), OCR_CARD, folder / "ocr.onnx", 18)
    for kind in ("detector", "ocr"):
        torch.save(checkpoint(kind, width=8), folder / f"{kind}.pt")
