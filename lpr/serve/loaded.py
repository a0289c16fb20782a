"""Models in use: only of verified bytes, and only when the probe finds that they work."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lpr.assessment.probe import probe
from lpr.base.errors import LprError
from lpr.base.files import sha256
from lpr.inference.recognizer import LicensePlateRecognizer
from lpr.inference.shipped import CARD
from lpr.records.metadata import METADATA, load_metadata
from lpr.records.model_files import MODELS

_KEPT = 16
"""Sets of regions whose recognisers are kept: making one takes longer than reading a plate."""


@dataclass(frozen=True)
class Loaded:
    """Models that are in use.

    Attributes:
        version: the published one, `v1.2`, or the first digits of the models' hashes.
        message: what was said when they were published; may be empty.
        origin: where they came from.
        hashes: SHA-256 of each file.
        card: their card, in Markdown; may be empty.
        recognizer: the models, opened.
    """

    version: str
    message: str
    origin: str
    hashes: dict[str, str]
    card: str
    recognizer: LicensePlateRecognizer
    _expecting: dict[tuple[str, ...], LicensePlateRecognizer] = field(default_factory=dict, repr=False)

    def expecting(self, regions: tuple[str, ...] | None) -> LicensePlateRecognizer:
        """Return the recogniser for plates of some countries; None: of all. Raises LprError for an unknown one."""
        if regions is None:
            return self.recognizer
        if regions not in self._expecting:
            if len(self._expecting) == _KEPT:
                self._expecting.pop(next(iter(self._expecting)), None)
            self._expecting[regions] = self.recognizer.with_regions(regions)
        return self._expecting[regions]

    def as_json(self) -> dict[str, Any]:
        """Return what `/v1/model` answers."""
        return {
            "version": self.version,
            "message": self.message,
            "origin": self.origin,
            "sha256": self.hashes,
            "threshold": self.recognizer.threshold,
            "card": self.card,
        }


def verify(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each model file.

    Raises:
        LprError: a file is missing, or is not the one that training_metadata.json beside it names.
    """
    recorded = load_metadata(folder).files
    hashes = {}
    for name in MODELS:
        if not (folder / name).is_file():
            raise LprError(f"{folder / name}: no such model; `dvc repro export`, or `lpr models get latest --into DIR`")
        hashes[name] = sha256(folder / name)
        if name not in recorded or hashes[name] != recorded[name].sha256:
            raise LprError(f"{folder / name}: not the file that {METADATA} names; bring the models back whole")
    return hashes


def load(folder: Path, version: str, message: str, origin: str, threads: int | None = None) -> Loaded:
    """Open the models of a folder that nobody else writes.

    Args:
        folder: holds the .onnx files, training_metadata.json and perhaps a card.
        version, message, origin: as in `Loaded`; an empty version becomes the hashes' first digits.
        threads: of the models; None: every core.

    Raises:
        LprError: the files are not the recorded ones, cannot be opened, or fail the probe.
    """
    hashes = verify(folder)
    if failed := [check for check in probe(folder) if not check.passed]:
        raise LprError(f"{origin}: the probe fails: {failed[0].name}, {failed[0].detail}; `lpr probe` shows more")
    card = folder / CARD
    return Loaded(
        version=version or "-".join(hashes[name][:8] for name in MODELS),
        message=message,
        origin=origin,
        hashes=hashes,
        card=card.read_text(encoding="utf-8", errors="replace") if card.is_file() else "",
        recognizer=LicensePlateRecognizer(folder, threads=threads),
    )
