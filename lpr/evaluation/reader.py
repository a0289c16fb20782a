"""What evaluation needs of a recogniser; `lpr.inference.recognizer.LicensePlateRecognizer` is one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from numpy.typing import NDArray
from PIL import Image

from lpr.plate.box import Box


class Found(Protocol):
    """A plate that the detector found."""

    @property
    def box(self) -> Box:
        """`[x, y, width, height]` in pixels of the photo."""

    @property
    def detection(self) -> float:
        """The detector's confidence in [0, 1]."""


class Reading(Protocol):
    """A text that the OCR read."""

    @property
    def text(self) -> str:
        """Characters `0-9A-Z`; empty where nothing was read."""

    @property
    def confidence(self) -> float:
        """The lowest character's probability in [0, 1]."""


class PlateReading(Found, Reading, Protocol):
    """A plate that was found and read."""


class Reader(Protocol):
    """The two models behind one face."""

    @property
    def threshold(self) -> float:
        """The detector's working threshold in [0, 1]."""

    @property
    def margin(self) -> float:
        """Share of a box that is added on each side before it is read."""

    def detect(self, batch: Any) -> NDArray[Any]:
        """`(B, 3, 224, 224)` in [0, 1] to `(B, 5)`."""

    def recognize_text(self, batch: Any) -> NDArray[Any]:
        """`(B, 3, 32, 128)` in [0, 1] to `(B, T, 36)`."""

    def find(self, photos: Sequence[Image.Image], threshold: float | None = None) -> Sequence[Sequence[Found]]:
        """The plates of each photo, best first."""

    def read(self, photos: Sequence[Image.Image]) -> Sequence[Sequence[PlateReading]]:
        """The plates of each photo with their texts, best first."""

    def read_boxes(self, crops: Sequence[tuple[Image.Image, Box]]) -> Sequence[Reading]:
        """What stands in each given box."""
