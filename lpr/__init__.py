"""License plate recognition: a pipeline that trains, judges and publishes models, and a library that reads plates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lpr.inference.recognizer import LicensePlateRecognizer

__all__ = ["LicensePlateRecognizer"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    # Loaded on first use, so that `import lpr` costs nothing to those who need another part of it.
    if name == "LicensePlateRecognizer":
        from lpr.inference.recognizer import LicensePlateRecognizer

        return LicensePlateRecognizer
    raise AttributeError(f"module 'lpr' has no attribute {name!r}")
