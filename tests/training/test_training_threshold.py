"""The detector's working threshold, chosen on validation photos by a network whose candidates are known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import nn

from lpr.data.annotations import Entry, Plate, write_entries
from lpr.records.params import load_params
from lpr.training.detector.task import DetectorTask

PHOTOS, ROWS, COLUMNS = 6, 10, 5
TRUE = [[0.2 * column + 0.02, 0.1 * row + 0.01, 0.1, 0.05] for row in range(ROWS) for column in range(COLUMNS)]
FALSE = [[x + 0.12, y, width, height] for x, y, width, height in TRUE]
"""Boxes beside the true ones, which overlap none of them."""


class Finder(nn.Module):
    """Finds all plates but the first ten with 0.9, and with 0.3 some of these and some that are none."""

    def __init__(self, more: int, wrong: int) -> None:
        super().__init__()
        self.more, self.wrong = more, wrong

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        rows = []
        for photo in range(len(images)):
            score = [0.9] * len(TRUE)
            if photo == 0:
                score[:10] = [0.3] * self.more + [0.0] * (10 - self.more)
            found = [[*box, value] for box, value in zip(TRUE, score, strict=True)]
            false = [[*box, 0.3 if photo == 0 and place < self.wrong else 0.0] for place, box in enumerate(FALSE)]
            rows.append(torch.tensor(found + false))
        return torch.zeros(len(images), 5), torch.stack(rows)


@pytest.fixture
def task(tmp_path: Path) -> DetectorTask:
    data, plates = tmp_path / "data", tuple(Plate(tuple(round(200 * v) for v in box), None, None) for box in TRUE)
    for split in ("train", "val"):
        (data / "images" / split).mkdir(parents=True)
        entries = [Entry(f"{number}.jpg", plates, source="grid", use="detection") for number in range(PHOTOS)]
        for entry in entries:
            Image.new("RGB", (200, 200)).save(data / "images" / split / entry.name)
        write_entries(data / "annotations" / f"{split}.json", entries)
    (data / "manifest.json").write_text(json.dumps({"fingerprint": "0", "sources": []}))
    return DetectorTask(data, load_params().detector, 1, tmp_path / "work", "0", 0)


@pytest.mark.parametrize(
    ("more", "wrong", "threshold", "precision", "recall"),
    [
        # F1 of 0.983 with 0.9, of 0.985 with 0.3: the same but for chance, and the higher threshold is more precise.
        (4, 3, 0.9, 1.0, 290 / 300),
        # F1 of 0.995 with 0.3.
        (8, 1, 0.3, 298 / 299, 298 / 300),
        # F1 of 0.970 with 0.3.
        (0, 7, 0.9, 1.0, 290 / 300),
    ],
)
def test_where_f1_is_flat_the_more_precise_threshold_is_taken(
    task: DetectorTask, more: int, wrong: int, threshold: float, precision: float, recall: float
) -> None:
    validation = task.validate(Finder(more, wrong), torch.device("cpu"))
    assert validation.settings["threshold"] == pytest.approx(threshold)
    assert validation.metrics["precision"] == pytest.approx(precision)
    assert validation.metrics["recall"] == pytest.approx(recall)
