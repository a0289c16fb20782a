"""The models that travel with the package."""

from __future__ import annotations

from pathlib import Path

from lpr.base.errors import LprError

SHIPPED = Path(__file__).parents[1] / "assets" / "models"
"""Their folder: `detector.onnx`, `ocr.onnx`, where they come from, how good they are, and their card."""
CARD = "README.md"
"""The card's name in a folder of models."""


def models_folder(models: Path | str | None) -> Path:
    """Return the folder of models to use: the given one, or that of the shipped ones for None.

    Raises:
        LprError: None is given, and no models were shipped.
    """
    if models is not None:
        return Path(models)
    if not (SHIPPED / "detector.onnx").is_file() or not (SHIPPED / "ocr.onnx").is_file():
        raise LprError(
            f"{SHIPPED}: no models came with this installation of lpr; install a released version, or name a folder "
            'of models: `--models models`, `LicensePlateRecognizer("models")`'
        )
    return SHIPPED


def read_card(models: Path) -> str:
    """Return the card of a folder of models. Raises LprError when there is none."""
    try:
        return (models / CARD).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise LprError(f"{models / CARD}: these models have no card; `dvc repro export` writes one") from error
