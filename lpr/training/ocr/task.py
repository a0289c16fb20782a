"""The OCR as a task of the training loop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import Dataset

from lpr.data.annotations import Split
from lpr.data.crops import STORED, Crop, draw, read_crops
from lpr.data.prepared import prepare
from lpr.decoding.ctc import decode
from lpr.ocr.loss import reading_loss
from lpr.ocr.model import Ocr
from lpr.ocr.targets import encode, glyph_targets
from lpr.plate.crop import OCR_HEIGHT, OCR_WIDTH, TALL
from lpr.plate.text import ALPHABET, edit_distance
from lpr.records.params import Ocr as OcrParams
from lpr.training.engine.colour import relight
from lpr.training.engine.pixels import to_input
from lpr.training.engine.processes import total
from lpr.training.engine.task import NothingToLearnError, Validation
from lpr.training.ocr import augment, camera

LONGEST = 16
"""Characters to which a batch's texts are padded; longer texts are not plates."""
_BATCH = 256


class OcrSamples(Dataset[dict[str, Tensor]]):
    """Training crops, cut anew in every epoch.

    Args:
        crops: the plates.
        stored: their images, in the same order.
        params: section `ocr` of the parameters.
        seed: of the augmentation.
    """

    def __init__(self, crops: list[Crop], stored: NDArray[np.uint8], params: OcrParams, seed: int) -> None:
        # Slices of a memory map cost ten times those of the array that it is.
        self.crops, self.stored, self.params, self.seed = crops, np.asarray(stored), params, seed
        # Only a renderer knows where the characters' middles are.
        self.shown = [
            index
            for index, crop in enumerate(crops)
            for _ in range(
                (params.photographs if crop.centres is None else 1) * (params.two_line if crop.lines == 2 else 1)
            )
        ]

    def __len__(self) -> int:
        return len(self.shown)

    def __getitem__(self, key: tuple[int, int]) -> dict[str, Tensor]:
        epoch, index = key
        rng = np.random.default_rng((self.seed, epoch, index))
        index, params = self.shown[index], self.params
        crop = self.crops[index]
        corners = augment.window(crop.aspect, params, rng)
        image, transform = augment.cut(self.stored[index], corners)
        image = camera.light(relight(image, params.colour, rng), params.colour, rng)
        image = camera.photograph(image, params.blur, crop.aspect, rng)
        centres = None if crop.centres is None else augment.move(crop.centres, transform)
        classes = encode(crop.text)
        return {
            "image": torch.from_numpy(image),
            "classes": torch.tensor(classes + [0] * (LONGEST - len(classes))),
            "length": torch.tensor(len(crop.text)),
            "glyphs": glyph_targets(crop.text, centres, crop.lines),
        }


class OcrTask:
    """Trains the OCR; see `lpr.training.engine.task.Task`.

    Args:
        data: the data folder.
        params: section `ocr` of the parameters.
        seed: of weights and augmentation.
        work: git-ignored folder for prepared images.
        fingerprint: of the data.
        workers: processes that prepare images.

    Raises:
        NothingToLearnError: a split has no plate with text that is wide enough and does not lie on its side.
    """

    name = "ocr"
    metric = "plate_accuracy"
    input_size = (OCR_HEIGHT, OCR_WIDTH)
    alphabet: str | None = ALPHABET

    def __init__(self, data: Path, params: OcrParams, seed: int, work: Path, fingerprint: str, workers: int) -> None:
        self.params, self.seed, self.data, self.epochs = params, seed, fingerprint, params.epochs
        splits: tuple[Split, Split] = ("train", "val")
        train, val = (
            [
                crop
                for crop in read_crops(data, split, params.least_width)
                # What lies on its side is turned before it is read.
                if len(crop.text) <= LONGEST and crop.aspect > 1 / TALL
            ]
            for split in splits
        )
        for split, crops in (("train", train), ("val", val)):
            if not crops:
                raise NothingToLearnError(
                    f"{data}/annotations/{split}.json holds no plate with text that is at least ocr.least_width "
                    f"({params.least_width:g}) pixels wide and does not lie on its side: to train the OCR, add a "
                    "source with such plates to fetch_data.sources in params.yaml (use: reading or both)"
                )
        self._train, self._val = train, val
        self._stored = prepare(work, "ocr-train", train, draw, STORED, fingerprint, workers)
        self._val_stored = prepare(work, "ocr-val", val, draw, STORED, fingerprint, workers)

    def model(self) -> nn.Module:
        """Return a new OCR."""
        return Ocr(self.params.width)

    def samples(self) -> OcrSamples:
        """Return the augmented training crops."""
        return OcrSamples(self._train, self._stored, self.params, self.seed)

    def loss(self, model: nn.Module, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Return `loss`, `ctc_loss` and `glyph_loss` of a batch of `OcrSamples`."""
        logits = model(to_input(batch["image"]))
        texts = (batch["classes"], batch["length"], batch["glyphs"])
        return reading_loss(logits, *texts, self.params.glyphs, total)

    @torch.inference_mode()
    def validate(self, model: nn.Module, device: torch.device) -> Validation:
        """Read the validation crops greedily, each from one cut without jitter, at temperature 1."""
        model.temperature.fill_(1.0)  # type: ignore[operator, union-attr]
        texts = [crop.text for crop in self._val]
        read = [decode(steps).text for steps in self._logits(model, device, self.params.margin)]
        pairs = list(zip(read, texts, strict=True))
        metrics = {
            "plate_accuracy": float(np.mean([text == truth for text, truth in pairs])),
            "character_accuracy": float(
                np.mean([1 - edit_distance(text, truth) / max(len(text), len(truth)) for text, truth in pairs])
            ),
        }
        return Validation(metrics, {"margin": self.params.margin})

    def _logits(self, model: nn.Module, device: torch.device, margin: float) -> NDArray[np.float32]:
        """Return `(N, T, 36)` of the validation crops, cut with a margin."""
        corners = np.array([[-margin, -margin], [1 + margin, -margin], [1 + margin, 1 + margin], [-margin, 1 + margin]])
        parts = []
        for start in range(0, len(self._val), _BATCH):
            images = np.stack([augment.cut(image, corners)[0] for image in self._val_stored[start : start + _BATCH]])
            parts.append(model(to_input(torch.from_numpy(images).to(device))).float().cpu().numpy())
        return np.concatenate(parts)

    def picture(self) -> NDArray[np.uint8]:
        """Return 8 x 4 augmented training crops."""
        samples = self.samples()
        step = max(1, len(samples) // 32)
        images: list[Any] = [samples[(0, index * step % len(samples))]["image"].numpy() for index in range(32)]
        rows = [np.concatenate(images[row * 4 : row * 4 + 4], axis=1) for row in range(8)]
        return np.concatenate(rows, axis=0)
