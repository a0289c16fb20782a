"""What is kept of the run that made the shipped models: its dvc.lock, parameters and metrics, beside the recipe."""

from __future__ import annotations

import shutil
from pathlib import Path

from lpr.base.errors import LprError
from lpr.base.files import atomic_path
from lpr.base.hashes import md5
from lpr.base.parsing import read_yaml
from lpr.records.model_files import MODEL_FILES

SOURCES = {".lock": "dvc.lock", ".params.yaml": "params.yaml", ".metrics.json": "results/evaluate/details.json"}
"""Files of a run by the ending under which they are kept: `recipes/real.yaml` has `recipes/real.lock` beside it."""


def record_run(recipe: Path, models: Path, root: Path, target: Path | None = None) -> list[Path]:
    """Copy a run's lock, parameters and metrics beside its recipe.

    Args:
        recipe: `NAME.yaml`.
        models: the bundle that the run exported.
        root: the clone in which it ran.
        target: folder of the copies; None: the recipe's own.

    Returns:
        The files that were written.

    Raises:
        LprError: there is no such recipe; a file of the run is missing; or dvc.lock names other models.
    """
    if not recipe.is_file():
        raise LprError(f"{recipe}: no such recipe; name one of recipes/*.yaml")
    for name in SOURCES.values():
        if not (root / name).is_file():
            raise LprError(f"{root / name}: no such file; run `dvc repro` there with the recipe's parameters")
    named = exported_hashes(root / "dvc.lock")
    for name in MODEL_FILES:
        if named.get(f"models/{name}") != md5(models / name):
            raise LprError(f"{root / 'dvc.lock'}: its export made another {name} than {models / name}; run `dvc repro`")
    written = []
    for ending, name in SOURCES.items():
        path = (target or recipe.parent) / f"{recipe.stem}{ending}"
        with atomic_path(path) as temporary:
            shutil.copyfile(root / name, temporary)
        written.append(path)
    return written


def exported_hashes(lock: Path) -> dict[str, str]:
    """Return the MD5 of each output of the stage `export` by its path. Raises LprError where the lock has none."""
    value = read_yaml(lock)
    try:
        outs = value["stages"]["export"]["outs"]
        return {str(out["path"]): str(out["md5"]) for out in outs}
    except (KeyError, TypeError) as error:
        raise LprError(f"{lock}: no outputs of the stage export in it; it is not the lock of a whole run") from error
