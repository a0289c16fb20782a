"""Do the shipped models still fit the code and the recipe that made them? `recipes/NAME.lock` keeps their run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lpr.base.hashes import md5
from lpr.base.parsing import read_yaml
from lpr.inference.shipped import SHIPPED

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
        stages = read_yaml(lock).get("stages", {})
        made = {out["path"]: out["md5"] for out in stages.get("export", {}).get("outs", [])}
        names = ("detector.onnx", "ocr.onnx")
        if any(made.get(f"models/{name}") != md5(SHIPPED / name) for name in names if (SHIPPED / name).is_file()):
            lines.append(f"warning: the shipped models are not those of {lock}: ship them from the run that it names")
            continue
        changed = later_code(stages)
        fits = f"later code, it would make others now: {', '.join(changed)}" if changed else "the same code"
        lines.append(f"shipped models: those of {lock}; {fits}")
    return "\n".join(lines)


def later_code(stages: Mapping[str, Any]) -> list[str]:
    """Return the code that the stages of a lock declare and that has changed since, by path, sorted."""
    from dvc.repo import Repo  # type: ignore[import-untyped]
    from dvc_data.hashfile.build import build  # type: ignore[import-untyped]

    changed = set()
    with Repo() as repo:
        for name in _STAGES:
            for dep in stages.get(name, {}).get("deps", []):
                path = str(dep["path"])
                if not path.startswith(_CODE):
                    continue
                if not Path(path).exists():
                    changed.add(path)
                    continue
                tree = build(repo.cache.local, path, repo.fs, "md5", dry_run=True, ignore=repo.dvcignore)[2]
                if tree.hash_info.value != dep["md5"]:
                    changed.add(path)
    return sorted(changed)
