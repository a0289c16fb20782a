"""The detector as a task of the training loop."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import Dataset

from lpr.data.photos import BoxedPhoto, Square, read_photos
from lpr.data.prepared import prepare
from lpr.detector.loss import detection_loss
from lpr.detector.model import GRID, STRIDE, Detector
from lpr.detector.targets import match_cells
from lpr.metrics.detection import DetectionMetric, average_precision
from lpr.plate.box import nms
from lpr.plate.crop import DETECTOR_SIZE
from lpr.plate.quad import corners_of
from lpr.records.params import Detector as DetectorParams
from lpr.training.detector import augment
from lpr.training.engine.colour import degrade, relight
from lpr.training.engine.pixels import to_input
from lpr.training.engine.processes import total
from lpr.training.engine.task import NothingToLearnError, Validation

MOST = 32
"""Plates to which a picture's boxes are padded; further ones are left out."""
_BATCH = 64
_MOST_FOUND = 50
_LEAST_SCORE = 0.01
_FLAT = 0.005
"""Difference of F1 that validation cannot tell from none: where the curve is that flat, precision decides."""


class PhotoSamples(Dataset[dict[str, Tensor]]):
    """Training photos, looked at anew in every epoch.

    Args:
        photos: the photos.
        stored: their squared images, in the same order.
        params: section `detector` of the parameters.
        seed: of the augmentation.
    """

    def __init__(self, photos: list[BoxedPhoto], stored: NDArray[np.uint8], params: DetectorParams, seed: int) -> None:
        # Slices of a memory map cost ten times those of the array that it is.
        self.photos, self.stored, self.params, self.seed = photos, np.asarray(stored), params, seed

    def __len__(self) -> int:
        return len(self.photos)

    def __getitem__(self, key: tuple[int, int]) -> dict[str, Tensor]:
        epoch, index = key
        rng = np.random.default_rng((self.seed, epoch, index))
        if rng.uniform() < self.params.mosaic:
            image, plates = self._mosaic(index, rng)
        else:
            image, plates = self._view(index, DETECTOR_SIZE, rng)
        if rng.uniform() < 0.5:
            image, plates = augment.flip(image, plates)
        image = degrade(relight(image, self.params.colour, rng), 0.25, 2.5, rng)
        plates, count = plates[:MOST], min(len(plates.boxes), MOST)
        truths, quads, known = np.zeros((MOST, 4), np.float32), np.zeros((MOST, 4, 2), np.float32), np.zeros(MOST, bool)
        truths[:count], quads[:count], known[:count] = plates.boxes, plates.quads, plates.known
        return {
            "image": torch.from_numpy(image),
            "truths": torch.from_numpy(truths),
            "quads": torch.from_numpy(quads),
            "known": torch.from_numpy(known),
            "matched": match_cells(truths[:count], GRID, STRIDE),
        }

    def _view(self, index: int, size: int, rng: np.random.Generator) -> tuple[NDArray[np.uint8], augment.Plates]:
        photo, plates = self.photos[index], plates_of(self.photos[index])
        plate = int(rng.integers(len(plates.boxes))) if len(plates.boxes) else None
        turn = None
        if rng.uniform() < self.params.turn:
            middle = np.full(2, 0.5) if plate is None else plates.quads[plate].mean(axis=0)
            turn = augment.turned(middle, photo.aspect, rng)
            plates = plates.moved(turn)
        view = augment.whole(rng)
        kind = rng.uniform()
        if plate is not None:
            left, top, right, bottom = (float(side) for side in plates.boxes[plate])
            most = augment.ENLARGED * (right - left) * self.params.cache_side / size
            if kind < self.params.close and most > 0.5:
                view = augment.filled((left, top, right, bottom), photo.aspect, most, rng)
            elif kind < self.params.close + self.params.zoom:
                view = augment.closer((left, top, right, bottom), photo.aspect, rng)
        if turn is None:
            return augment.look(self.stored[index], plates, view, size)
        # Pictures that were turned by others are filled with any grey.
        fill = augment.GREY if rng.uniform() < 0.5 else int(rng.integers(256))
        return augment.look_turned(self.stored[index], plates, turn, view, size, fill)

    def _mosaic(self, index: int, rng: np.random.Generator) -> tuple[NDArray[np.uint8], augment.Plates]:
        half = DETECTOR_SIZE // 2
        picture = np.empty((DETECTOR_SIZE, DETECTOR_SIZE, 3), np.uint8)
        parts = []
        others = rng.integers(len(self.photos), size=3)
        for place, other in enumerate([index, *others.tolist()]):
            y, x = divmod(place, 2)
            tile, found = self._view(other, half, rng)
            picture[y * half : (y + 1) * half, x * half : (x + 1) * half] = tile
            parts.append(found.placed(np.ones(2), np.array([x, y]) * half))
        return picture, augment.joined(parts)


def plates_of(photo: BoxedPhoto) -> augment.Plates:
    """Return the plates of a photo in its fractions."""
    boxes = np.asarray(photo.boxes, np.float64).reshape(-1, 4)
    quads = corners_of(np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1))
    known = np.array([quad is not None for quad in photo.quads], bool)
    for index in np.flatnonzero(known):
        quads[index] = photo.quads[index]
    return augment.Plates(boxes, quads, known)


