"""What the OCR's training shows, and how it is validated."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from lpr.data.crops import STORED, Crop, read_crops
from lpr.ocr.targets import encode
from lpr.records.params import Ocr, load_params
from lpr.training.ocr.task import OcrSamples, OcrTask

CENTRES = ((0.25, 0.5), (0.75, 0.5))


def params(**values: object) -> Ocr:
    return load_params().ocr.model_copy(update=values)


def test_an_epoch_shows_photographs_and_two_line_plates_as_often_as_asked() -> None:
    crops = [
        Crop(Path("rendered"), None, "AA", 1, CENTRES),
        Crop(Path("rendered-two"), None, "BB", 2, CENTRES),
        Crop(Path("photograph"), None, "CC", None, None),
        Crop(Path("photograph-two"), None, "DD", 2, None),
    ]
    stored = np.zeros((4, *STORED, 3), np.uint8)
    samples = OcrSamples(crops, stored, params(photographs=3, two_line=2), seed=1)
    texts = ["".join("ABCD"[value - 11] for value in samples[(0, i)]["classes"][:1]) for i in range(len(samples))]
    assert Counter(texts) == {"A": 1, "B": 2, "C": 3, "D": 6}


def test_validation_reads_greedily_at_temperature_1(tiny_set: Path, tmp_path: Path) -> None:
    task = OcrTask(tiny_set, params(width=4), 1, tmp_path, "0", 0)
    truths = [crop.text for crop in read_crops(tiny_set, "val")]

    class Reader(nn.Module):
        """Reads the true texts, but for the last of the set and one character of the first."""

        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("temperature", torch.tensor(2.5))

        def forward(self, crops: torch.Tensor) -> torch.Tensor:
            logits = torch.full((len(crops), 64, 36), -9.0)
            said = ["Z" + truths[0][1:], *truths[1:-1], ""]
            for row, text in zip(logits, said, strict=True):
                for place, value in enumerate(encode(text)):
                    row[2 * place, value - 1] = 9.0
            return logits

    reader = Reader()
    validation = task.validate(reader, torch.device("cpu"))
    count = len(truths)
    assert validation.metrics["plate_accuracy"] == pytest.approx((count - 2) / count)
    wrong = 1 / len(truths[0]) if truths[0][0] != "Z" else 0
    assert validation.metrics["character_accuracy"] == pytest.approx((count - 1 - wrong) / count)
    assert validation.settings == {"margin": params().margin}
    assert float(reader.temperature) == 1.0
