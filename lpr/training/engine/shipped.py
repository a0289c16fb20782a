"""The shipped model as the checkpoint of a training for which the data set holds nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lpr.base.errors import LprError
from lpr.base.files import sha256
from lpr.base.parsing import parse_json
from lpr.training.engine.log import Curves
from lpr.training.engine.start import read_finished

_RECORD = "training_metadata.json"
_REPAIR = "restore the folder with git"


def take_shipped(folder: Path, kind: str) -> dict[str, Any]:
    """Return the checkpoint of a shipped model, marked as such.

    Its network keeps its own width, its settings and its validation metrics, which are of the data that it was trained
    on. In `provenance`, `epoch` and `epochs` are 0, `start_sha256` is that of the file, and `shipped` tells commit,
    date and sources of the training that made it.

    Args:
        folder: of the shipped models.
        kind: `detector` or `ocr`.

    Raises:
        LprError: the model is missing, damaged, or another than the folder's training_metadata.json records.
    """
    path = folder / f"{kind}.pt"
    value = read_finished(path, kind, _REPAIR)
    digest = sha256(path)
    try:
        record = parse_json((folder / _RECORD).read_text(encoding="utf-8"))
        if record["files"][path.name]["sha256"] != digest:
            raise ValueError(f"its files.{path.name} is not the hash of that file")
        shipped = {
            "file": path.as_posix(),
            "git_commit": str(record["git_commit"]),
            "training_date": str(record["training_date"]),
            "sources": [
                {"name": str(source["name"]), "licence": str(source["licence"])} for source in record["data"]["sources"]
            ],
        }
        provenance = {**value["provenance"], "start_sha256": digest, "epoch": 0, "epochs": 0, "shipped": shipped}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LprError(f"{folder / _RECORD}: does not say where {path} comes from ({error}); {_REPAIR}") from error
    return {**value, "provenance": provenance}


def write_results(results: Path, metrics: dict[str, float]) -> None:
    """Write what a training leaves to look at: that it had no epoch, and the model's recorded metrics as its start."""
    curves = Curves(results, [{f"val/{name}": value for name, value in metrics.items()}])
    curves.finish({"shipped": True, "epochs": 0})