class DetectorTask:
    """Trains the detector; see `lpr.training.engine.task.Task`.

    Args:
        data: the data folder.
        params: section `detector` of the parameters.
        seed: of weights and augmentation.
        work: git-ignored folder for prepared images.
        fingerprint: of the data.
        workers: processes that prepare images.

    Raises:
        NothingToLearnError: a split has no photo with a plate.
    """

    name = "detector"
    metric = "ap50"
    input_size = (DETECTOR_SIZE, DETECTOR_SIZE)
    alphabet: str | None = None

    def __init__(
        self, data: Path, params: DetectorParams, seed: int, work: Path, fingerprint: str, workers: int
    ) -> None:
        self.params, self.seed, self.data, self.epochs = params, seed, fingerprint, params.epochs
        self._train, self._val = read_photos(data, "train"), read_photos(data, "val")
        for split, photos in (("train", self._train), ("val", self._val)):
            if not any(photo.boxes for photo in photos):
                raise NothingToLearnError(
                    f"{data}/annotations/{split}.json holds no photo with a plate's box: to train the detector, add a "
                    "source of photos to fetch_data.sources in params.yaml (use: detection or both)"
                )
        square, size = Square(params.cache_side), (params.cache_side, params.cache_side)
        self._stored = prepare(work, "detector-train", self._train, square, size, fingerprint, workers)
        square, size = Square(DETECTOR_SIZE), (DETECTOR_SIZE, DETECTOR_SIZE)
        self._val_stored = prepare(work, "detector-val", self._val, square, size, fingerprint, workers)

    def model(self) -> nn.Module:
        """Return a new detector."""
        return Detector(self.params.width)

    def samples(self) -> PhotoSamples:
        """Return the augmented training photos."""
        return PhotoSamples(self._train, self._stored, self.params, self.seed)

    def loss(self, model: nn.Module, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Return `loss`, `score_loss`, `box_loss` and `corner_loss` of a batch of `PhotoSamples`."""
        scores, boxes, offsets = model.dense(to_input(batch["image"]))  # type: ignore[operator]
        truths, quads, known = batch["truths"], batch["quads"], batch["known"]
        return detection_loss(scores, boxes, offsets, batch["matched"], truths, quads, known, total)

    @torch.inference_mode()
    def validate(self, model: nn.Module, device: torch.device) -> Validation:
        """Find the plates of whole validation photos.

        The working threshold is the highest one whose F1 is the best but for `_FLAT`: two trainings that find alike
        would else differ by ten points of precision.
        """
        metric = DetectionMetric(0.0, self.params.match_iou)
        for start in range(0, len(self._val), _BATCH):
            photos = self._val[start : start + _BATCH]
            images = torch.from_numpy(np.array(self._val_stored[start : start + _BATCH])).to(device)
            candidates = model(to_input(images))[1].float().cpu().numpy()
            for photo, rows in zip(photos, candidates, strict=True):
                rows = rows[rows[:, 4] > _LEAST_SCORE]
                rows = rows[np.argsort(-rows[:, 4], kind="stable")[:_MOST_FOUND]]
                rows = rows[nms(rows[:, :4], rows[:, 4], self.params.nms_iou)]
                truths = np.asarray(photo.boxes, np.float64).reshape(-1, 4)
                truths[:, 2:] -= truths[:, :2]
                metric.update(rows[:, :4], rows[:, 4], truths, width=1.0)
        curve = metric.curve()
        if len(curve.scores) == 0:
            return Validation({"ap50": 0.0, "precision": 0.0, "recall": 0.0}, self._settings(0.5))
        f1 = 2 * curve.precision * curve.recall / np.maximum(curve.precision + curve.recall, 1e-9)
        best = int(np.flatnonzero(f1 >= f1.max() - _FLAT)[0])
        metrics = {
            "ap50": average_precision(curve),
            "precision": float(curve.precision[best]),
            "recall": float(curve.recall[best]),
        }
        return Validation(metrics, self._settings(float(curve.scores[best])))

    def _settings(self, threshold: float) -> dict[str, float]:
        return {"threshold": threshold, "nms_iou": self.params.nms_iou}

    def picture(self) -> NDArray[np.uint8]:
        """Return 4 x 4 augmented training pictures with their boxes, and the corners that are known."""
        samples = self.samples()
        images = []
        for index in range(16):
            sample = samples[(0, index % len(samples))]
            image = sample["image"].numpy().copy()
            for left, top, right, bottom in sample["truths"].numpy().round().astype(int):
                cv2.rectangle(image, (left, top), (right, bottom), (0, 255, 0), 1)
            quads = sample["quads"][sample["known"]].numpy().round().astype(np.int32)
            cv2.polylines(image, list(quads), True, (255, 0, 0), 1)
            images.append(image)
        rows = [np.concatenate(images[row * 4 : row * 4 + 4], axis=1) for row in range(4)]
        return np.concatenate(rows, axis=0)
