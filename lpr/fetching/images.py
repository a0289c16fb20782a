"""Opening photographs of any kind and bringing them into the one form that `data/` holds: upright RGB JPEG."""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from lpr.plate.photo import open_image, to_rgb, upright

_SMALLEST = 8  # pixels; nothing that is shorter on a side shows a plate
_BYTES_A_PIXEL = 8  # of the largest uncompressed form, 16-bit RGBA


class ImageRejectedError(Exception):
    """An image cannot be used; the message is the reason in the table of rejected entries."""


@dataclass(frozen=True)
class FinishedImage:
    """An image in its final form.

    Attributes:
        image: RGB, upright, at most `max_side` long.
        scale: final pixels for each pixel of the upright original.
        size: width and height of the upright original.
        conversions: what had to be changed, by kind; empty where the original's bytes can be kept.
        original: the file's bytes, None for a rendered image.
    """

    image: Image.Image
    scale: float
    size: tuple[int, int]
    conversions: tuple[str, ...]
    original: bytes | None

    def encode(self, quality: int) -> tuple[bytes, Image.Image]:
        """Return the bytes to store and the image that they hold.

        The bytes are the original's if nothing was changed, else a baseline JPEG's, whose pixels differ a little.
        """
        if self.original is not None and not self.conversions:
            return self.original, self.image
        stream = io.BytesIO()
        self.image.save(stream, "JPEG", quality=quality)
        stored = Image.open(stream)
        stored.load()
        return stream.getvalue(), stored


def pixel_digest(image: Image.Image) -> str:
    """Return a hash of an image's size and pixels."""
    digest = hashlib.blake2b(repr(image.size).encode(), digest_size=16)
    digest.update(image.tobytes())
    return digest.hexdigest()


def open_photo(path: Path, max_megapixels: float, max_side: int) -> FinishedImage:
    """Read a file once and bring it into the final form.

    Args:
        path: the image.
        max_megapixels: larger images are refused by what their header says, before anything is decoded.
        max_side: the longest side of the result, in pixels.

    Raises:
        ImageRejectedError: the file is missing, empty, no image, truncated, too small, or too large.
    """
    try:
        with path.open("rb") as stream:
            limit = int(max_megapixels * 1e6 * _BYTES_A_PIXEL) + (1 << 20)
            data = stream.read(limit + 1)
    except OSError as error:
        raise ImageRejectedError(f"cannot be read: {error.strerror}") from error
    if not data:
        raise ImageRejectedError("file is empty")
    if len(data) > limit:
        raise ImageRejectedError(f"file is larger than an image of {max_megapixels:g} megapixels can be")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about metadata that is passed over, and sizes that are checked below
            image = _open(data, max_megapixels)
            return _finish(image, data, max_side)
    except ImageRejectedError:
        raise
    except Image.DecompressionBombError as error:
        raise ImageRejectedError(f"image is larger than {max_megapixels:g} megapixels") from error
    except Exception as error:  # decoders of damaged files raise nearly anything: struct.error, SyntaxError, ..
        raise ImageRejectedError(_reason(error)) from error


def rendered_photo(image: Image.Image, max_side: int) -> FinishedImage:
    """Return an RGB image that comes from no file in its final form."""
    scaled, scale = _scaled(image, max_side)
    return FinishedImage(scaled, scale, image.size, ("rendered",), None)


def _open(data: bytes, max_megapixels: float) -> Image.Image:
    image = open_image(io.BytesIO(data))
    width, height = image.size
    if width * height > max_megapixels * 1e6:
        raise ImageRejectedError(f"image of {width}x{height} is larger than {max_megapixels:g} megapixels")
    if min(width, height) < _SMALLEST:
        raise ImageRejectedError(f"image of {width}x{height} is smaller than {_SMALLEST} pixels on a side")
    image.load()
    return image


def _finish(image: Image.Image, data: bytes, max_side: int) -> FinishedImage:
    kinds = [] if image.format == "JPEG" else [f"from {str(image.format).lower()}"]
    if image.info.get("progressive"):
        kinds.append("progressive")
    rotated = upright(image)
    if rotated is not image:
        kinds.append("rotated")
    rgb, kind = to_rgb(rotated)
    if kind:
        kinds.append(kind)
    scaled, scale = _scaled(rgb, max_side)
    if scale != 1:
        kinds.append("scaled")
    return FinishedImage(scaled, scale, rgb.size, tuple(kinds), data)


def _scaled(image: Image.Image, max_side: int) -> tuple[Image.Image, float]:
    longest = max(image.size)
    if longest <= max_side:
        return image, 1.0
    scale = max_side / longest
    size = (max(round(image.width * scale), 1), max(round(image.height * scale), 1))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0), scale


def _reason(error: Exception) -> str:
    text = str(error)
    if "truncated" in text or "Truncated" in text or "end of file" in text:
        return "image is truncated"
    if isinstance(error, MemoryError):
        return "image needs more memory than there is"
    return "not readable as an image"
