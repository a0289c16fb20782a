"""The record of a training that travels with its models: `training_metadata.json`."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import torch

from lpr.base.errors import LprError
from lpr.base.files import fingerprint, sha256
from lpr.base.parsing import parse_json
from lpr.exporting.checkpoint import Checkpoint
from lpr.plate.text import ALPHABET
from lpr.runtime.onnx_model import INTERFACES, Kind

FORMAT = 1
_PACKAGES = ("torchvision", "onnx", "onnxruntime", "onnxscript", "numpy", "pillow")


def git_state(code: Sequence[Path], folder: Path | str = ".") -> tuple[str | None, bool]:
    """Return the commit that is checked out, and whether the code differs from it; (None, False) without git.

    All else may differ: DVC itself rewrites dvc.lock and results/ before the export, and `dvc exp run -S` params.yaml,
    whose values are recorded.

    Args:
        code: files and folders in `folder`; new files in them count too.
        folder: the repository's root.
    """
    try:
        commit = _git(folder, "rev-parse", "HEAD").strip()
        return commit, bool(_git(folder, "status", "--porcelain", "--", *map(str, code)).strip())
    except (OSError, subprocess.CalledProcessError):
        return None, False


def training_metadata(
    checkpoints: Mapping[Kind, Checkpoint],
    parameters: Mapping[str, Any],
    manifest: Mapping[str, Any],
    files: Mapping[str, Path],
    code: Sequence[Path],
) -> dict[str, Any]:
    """Return the content of `training_metadata.json`.

    Args:
        checkpoints: of both kinds.
        parameters: the sections of params.yaml that shaped the models.
        manifest: `data/manifest.json`.
        files: the bundle's model files by name.
        code: on which the models depend; see `lpr.base.pipeline.models_code`.
    """
    commit, dirty = git_state(code)
    devices = [str(checkpoints[kind].value["provenance"].get("device", "unknown")) for kind in checkpoints]
    return {
        "format": FORMAT,
        # Of the export, which follows the training: checkpoints hold no date, so that the same training gives the
        # same bytes.
        "training_date": datetime.now(UTC).isoformat(timespec="seconds"),
        "pytorch_version": str(torch.__version__),
        "versions": {"python": platform.python_version(), **_versions()},
        "device": ", ".join(dict.fromkeys(devices)),
        "git_commit": commit,
        "git_dirty": dirty,
        "code": fingerprint(code),
        "data": {"fingerprint": manifest["fingerprint"], "sources": manifest["sources"]},
        "parameters": dict(parameters),
        "training": {kind: dict(checkpoint.value["provenance"]) for kind, checkpoint in checkpoints.items()},
        "metrics": {kind: dict(checkpoint.value["metrics"]) for kind, checkpoint in checkpoints.items()},
        "models": {
            kind: {"input_size": list(INTERFACES[kind].size), "settings": checkpoint.card.settings}
            for kind, checkpoint in checkpoints.items()
        },
        "alphabet": ALPHABET,
        "files": {name: {"bytes": path.stat().st_size, "sha256": sha256(path)} for name, path in files.items()},
    }


def read_manifest(path: Path | str) -> dict[str, Any]:
    """Return `data/manifest.json`. Raises LprError when it is missing or says nothing of the sources."""
    try:
        manifest = parse_json(Path(path).read_text(encoding="utf-8"))
        if not isinstance(manifest["fingerprint"], str) or not isinstance(manifest["sources"], list):
            raise TypeError("fingerprint or sources")
    except FileNotFoundError as error:
        raise LprError(f"{path}: no such file; make the data with `dvc repro fetch_data`") from error
    except (ValueError, KeyError, TypeError) as error:
        raise LprError(f"{path}: not a manifest ({error}); make it again with `dvc repro -f fetch_data`") from error
    return dict(manifest)


def _versions() -> dict[str, str]:
    return {package: metadata.version(package) for package in _PACKAGES}


def _git(folder: Path | str, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True, timeout=60
    ).stdout
