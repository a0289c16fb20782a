"""What is written on plates whose places are known: cut out, read by the OCR, cut anew where that leaves a doubt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from lpr.decoding.ctc import Reading, decode
from lpr.decoding.reading import margins, read_cuts, stands
from lpr.inference.corners import leaning
from lpr.inference.sideways import ways_to_cut
from lpr.plate.box import Box
from lpr.plate.crop import as_batch, ocr_input
from lpr.plate.quad import Quad
from lpr.runtime.onnx_model import OnnxModel
from lpr.world.grammar import Grammar

CROPS_AT_ONCE = 32
"""Crops that are read together at most: more are no faster, and ONNX Runtime keeps the memory of its largest call."""


@dataclass(frozen=True)
class Cut:
    """A plate as it is cut out of a photo, along its box or straightened by a quad, and its first reading."""

    photo: Image.Image
    box: Box
    quad: Quad | None
    logits: NDArray[np.float32]
    reading: Reading


class TextReader:
    """Reads plates with the OCR.

    Args:
        ocr: the model.
        second_look: whether doubtful plates are cut anew.
    """

    def __init__(self, ocr: OnnxModel, second_look: bool) -> None:
        self._ocr = ocr
        self.margin: float = ocr.card.settings["margin"]
        self._further = margins(self.margin) if second_look else ()

    def cut(self, plates: Sequence[tuple[Image.Image, Box]], corners: Sequence[ArrayLike | None]) -> list[Cut]:
        """Return each plate as it is cut best: of the ways to cut it, the one that is read most surely.

        Args:
            plates: RGB photos with a plate's box in their pixels.
            corners: of the same plates, as in `Found`, where known; a plate that leans by them is straightened.
        """
        quads = [None if quad is None else leaning(quad) for quad in corners]
        ways = [ways_to_cut(box) if quad is None else [quad] for (_, box), quad in zip(plates, quads, strict=True)]
        every = [(*plate, way, self.margin) for plate, some in zip(plates, ways, strict=True) for way in some]
        cuts = iter(
            Cut(photo, box, quad, logits, decode(logits))
            for (photo, box, quad, _), logits in zip(every, self._logits(every), strict=True)
        )
        return [max((next(cuts) for _ in some), key=lambda cut: cut.reading.confidence) for some in ways]

    def decide(self, cuts: Sequence[Cut], grammar: Grammar) -> list[Reading]:
        """Return what each plate reads: at first sight, or, of one that leaves a doubt, by all its cuts."""
        standing = [stands(cut.reading, grammar) for cut in cuts]
        doubtful = [cut for cut, stood in zip(cuts, standing, strict=True) if not stood]
        others = iter(self._logits([(c.photo, c.box, c.quad, margin) for c in doubtful for margin in self._further]))
        return [
            cut.reading if stood else read_cuts([cut.logits, *(next(others) for _ in self._further)], grammar)
            for cut, stood in zip(cuts, standing, strict=True)
        ]

    def _logits(self, cuts: Sequence[tuple[Image.Image, Box, Quad | None, float]]) -> Sequence[NDArray[np.float32]]:
        """Return the OCR's `(T, 36)` of plates cut with the margin given to each, straightened where corners are."""
        if not cuts:
            return []
        crops = as_batch([ocr_input(photo, box, margin, quad) for photo, box, quad, margin in cuts])
        return list(self._ocr(crops, CROPS_AT_ONCE)[0])
