"""Whether model files are those that the record beside them was written for."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lpr.base.errors import LprError
from lpr.base.files import sha256

RECORD = "training_metadata.json"


def check_recorded(folder: Path, names: Iterable[str]) -> None:
    """Compare the model files of a folder with the hashes in its training_metadata.json.

    A model in which one bit of a weight has turned still loads, and reads as well as nothing shows. Files that are
    missing, and folders without such a record, pass.

    Raises:
        LprError: a file is not the one that was recorded.
    """
    recorded = _hashes(folder / RECORD)
    for path in (folder / name for name in names):
        wanted = recorded.get(path.name)
        if wanted is not None and path.is_file() and sha256(path) != wanted:
            raise LprError(
                f"{path}: damaged or exchanged, since its SHA-256 is not the one in {RECORD} beside it; bring the "
                "models back whole: `dvc checkout --force models`, `dvc repro export`, or where they were fetched from"
            )


def _hashes(record: Path) -> dict[str, str]:
    try:
        files: dict[str, Any] = json.loads(record.read_text(encoding="utf-8"))["files"]
        return {name: str(file["sha256"]) for name, file in files.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
