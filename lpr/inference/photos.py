"""Photos of any kind as upright RGB images."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from PIL.JpegImagePlugin import JpegImageFile

from lpr.base.errors import LprError
from lpr.plate.photo import FORMATS, open_image, orientation, to_rgb, upright

Photo: TypeAlias = str | Path | Image.Image | NDArray[np.uint8]
Decoded: TypeAlias = Callable[[int], bool]
"""Tells whether a row of a photo is there already, and all above it; it may say no until the photo is complete."""
Watcher: TypeAlias = Callable[[Image.Image, Decoded], None]
"""Is shown a photo that is being decoded. Rows that are there change no more, and may be read in another thread."""

CHUNK = 1 << 15
"""Bytes of a watched file that are decoded between two calls of the watcher."""

MAX_PIXELS = 120_000_000
"""Larger images are refused before they are decoded: they would fill the memory (decompression bombs)."""

_TOO_LARGE = f"more than the {MAX_PIXELS // 1_000_000} megapixels that are read; scale it down"
_DAMAGED = "damaged or cut short; copy it again"

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".gif", ".ppm", ".pgm"})
"""File names that count as photos when a folder is read."""


def load_photo(photo: Photo, watcher: Watcher | None = None) -> Image.Image:
    """Return a photo as an RGB image, turned as its EXIF orientation says.

    JPEGs are decoded in full, not with the decoder's cheap scaling (`Image.draft`): a plate that is found can be as
    narrow as a hundredth of the photo, and the OCR wants 128 pixels of it, so that only photos of more than ten
    thousand pixels a side would have detail to spare.

    Args:
        photo: a file; a Pillow image of any mode; or uint8 pixels `(H, W, 3)` in RGB order or `(H, W)` in grey.
        watcher: is called again and again while a file is decoded whose rows are final at once: an upright RGB JPEG. It
            may not raise.

    Raises:
        LprError: no such file, no image, truncated, too large, or an array of another shape or type.
    """
    if isinstance(photo, (str, Path)):
        return _load_file(Path(photo), watcher)
    if isinstance(photo, Image.Image):
        return _decode(photo, "the image")
    return _from_array(photo)


def _load_file(path: Path, watcher: Watcher | None) -> Image.Image:
    if path.is_dir():
        raise LprError(f"{path}: a folder, not a photo")
    try:
        with open_image(path) as image:
            if watcher and isinstance(image, JpegImageFile) and image.mode == "RGB":
                _watch(image, watcher)
            return _decode(image, str(path))
    except FileNotFoundError as error:
        raise LprError(f"{path}: no such file") from error
    except PermissionError as error:
        raise LprError(f"{path}: not readable; check its permissions") from error
    except UnidentifiedImageError as error:
        raise LprError(f"{path}: not an image of a known format ({', '.join(FORMATS)})") from error
    except Image.DecompressionBombError as error:
        raise LprError(f"{path}: {_TOO_LARGE}") from error
    except LprError:
        raise
    except Exception as error:  # a damaged header makes Pillow raise nearly anything
        raise LprError(f"{path}: {_DAMAGED} ({error})") from error


def _watch(image: JpegImageFile, watcher: Watcher) -> None:
    """Have the watcher called whenever the decoder asks for more of the file."""
    if orientation(image) != 1:
        return
    read = image.load_read

    def load_read(count: int) -> bytes:
        pixels = image.im

        def decoded(row: int) -> bool:
            # Rows come in order, and are black before.
            return pixels.crop((0, row, image.width, row + 1)).getbbox() is not None

        watcher(image._new(pixels), decoded)
        return read(count)

    image.decodermaxblock = CHUNK
    image.load_read = load_read  # type: ignore[method-assign, assignment]


def _decode(image: Image.Image, origin: str) -> Image.Image:
    if not image.width or not image.height:
        raise LprError(f"{origin}: an image without pixels")
    if image.width * image.height > MAX_PIXELS:
        raise LprError(f"{origin}: {image.width} x {image.height} pixels, {_TOO_LARGE}")
    try:
        image.load()
        return to_rgb(upright(image))[0]
    except Exception as error:  # damaged data make Pillow's decoders raise nearly anything
        raise LprError(f"{origin}: {_DAMAGED} ({error})") from error


def _from_array(array: Any) -> Image.Image:
    if not isinstance(array, np.ndarray):
        raise LprError(f"a photo of type {type(array).__name__}: give a path, a Pillow image or a numpy array")
    if array.dtype != np.uint8:
        raise LprError(f"a photo as an array of {array.dtype}: give uint8 pixels in 0 to 255")
    if not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] == 3)) or not array.size:
        raise LprError(f"a photo as an array of shape {array.shape}: give (H, W, 3) in RGB order, or (H, W)")
    if array.shape[0] * array.shape[1] > MAX_PIXELS:
        raise LprError(f"an array of shape {array.shape}: {_TOO_LARGE}")
    return Image.fromarray(np.ascontiguousarray(array)).convert("RGB")


def list_photos(folder: Path) -> list[Path]:
    """Return the photos directly in a folder, sorted by name. Raises LprError when there are none."""
    photos = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file())
    if not photos:
        raise LprError(f"{folder}: no photos in this folder ({', '.join(sorted(SUFFIXES))})")
    return photos
