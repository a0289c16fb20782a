"""What the format readers yield, before anything is checked."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from lpr.data.annotations import Split, Use


@dataclass(frozen=True)
class RawPlate:
    """A plate as its annotation file has it.

    Attributes:
        bbox: `[x, y, width, height]` in pixels, or in fractions where the entry says so; None: the whole image.
        text: as written, None where it is unknown.
        lines: 1 or 2 where stated.
        quad, centres: as in `lpr.data.annotations.Plate`, where the project's own format has them.
    """

    bbox: tuple[float, float, float, float] | None
    text: str | None = None
    lines: int | None = None
    quad: tuple[tuple[float, float], ...] | None = None
    centres: tuple[tuple[float, float], ...] | None = None


@dataclass(frozen=True)
class RawEntry:
    """One image of a source with its plates, unchecked.

    Attributes:
        image: path relative to the source's folder, with slashes; nothing says yet that it is there, or inside.
        plates: what is annotated; a single plate without a box makes the image a crop.
        split: the split that the source gives, None where it gives none.
        origin: the file, and line where there is one, that says so; for reports.
        fractions: whether boxes are in fractions of the image instead of pixels.
        claimed_size: width and height that the annotation states; pixels decide, a difference is counted.
        other_objects: number of annotated objects that are no plates and were passed over.
        use: what the image is for, where the project's own format says it; None: whatever its source is for.
    """

    image: str
    plates: tuple[RawPlate, ...]
    split: Split | None
    origin: str
    fractions: bool = False
    claimed_size: tuple[int, int] | None = None
    other_objects: int = 0
    use: Use | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the entry as plain values, which `from_json` turns back."""
        return asdict(self)

    @staticmethod
    def from_json(value: dict[str, Any]) -> RawEntry:
        """Return the entry of which `value` is the `to_json`."""
        return RawEntry(**{**value, "plates": tuple(RawPlate(**plate) for plate in value["plates"])})


@dataclass(frozen=True)
class RawRejection:
    """Something that no entry could be made of: a file, the place in it (a line, a name), and the reason."""

    file: str
    entry: str
    reason: str


Raw = RawEntry | RawRejection
