"""A small test split, and a reader that knows it: it recognises a picture by its first pixel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lpr.data.annotations import Entry, Plate, write_entries
from lpr.evaluation.run import evaluate, write_evaluation
from lpr.plate.box import Box
from lpr.records.params import Evaluate, Gates

SETTINGS = Evaluate(match_iou=0.5, second_look=True, examples=6)
THRESHOLDS = Gates(
    end_to_end=0.85, detection=0.9, recognition=0.85, batch_seconds=2, model_kilobytes=100, input_sensitivity=0.05,
    repeatability=0,
)  # fmt: skip


def run(reader: Any, data: Path, models: Path | None = None) -> Path:
    """Run the whole evaluation of a data folder and return the folder with its results."""
    out = data.parent / "results" / "evaluate"
    models = models or data.parent / "models"
    evaluation = evaluate(lambda: reader, data, models, SETTINGS, THRESHOLDS)
    write_evaluation(evaluation, data, models, out, SETTINGS.examples)
    return out


@dataclass(frozen=True)
class Seen:
    """Found and read: what `find`, `read` and `read_boxes` give."""

    box: Box = (0, 0, 0, 0)
    detection: float = 0.9
    text: str = ""
    confidence: float = 0.9


@dataclass
class Oracle:
    """A recogniser whose answers are given: `seen` by picture number, `texts` by picture number and box."""

    seen: dict[int, list[Seen]] = field(default_factory=dict)
    texts: dict[tuple[int, Box], Seen] = field(default_factory=dict)
    threshold: float = 0.5
    margin: float = 0.0
    noise: float = 0.0
    fill: float | None = None
    generator: Any = field(default_factory=lambda: np.random.default_rng(7))

    def detect(self, batch: Any) -> Any:
        return self._output(batch, (len(batch), 5))

    def recognize_text(self, batch: Any) -> Any:
        return self._output(batch, (len(batch), 8, 36))

    def find(self, photos: Sequence[Image.Image], threshold: float | None = None) -> list[list[Seen]]:
        least = self.threshold if threshold is None else threshold
        return [[seen for seen in self.seen.get(number(p), []) if not seen.detection < least] for p in photos]

    def read(self, photos: Sequence[Image.Image]) -> list[list[Seen]]:
        return self.find(photos)

    def read_boxes(self, crops: Sequence[tuple[Image.Image, Box]]) -> list[Seen]:
        return [self.texts.get((number(image), box), Seen()) for image, box in crops]

    def _output(self, batch: Any, shape: tuple[int, ...]) -> Any:
        if self.fill is not None:
            return np.full(shape, self.fill, np.float32)
        means = np.asarray(batch, np.float64).mean((1, 2, 3)).reshape(-1, *[1] * (len(shape) - 1))
        return np.broadcast_to(means, shape) + self.noise * self.generator.random(shape)


def number(image: Image.Image) -> int:
    return int(np.asarray(image)[0, 0, 0])


@pytest.fixture
def seen() -> type[Seen]:
    return Seen


@pytest.fixture
def oracle() -> type[Oracle]:
    return Oracle


@pytest.fixture
def split(tmp_path: Path) -> Callable[[list[Entry]], Path]:
    """Write a data folder whose test split holds these entries; picture i has the number i."""

    def write(entries: list[Entry]) -> Path:
        folder = tmp_path / "data" / "images" / "test"
        folder.mkdir(parents=True, exist_ok=True)
        for index, entry in enumerate(entries):
            pixels = np.full((100, 200, 3), 90, np.uint8)
            pixels[0, 0] = index
            Image.fromarray(pixels).save(folder / entry.name)
        write_entries(tmp_path / "data" / "annotations" / "test.json", entries)
        return tmp_path / "data"

    return write


@pytest.fixture
def four() -> tuple[list[Entry], Oracle]:
    """A split with a photo of one plate, one of two (a two-line one and one nobody can read), an empty one, and a crop.

    The reader gets the first right, confuses O with 0 in the second and reads something in the empty photo.
    """
    entries = [
        Entry("a.png", (Plate((10, 20, 80, 20), "AB123", 1),), source="near"),
        Entry("b.png", (Plate((20, 30, 60, 40), "XO77", 2), Plate((150, 5, 6, 3), None)), source="far"),
        Entry("c.png", (), source="far"),
        Entry("d.png", text="KL65DKH", lines=1, source="near", use="reading"),
    ]
    reader = Oracle(
        seen={
            0: [Seen((11, 20, 80, 20), 0.95, "AB123", 0.99)],
            1: [Seen((20, 30, 60, 44), 0.8, "X077", 0.6), Seen((100, 60, 40, 12), 0.3, "", 0.0)],
            2: [Seen((0, 0, 50, 20), 0.7, "TAXI", 0.4)],
        },
        texts={
            (0, (10.0, 20.0, 80.0, 20.0)): Seen(text="AB123", confidence=0.99),
            (1, (20.0, 30.0, 60.0, 40.0)): Seen(text="X077", confidence=0.7),
            (3, (0.0, 0.0, 200.0, 100.0)): Seen(text="KL65DK", confidence=0.8),
        },
    )
    return entries, reader
