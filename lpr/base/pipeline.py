"""What dvc.yaml declares."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lpr.base.errors import LprError
from lpr.base.parsing import read_yaml

MODEL_STAGES = ("fetch_data", "train_detector", "train_ocr", "export")
"""The stages that shape the models. Their code is what `git_dirty` and `code` of training_metadata.json are about."""
_OUTPUTS = ("outs", "metrics", "plots")


def declared_code(stage: str, path: Path | str = "dvc.yaml") -> list[Path]:
    """Return the files and folders in git that a stage depends on: its `deps` but for what other stages make.

    Args:
        stage: its name.
        path: the pipeline's file; what it names is relative to the working folder.

    Raises:
        LprError: the file is missing or damaged, or does not declare the stage, or a file that it names is missing.
    """
    try:
        stages = read_yaml(path)["stages"]
        made = {out for other in stages.values() for key in _OUTPUTS for out in _names(other.get(key, []))}
        code = [Path(name) for name in _names(stages[stage]["deps"]) if name not in made]
    except FileNotFoundError as error:
        raise LprError(f"{path}: no such file; run from the repository's root") from error
    except KeyError as error:
        raise LprError(f"{path}: declares no {error.args[0]} of the stage {stage}; restore it with git") from error
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise LprError(f"{path}: not readable as a pipeline ({error}); restore it with git") from error
    if missing := [str(file) for file in code if not file.exists()]:
        raise LprError(f"{path}: the stage {stage} depends on {missing[0]}, which is missing; restore it with git")
    return code


def models_code(pipeline: Path | str = "dvc.yaml") -> list[Path]:
    """Return the files and folders of code on which the models depend, as dvc.yaml declares them. Raises LprError.

    Where there is no dvc.yaml, that is the whole folder.
    """
    if not Path(pipeline).exists():
        return [Path()]
    return sorted({path for stage in MODEL_STAGES for path in declared_code(stage, pipeline)})


def _names(entries: list[Any]) -> list[str]:
    """Return the paths of a list whose entries are paths, or mappings of one path to its options."""
    return [entry if isinstance(entry, str) else str(next(iter(entry))) for entry in entries]
