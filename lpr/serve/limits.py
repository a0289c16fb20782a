"""What one request may ask for, and what all of them together may."""

from __future__ import annotations

from dataclasses import dataclass, fields

from lpr.base.errors import LprError


@dataclass(frozen=True)
class Limits:
    """Bounds of the service. Each is a whole number of at least 1.

    Attributes:
        megabytes: of a request's body.
        megapixels: of a photo.
        photos: of a request.
        queue: photos of all requests that wait or are being read; further requests are answered 503.
        seconds: in which a request's body must have come, and again in which it must have been answered.

    Raises:
        LprError: one of them is below 1, or the queue is shorter than a request may be.
    """

    megabytes: int = 32
    megapixels: int = 50
    photos: int = 16
    queue: int = 128
    seconds: int = 30

    def __post_init__(self) -> None:
        for field in fields(self):
            if getattr(self, field.name) < 1:
                raise LprError(f"--max-{field.name} is {getattr(self, field.name)}: at least 1")
        if self.queue < self.photos:
            raise LprError(f"--max-queue is {self.queue}: at least --max-photos, {self.photos}")

    @property
    def bytes(self) -> int:
        """Bytes of a request's body."""
        return self.megabytes * 1_000_000

    @property
    def pixels(self) -> int:
        """Pixels of a photo."""
        return self.megapixels * 1_000_000
