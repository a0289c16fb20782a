"""The public face of the two models: photos in, plates out. Runs on ONNX Runtime; no torch is needed."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import overload

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image

from lpr.base.errors import LprError
from lpr.base.processors import usable_cores
from lpr.decoding.ctc import Reading, decode
from lpr.decoding.reading import FITTING, SURE, stands
from lpr.inference.ahead import Ahead
from lpr.inference.corners import with_corners
from lpr.inference.finder import PHOTOS_AT_ONCE, Finder, Floats
from lpr.inference.overlap import PHOTOS_A_THREAD, in_groups
from lpr.inference.photos import Photo, load_photo
from lpr.inference.plates import Found, PlateReading
from lpr.inference.recorded import check_recorded
from lpr.inference.shipped import models_folder
from lpr.inference.sideways import QUARTERS, box_before
from lpr.inference.text_reader import CROPS_AT_ONCE, Cut, TextReader
from lpr.plate.box import Box
from lpr.plate.crop import as_batch, detector_input
from lpr.plate.text import ALPHABET
from lpr.runtime.onnx_model import OnnxModel
from lpr.world.grammar import Grammar, check_regions

WEAK = 0.5
"""Share of the working threshold from which a candidate is looked at again, and taken if a plate's text is on it."""
CLEAR = 0.5
"""Confidence of a reading from which a photo is taken to lie on its side, if its text is that of a plate."""
ILLEGIBLE = 0.05
"""Confidence of a reading below which nothing was read: signs and lamps that look like plates."""
EVIDENT = 0.7
"""Detection from which a place is a plate whatever is read there; below it, a text that follows no country's format has
to be read surely, which shop signs, house numbers and lettering on cars rarely are."""
ODD = 0.5
"""Factor in the order of a photo's plates of one whose text fits no country's format."""


