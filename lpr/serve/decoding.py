"""Photos from bytes that anybody may have sent."""

from __future__ import annotations

import io

from PIL import Image, UnidentifiedImageError

from lpr.base.errors import LprError
from lpr.inference.photos import load_photo
from lpr.plate.photo import FORMATS, open_image
from lpr.serve.limits import Limits
from lpr.serve.refusal import RefusalError


def open_photo(data: bytes, limits: Limits) -> Image.Image:
    """Return a photo whose header alone has been read.

    Raises:
        RefusalError: it is no photo (415), or has too many pixels (413).
    """
    try:
        image = open_image(io.BytesIO(data))
    except UnidentifiedImageError as error:
        raise RefusalError(415, f"not an image of a known format ({', '.join(FORMATS)})") from error
    except Image.DecompressionBombError as error:
        raise _too_large(limits) from error
    except Exception as error:  # a damaged header makes Pillow raise nearly anything
        raise RefusalError(422, "a damaged image; send it again") from error
    if image.width * image.height > limits.pixels:
        raise _too_large(limits, f"{image.width} x {image.height} pixels, ")
    return image


def decode_photo(image: Image.Image) -> Image.Image:
    """Return an opened photo upright and in RGB. Raises RefusalError where its data are damaged (422)."""
    try:
        return load_photo(image)
    except LprError as error:
        raise RefusalError(422, str(error)) from error


def _too_large(limits: Limits, size: str = "") -> RefusalError:
    return RefusalError(413, f"{size}more than the {limits.megapixels} megapixels that are read; scale it down")
