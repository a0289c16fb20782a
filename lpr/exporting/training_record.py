"""What is known of a training when its models are exported: packages, git, code, data, measurements."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import torch

from lpr.base.errors import LprError
from lpr.base.files import fingerprint
from lpr.base.git import git
from lpr.exporting.checkpoint import Checkpoint
from lpr.plate.text import ALPHABET
from lpr.records.manifest import Data
from lpr.records.metadata import TrainingMetadata
from lpr.records.record import ModelFile
from lpr.runtime.onnx_model import INTERFACES, Kind

_PACKAGES = ("torchvision", "onnx", "onnxruntime", "onnxscript", "numpy", "pillow")


def git_state(code: Sequence[Path], folder: Path = Path()) -> tuple[str | None, bool]:
    """Return the commit that is checked out, and whether the code differs from it; (None, False) without git.

    All else may differ: DVC itself rewrites dvc.lock and results/ before the export, and `dvc exp run -S` params.yaml,
    whose values are recorded.

    Args:
        code: files and folders in `folder`; new files in them count too.
        folder: the repository's root.
    """
    try:
        commit = git("rev-parse", "HEAD", folder=folder)
        return commit, bool(git("status", "--porcelain", "--", *map(str, code), folder=folder))
    except LprError:
        return None, False


def training_metadata(
    checkpoints: Mapping[Kind, Checkpoint],
    parameters: Mapping[str, Any],
    data: Data,
    files: Mapping[str, Path],
    code: Sequence[Path],
) -> TrainingMetadata:
    """Return the record.

    Args:
        checkpoints: of both kinds.
        parameters: the sections of params.yaml that shaped the models.
        data: of which they were made.
        files: the bundle's model files by name.
        code: on which the models depend; see `lpr.base.pipeline.models_code`.
    """
    commit, dirty = git_state(code)
    devices = [str(checkpoints[kind].value["provenance"].get("device", "unknown")) for kind in checkpoints]
    return TrainingMetadata(
        format=1,
        # Of the export, which follows the training: checkpoints hold no date, so that the same training gives the
        # same bytes.
        training_date=datetime.now(UTC).isoformat(timespec="seconds"),
        pytorch_version=str(torch.__version__),
        versions={"python": platform.python_version(), **{name: metadata.version(name) for name in _PACKAGES}},
        device=", ".join(dict.fromkeys(devices)),
        git_commit=commit,
        git_dirty=dirty,
        code=fingerprint(code),
        data=data,
        parameters=dict(parameters),
        training={kind: dict(checkpoint.value["provenance"]) for kind, checkpoint in checkpoints.items()},
        metrics={kind: dict(checkpoint.value["metrics"]) for kind, checkpoint in checkpoints.items()},
        models={
            kind: {"input_size": list(INTERFACES[kind].size), "settings": checkpoint.card.settings}
            for kind, checkpoint in checkpoints.items()
        },
        alphabet=ALPHABET,
        files={name: ModelFile.of(path) for name, path in files.items()},
    )