class LicensePlateRecognizer:
    """Finds and reads license plates.

    >>> recognizer = LicensePlateRecognizer()                           # doctest: +SKIP
    >>> [plate.text for plate in recognizer.read("photo.jpg")]          # doctest: +SKIP
    ['KL65DKH']

    An instance may be used from several threads at once.

    Args:
        models: folder with `detector.onnx` and `ocr.onnx`; None: the models that came with the package.
        threads: CPU threads of one call, and of many photos those that are read at the same time; None: every core.
        second_look: whether small and doubtful candidates are looked at again at full resolution, and doubtful readings
            cut anew (see `lpr.inference.second_look`, `lpr.decoding.reading`): fewer errors for a little time.
        regions: ISO 3166-1 alpha-2 codes of the countries whose formats doubtful readings are compared with, as
            `["BR"]`; None: all countries.

    Attributes:
        detector, ocr: the models.
        device: where they run, always "cpu".
        threads: see above.
        threshold: the detector's working threshold.
        margin: shares of a box that its crop has more on each side.

    Raises:
        LprError: a model is missing, damaged, or was not exported by this project, or a region is not known.
    """

    device = "cpu"

    def __init__(
        self,
        models: Path | str | None = None,
        *,
        threads: int | None = None,
        second_look: bool = True,
        regions: Sequence[str] | None = None,
    ) -> None:
        check_regions(regions)
        self._regions = regions
        folder = models_folder(models)
        check_recorded(folder, ("detector.onnx", "ocr.onnx"))
        self._second_look = second_look
        self.threads = usable_cores() if threads is None else threads
        # Kept from photo to photo: starting a thread takes as long as what it does for one.
        self._beside = ThreadPoolExecutor(1, "lpr-ahead") if self.threads > 1 else None
        # ONNX Runtime leaves Python's lock while it opens a model, so that two take little longer than one.
        ocr = self._beside.submit(OnnxModel, folder / "ocr.onnx", "ocr", threads) if self._beside else None
        self.detector = OnnxModel(folder / "detector.onnx", "detector", threads)
        self.ocr = ocr.result() if ocr else OnnxModel(folder / "ocr.onnx", "ocr", threads)
        self.threshold: float = self.detector.card.settings["threshold"]
        self._finder = Finder(self.detector, second_look)
        self._text_reader = TextReader(self.ocr, second_look)
        self.margin: float = self._text_reader.margin

    def with_regions(self, regions: Sequence[str] | None) -> LicensePlateRecognizer:
        """Return a recogniser of the same opened models for plates of other `regions`. Raises LprError; see above."""
        check_regions(regions)
        other = copy(self)
        other._regions = regions
        vars(other).pop("_grammar", None)
        return other

    def detect(self, batch: ArrayLike) -> Floats:
        """Return the best plate of each image, however unlikely.

        Args:
            batch: `(B, 3, 224, 224)` float RGB in [0, 1]; values outside are clipped, with one warning.

        Returns:
            `(B, 5)` rows `[x, y, w, h, conf]`, the box in fractions of the image from its top left corner.

        Raises:
            LprError: the batch has another shape or type, or holds NaN or infinity.
        """
        return self.detector(batch, PHOTOS_AT_ONCE)[0]

    def candidates(self, batch: ArrayLike) -> Floats:
        """Return all candidates of each image, `(B, N, 5)`, before non-maximum suppression; else like `detect`."""
        return self.detector(batch, PHOTOS_AT_ONCE)[1]

    def candidates_with_corners(self, batch: ArrayLike) -> Floats:
        """Return the rows of `candidates`, each followed by its plate's corners: `(B, N, 13)`.

        The corners are `[x, y]` x 4 in the same fractions, clockwise from the top left of the plate as it is read.
        """
        return with_corners(self.detector(batch, PHOTOS_AT_ONCE))

    def recognize_text(self, batch: ArrayLike) -> Floats:
        """Return character logits of crops.

        Args:
            batch: `(B, 3, 32, 128)` float RGB in [0, 1]; values outside are clipped, with one warning.

        Returns:
            `(B, T, 36)` log-odds of each character of `0-9A-Z` against "no character", for `decode_plate`.

        Raises:
            LprError: the batch has another shape or type, or holds NaN or infinity.
        """
        return self.ocr(batch, CROPS_AT_ONCE)[0]

    def decode_plate(self, logits: ArrayLike) -> str:
        """Return the text of one crop.

        Args:
            logits: `(T, 36)` or `(1, T, 36)` of `recognize_text`, decoded by CTC; or `(T,)` whole numbers, places in
                `0-9A-Z` from 0 to 35 of one character each, where a negative one stands for no character.

        Raises:
            LprError: it is none of these.
        """
        values = np.asarray(logits)
        if values.ndim == 3 and len(values) == 1:
            values = values[0]
        if values.ndim == 2 and values.shape[1] == len(ALPHABET):
            return decode(values).text
        if values.ndim == 1 and (np.issubdtype(values.dtype, np.integer) or not values.size):
            places = [int(place) for place in values if place >= 0]
            if max(places, default=0) < len(ALPHABET):
                return "".join(ALPHABET[place] for place in places)
            raise LprError(
                f"a character at place {max(places)}: the alphabet's places run from 0 to {len(ALPHABET) - 1}"
            )
        raise LprError(
            f"an array of shape {np.shape(logits)} and type {values.dtype}: "
            f"give the logits (T, {len(ALPHABET)}) of one crop, or the places (T,) of its characters in {ALPHABET}"
        )

    def find(self, photos: Sequence[Image.Image], threshold: float | None = None) -> list[list[Found]]:
        """Return the plates' places in each photo, best first.

        Args:
            photos: RGB images, upright (`lpr.inference.photos.load_photo` makes them so).
            threshold: lowest confidence that is returned; None: the model's working threshold.
        """
        least = self.threshold if threshold is None else threshold
        found: list[list[Found]] = []
        for start in range(0, len(photos), PHOTOS_AT_ONCE):
            group = photos[start : start + PHOTOS_AT_ONCE]
            looks = self._finder.look(as_batch([detector_input(photo) for photo in group]))
            found += self._finder.find(group, looks, least)
        return found

    def read_boxes(
        self, crops: Sequence[tuple[Image.Image, Box]], corners: Sequence[ArrayLike | None] | None = None
    ) -> list[Reading]:
        """Read plates whose places are known, all in one go.

        Args:
            crops: RGB photos with a plate's box in their pixels.
            corners: of the same plates, as in `Found`, where known; a plate that leans by them is straightened.

        Returns:
            A reading for each, whose text is empty when no character was seen.
        """
        cuts = self._text_reader.cut(crops, corners or [None] * len(crops))
        return self._text_reader.decide(cuts, self._grammar)

    @overload
    def read(self, photos: Photo) -> list[PlateReading]: ...  # type: ignore[overload-overlap]

    @overload
    def read(self, photos: Sequence[Photo]) -> list[list[PlateReading]]: ...

    def read(self, photos: Photo | Sequence[Photo]) -> list[PlateReading] | list[list[PlateReading]]:
        """Find and read all plates.

        Args:
            photos: one photo, or a sequence of them: paths, Pillow images, or uint8 arrays `(H, W, 3)` RGB or `(H, W)`.

        Returns:
            The plates of the photo, or a list of them for each photo, ordered by the product of `detection`,
            `confidence`, and a factor of 0.5 to 1 for how well the text fits a country's format. A place where nothing
            can be read is left out (`find` gives it), and so is a text that follows no country's format where neither
            model is sure; a place below the working threshold is in where a text that follows one is read surely by the
            first cut. With `second_look`, a photo without plates is read as if it lay on its side; boxes are those of
            the photo as it came.

        Raises:
            LprError: a photo cannot be read.
        """
        if isinstance(photos, (str, Path, Image.Image, np.ndarray)):
            return self._read([photos])[0]
        if len(photos) <= PHOTOS_A_THREAD:
            return self._read(photos)
        return [plates for group in in_groups(self._read, photos, self.threads) for plates in group]

    def _read(self, photos: Sequence[Photo]) -> list[list[PlateReading]]:
        if not len(photos):
            return []
        images, batch = self._load(photos)
        places = self._finder.find(images, self._finder.look(batch), WEAK * self.threshold, WEAK)
        readings = self._read_places(images, places)
        if self._second_look:
            for index, image in enumerate(images):
                if not readings[index]:
                    readings[index] = self._read_sideways(image, batch[index])
        return readings

    def _load(self, photos: Sequence[Photo]) -> tuple[list[Image.Image], Floats]:
        """Return the decoded photos, and the detector's input of them."""
        if self._beside and len(photos) == 1:
            ahead = Ahead(self._beside)
            image = load_photo(photos[0], ahead.watch)
            return [image], ahead.finish(image)
        images = [load_photo(photo) for photo in photos]
        return images, as_batch([detector_input(image) for image in images])

    def _read_places(
        self, images: Sequence[Image.Image], places: Sequence[Sequence[Found]]
    ) -> list[list[PlateReading]]:
        """Return the plates at the places found in each photo, best first."""
        crops = [(image, place.box) for image, found in zip(images, places, strict=True) for place in found]
        if not crops:
            return [[] for _ in places]
        cuts = iter(self._text_reader.cut(crops, [place.corners for found in places for place in found]))
        likely = [
            [(place, cut) for place, cut in zip(found, cuts, strict=False) if self._is_likely(place, cut)]
            for found in places
        ]
        texts = iter(self._text_reader.decide([cut for some in likely for _, cut in some], self._grammar))
        readings: list[list[PlateReading]] = []
        for some in likely:
            plates = [
                PlateReading(
                    reading.text,
                    reading.confidence,
                    reading.chars,
                    place.box,
                    place.detection,
                    self._grammar.regions(reading.text),
                )
                for (place, _), reading in zip(some, texts, strict=False)
                if self._is_read(place, reading)
            ]
            readings.append(sorted(plates, key=self._rank, reverse=True))
        return readings

    def _read_sideways(self, photo: Image.Image, pixels: Floats) -> list[PlateReading]:
        """Read a photo without plates as if it lay on its side; what is not read clearly then is none either.

        Args:
            photo: as it came.
            pixels: `(3, 224, 224)`, the detector's input of it, which turns with it.
        """
        turned_pixels = [np.rot90(pixels, turns, axes=(1, 2)) for turns in QUARTERS.values()]
        best: list[PlateReading] = []
        for turn, look in zip(QUARTERS, self._finder.look(np.stack(turned_pixels)), strict=True):
            if (look[:, 4] < self.threshold).all():
                continue
            turned = [photo.transpose(turn)]
            (plates,) = self._read_places(turned, self._finder.find(turned, look[None], self.threshold, WEAK))
            clear = [
                replace(plate, box=box_before(plate.box, turn, photo.width, photo.height))
                for plate in plates
                if plate.confidence >= CLEAR and self._grammar.plausibility(plate.text) >= FITTING
            ]
            if clear and (not best or self._rank(clear[0]) > self._rank(best[0])):
                best = clear
        return best

    def _is_likely(self, place: Found, cut: Cut) -> bool:
        """Decide by what both models say: a text that stands at first sight makes up for a weak candidate."""
        return place.detection >= self.threshold or stands(cut.reading, self._grammar)

    def _is_read(self, place: Found, reading: Reading) -> bool:
        """Decide whether what was read is a plate's text."""
        if not reading.text or reading.confidence < ILLEGIBLE:
            return False
        sure = place.detection >= EVIDENT or reading.confidence >= SURE
        return sure or self._grammar.plausibility(reading.text) >= FITTING

    def _rank(self, plate: PlateReading) -> float:
        """Return what plates are ordered by: captions and watermarks, which follow no format, come after plates."""
        return plate.detection * plate.confidence * (ODD + (1 - ODD) * self._grammar.plausibility(plate.text))

    @cached_property
    def _grammar(self) -> Grammar:
        # Made when a photo has a plate at all.
        return Grammar(self._regions)
