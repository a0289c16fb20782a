"""How images of every kind become upright RGB photos: one way, for training, evaluation and use."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, JpegImagePlugin, UnidentifiedImageError  # noqa: F401 (JPEG registers itself)

FORMATS = ("JPEG", "PNG", "BMP", "GIF", "TIFF", "WEBP", "PPM")
"""Formats that are read, all plain rasters: others (EPS, PDF-like) start programs. JPEG includes MPO."""


_PLUGINS = ("Bmp", "Gif", "Png", "Ppm", "Tiff", "WebP")
"""Of Pillow, which register the other formats when they are imported."""
_STRIP = 4_000_000  # pixels


def open_image(source: Path | str | IO[bytes]) -> Image.Image:
    """Return an image of one of the FORMATS, its header read and its pixels not yet.

    Raises:
        UnidentifiedImageError: it is of none of them; and whatever else Pillow raises.
    """
    try:
        return Image.open(source, formats=("JPEG",))
    except UnidentifiedImageError:
        # The other plugins take as long to import as a model to open, and most photos are JPEGs.
        for name in _PLUGINS:
            import_module(f"PIL.{name}ImagePlugin")
        return Image.open(source, formats=FORMATS)


def orientation(image: Image.Image) -> int:
    """Return the image's EXIF orientation, 1 to 8; 1, upright, where there is none or it makes no sense."""
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # damaged metadata make Pillow raise nearly anything, and are no reason to lose the photo
        return 1
    return value if value in range(2, 9) else 1


def upright(image: Image.Image) -> Image.Image:
    """Return the image turned as its EXIF orientation says; the same object when there is nothing to turn."""
    if orientation(image) == 1:
        return image
    from PIL import ImageOps  # brings most plugins with it

    return ImageOps.exif_transpose(image)


def to_rgb(image: Image.Image) -> tuple[Image.Image, str]:
    """Return an image of any mode as 8-bit RGB, and the kind of conversion, "" where it is RGB already.

    What is transparent becomes white; values of more than 8 bits are scaled by the range of their type.
    """
    mode = image.mode
    if mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        if image.height <= _rows(image):
            return _on_white(image), "alpha"
        whole = Image.new("RGB", image.size)
        for top in range(0, image.height, _rows(image)):
            whole.paste(_on_white(image.crop((0, top, image.width, min(top + _rows(image), image.height)))), (0, top))
        return whole, "alpha"
    if mode == "RGB":
        return image, ""
    if mode.startswith("I") or mode == "F":
        return _from_deep(image), "16-bit"
    kind = {"L": "grey", "1": "grey", "P": "palette", "CMYK": "cmyk"}.get(mode, mode.lower())
    return image.convert("RGB"), kind


def _rows(image: Image.Image) -> int:
    # Large images are converted in strips: a file of a few hundred kilobytes may hold all pixels that are allowed, and
    # the steps of a conversion together take several times the image's memory.
    return max(_STRIP // max(image.width, 1), 1)


def _on_white(image: Image.Image) -> Image.Image:
    layered = image.convert("RGBA")
    ground = Image.new("RGBA", layered.size, "white")
    return Image.alpha_composite(ground, layered).convert("RGB")


def _finite(values: NDArray[Any]) -> NDArray[np.float64]:
    return np.nan_to_num(np.asarray(values, np.float64), posinf=0.0, neginf=0.0)


def _from_deep(image: Image.Image) -> Image.Image:
    # Pillow's own conversion cuts everything above 255 off.
    values = np.asarray(image)
    strips = [slice(start, start + _rows(image)) for start in range(0, image.height, _rows(image))]
    top = max((float(_finite(values[strip]).max(initial=0.0)) for strip in strips), default=0.0)
    if image.mode == "F" and top <= 1.0:
        full = 1.0
    elif image.mode == "F" and top <= 255.0:
        full = 255.0
    else:
        full = 65535.0 if top <= 65535.0 else top
    grey = np.empty(values.shape, np.uint8)
    for strip in strips:
        grey[strip] = np.clip(_finite(values[strip]) * (255.0 / full) + 0.5, 0, 255)
    return Image.fromarray(grey).convert("RGB")
