"""Reading photos inside an engine for large jobs: batches of columns in, a row for each plate out."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lpr.base.errors import LprError
from lpr.inference.photos import load_photo
from lpr.plate.photo import open_image

if TYPE_CHECKING:
    from lpr.inference.plates import PlateReading
    from lpr.inference.recognizer import LicensePlateRecognizer

NUMBERS = ("confidence", "x", "y", "width", "height", "detection")
TEXTS = ("image", "text", "chars", "region", "error")


class ReadPhotos:
    """Reads the photos of a batch; for Ray Data's `map_batches`, Spark's `mapInPandas`, `datasets.map`.

    The models are opened at the first batch, once in each process; what is sent to the processes is small.

    Args:
        models: folder of models, on every machine; None: those that came with the package.
        regions: countries whose plates are expected, as in `LicensePlateRecognizer`; None: all.
        threads: CPU threads of one process; an engine has one process for each core.
    """

    def __init__(
        self, models: Path | str | None = None, *, regions: Sequence[str] | None = None, threads: int = 1
    ) -> None:
        self._models, self._regions, self._threads = models, regions, threads
        self._recognizer: LicensePlateRecognizer | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Return what is sent to another process: everything but the opened models."""
        return {**self.__dict__, "_recognizer": None}

    def __call__(self, batch: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
        """Return the plates of a batch of photos.

        Args:
            batch: columns of one length: `path`, and, where the files' bytes are at hand, `bytes`.

        Returns:
            Columns with a row for each plate, and one for each photo without: `image` (its path), `text`, `confidence`,
            `chars` (a probability for each character, with spaces between), `x`, `y`, `width`, `height` (pixels of the
            upright photo), `detection`, `region` (the likeliest country, if any), `error` (why a photo could not be
            read). Where there is no plate, texts are empty and numbers NaN, so that every batch has the same types.

        Raises:
            LprError: the models cannot be opened.
        """
        if self._recognizer is None:
            from lpr.inference.recognizer import LicensePlateRecognizer

            self._recognizer = LicensePlateRecognizer(self._models, regions=self._regions, threads=self._threads)
        paths = [str(path) for path in batch["path"]]
        contents = list(batch["bytes"]) if "bytes" in batch else [None] * len(paths)
        images, errors = [], {}
        for index, (path, content) in enumerate(zip(paths, contents, strict=True)):
            try:
                images.append(_open(path, content))
            except LprError as error:
                errors[index] = str(error)
        found = iter(self._recognizer.read(images))
        rows = []
        for index, path in enumerate(paths):
            plates = [] if index in errors else next(found)
            rows += [_row(path, plate) for plate in plates]
            if not plates:
                rows.append({"image": path, "error": errors.get(index, "")})
        return _columns(rows)


def _open(path: str, content: bytes | None) -> Image.Image:
    if content is None:
        return load_photo(path)
    try:
        image = open_image(io.BytesIO(content))
    except Exception as error:  # a damaged header makes Pillow raise nearly anything
        raise LprError(f"{path}: not an image, or a damaged one ({error})") from error
    try:
        return load_photo(image)
    except LprError as error:
        raise LprError(f"{path}: {error}") from error


def _row(path: str, plate: PlateReading) -> dict[str, Any]:
    return {
        "image": path,
        "text": plate.text,
        "chars": " ".join(f"{share:.4f}" for share in plate.chars),
        "region": plate.region[0][0] if plate.region else "",
        "confidence": plate.confidence,
        "detection": plate.detection,
        **dict(zip(("x", "y", "width", "height"), plate.box, strict=True)),
    }


def _columns(rows: Iterable[Mapping[str, Any]]) -> dict[str, NDArray[Any]]:
    rows = list(rows)
    texts = {name: np.array([row.get(name, "") for row in rows], dtype=object) for name in TEXTS}
    numbers = {name: np.array([row.get(name, np.nan) for row in rows], dtype=np.float64) for name in NUMBERS}
    return {**texts, **numbers}
