"""Whether results are those of the models at hand: a run that was stopped leaves those of an earlier one in place."""

from __future__ import annotations

from pathlib import Path

from lpr.base.errors import LprError
from lpr.records.gates_file import load_gates, load_gates_of
from lpr.records.model_files import MODEL_FILES
from lpr.review.staleness import find_stale


def require_own_results(gates: Path, models: Path) -> None:
    """Make sure that gates.json is about the models of a folder, or, where none are there, about those of dvc.lock.

    Args:
        gates: what `evaluate` wrote.
        models: the folder of models.

    Raises:
        LprError: gates.json is missing or unreadable, or it is about other models, or dvc.lock is stale.
    """
    load_gates(gates)
    if mismatch := find_mismatch(gates, models):
        raise LprError(mismatch)


def find_mismatch(gates: Path, models: Path) -> str | None:
    """Return why gates.json may be about other models than those of a folder or of dvc.lock; None: it is about them."""
    if any((models / name).is_file() for name in MODEL_FILES):
        try:
            load_gates_of(gates, models, MODEL_FILES)
        except LprError as error:
            return str(error)
        return None
    if changed := [name for name in find_stale().changed if name != "publish"]:
        return (
            f"{gates}: {models} holds no models, and dvc.lock is stale ({', '.join(changed)}), so these results may be "
            "those of an earlier run; run `dvc repro`, or go on with one that was stopped"
        )
    return None
