"""What a version of the model dataset says about itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lpr.base.files import sha256
from lpr.kaggle.service.client import Client
from lpr.kaggle.service.references import Reference
from lpr.publishing.release import MODEL_FILES
from lpr.publishing.versions import Content, Version

RECORD = "version.json"
"""In each version: its name, message, git commit, and the size and SHA-256 of every other file."""


@dataclass(frozen=True)
class PublishedModels:
    """One version as it is on Kaggle.

    Attributes:
        reference: the dataset and the number.
        version: its name, `v1.2`.
        message: what was said of it.
        git_commit: of the code that made the models, if known.
        files: size in bytes and SHA-256 of each file, by name.
        whole: whether Kaggle lists these files with these sizes. What is not whole is never used.
    """

    reference: Reference
    version: Version
    message: str
    git_commit: str | None
    files: Mapping[str, Mapping[str, Any]]
    whole: bool

    @property
    def content(self) -> Content:
        """SHA-256 of the model files; empty if the version is not whole, so that it equals no bundle."""
        return {name: str(self.files[name]["sha256"]) for name in MODEL_FILES} if self.whole else {}


def record_of(version: Version, message: str, git_commit: str | None, files: Mapping[str, Path]) -> dict[str, Any]:
    """What RECORD holds of a version with these files, by name."""
    return {
        "version": str(version),
        "message": message,
        "git_commit": git_commit,
        "files": {name: {"bytes": path.stat().st_size, "sha256": sha256(path)} for name, path in files.items()},
    }


def read_published(client: Client, reference: Reference) -> PublishedModels | None:
    """What a version holds by its record, or None if it is none of ours. Raises KaggleError."""
    content = client.read_file(reference, RECORD)
    try:
        record = json.loads(content or b"null")
        version = Version.parse(record["version"])
        files = {
            str(name): {"bytes": int(f["bytes"]), "sha256": str(f["sha256"])} for name, f in record["files"].items()
        }
        message, commit = str(record["message"]), record["git_commit"]
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    if version is None or not set(MODEL_FILES) <= files.keys() or any("/" in name or "\\" in name for name in files):
        return None
    listed = client.files(reference)
    whole = all(listed.get(name) == file["bytes"] for name, file in files.items())
    return PublishedModels(reference, version, message, commit, files, whole)
