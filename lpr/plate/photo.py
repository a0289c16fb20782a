"""How images of every kind become upright RGB photos: one way, for training, evaluation and use."""

from __future__ import annotations

import numpy as np
from PIL import (  # noqa: F401 (the plugins register their formats)
    BmpImagePlugin,
    ExifTags,
    GifImagePlugin,
    Image,
    ImageOps,
    JpegImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

FORMATS = ("JPEG", "PNG", "BMP", "GIF", "TIFF", "WEBP", "PPM")
"""Formats that are read, all plain rasters: others (EPS, PDF-like) start programs. JPEG includes MPO."""


def orientation(image: Image.Image) -> int:
    """Return the image's EXIF orientation, 1 to 8; 1, upright, where there is none or it makes no sense."""
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # damaged metadata make Pillow raise nearly anything, and are no reason to lose the photo
        return 1
    return value if value in range(2, 9) else 1


def upright(image: Image.Image) -> Image.Image:
    """Return the image turned as its EXIF orientation says; the same object when there is nothing to turn."""
    return image if orientation(image) == 1 else ImageOps.exif_transpose(image)


def to_rgb(image: Image.Image) -> tuple[Image.Image, str]:
    """Return an image of any mode as 8-bit RGB, and the kind of conversion, "" where it is RGB already.

    What is transparent becomes white; values of more than 8 bits are scaled by the range of their type.
    """
    mode = image.mode
    if mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        layered = image.convert("RGBA")
        ground = Image.new("RGBA", layered.size, "white")
        return Image.alpha_composite(ground, layered).convert("RGB"), "alpha"
    if mode == "RGB":
        return image, ""
    if mode.startswith("I") or mode == "F":
        return _from_deep(image), "16-bit"
    kind = {"L": "grey", "1": "grey", "P": "palette", "CMYK": "cmyk"}.get(mode, mode.lower())
    return image.convert("RGB"), kind


def _from_deep(image: Image.Image) -> Image.Image:
    # Pillow's own conversion cuts everything above 255 off.
    values = np.nan_to_num(np.asarray(image, np.float64), posinf=0.0, neginf=0.0)
    top = float(values.max(initial=0.0))
    if image.mode == "F" and top <= 1.0:
        full = 1.0
    elif image.mode == "F" and top <= 255.0:
        full = 255.0
    else:
        full = 65535.0 if top <= 65535.0 else top
    return Image.fromarray(np.clip(values * (255.0 / full) + 0.5, 0, 255).astype(np.uint8)).convert("RGB")
