"""Do the shipped models still fit the code and the recipe that made them? `recipes/NAME.lock` keeps their run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lpr.base.hashes import md5
from lpr.inference.shipped import SHIPPED
from lpr.records.model_files import MODELS
from lpr.review.dvc_repo import hash_path, open_repo
from lpr.review.lock import locked_stages, output_hashes

RECIPES = Path("recipes")
_STAGES = ("fetch_data", "train_detector", "train_ocr", "export")
"""Stages that shape the models."""
_CODE = ("lpr/", "stages/")


def format_shipped() -> str:
    """Return one line on the shipped models, "" where no recipe in the folder here keeps a run.

    A model from other code is no fault: it is measured, and read by the code that is here. It only says that the recipe
    would make another one now.
    """
    lines = []
    for lock in sorted(RECIPES.glob("*.lock")):
        stages = locked_stages(lock.read_text(encoding="utf-8"))
        made = output_hashes(stages)
        if any(made.get(f"models/{name}") != md5(SHIPPED / name) for name in MODELS if (SHIPPED / name).is_file()):
            lines.append(f"warning: the shipped models are not those of {lock}: ship them from the run that it names")
            continue
        changed = later_code(stages)
        fits = f"later code, it would make others now: {', '.join(changed)}" if changed else "the same code"
        lines.append(f"shipped models: those of {lock}; {fits}")
    return "\n".join(lines)


def later_code(stages: Mapping[str, Any]) -> list[str]:
    """Return the code that the stages of a lock declare and that has changed since, by path, sorted."""
    changed = set()
    with open_repo() as repo:
        for dep in (dep for name in _STAGES for dep in stages.get(name, {}).get("deps", [])):
            path = str(dep["path"])
            if path.startswith(_CODE) and not (
                Path(path).exists() and hash_path(repo, path, repo.fs, repo.dvcignore).hash_info.value == dep["md5"]
            ):
                changed.add(path)
    return sorted(changed)
