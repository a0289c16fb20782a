"""What a version of the model dataset says about itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from lpr.kaggle.service.client import Client
from lpr.kaggle.service.references import Reference
from lpr.publishing.versions import Content, Version
from lpr.records.model_files import MODEL_FILES
from lpr.records.record import ModelFile
from lpr.records.versions import PublishedVersion

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
    files: Mapping[str, ModelFile]
    whole: bool

    @property
    def content(self) -> Content:
        """SHA-256 of the model files; empty if the version is not whole, so that it equals no bundle."""
        return {name: self.files[name].sha256 for name in MODEL_FILES} if self.whole else {}


def record_of(version: Version, message: str, git_commit: str | None, files: Mapping[str, Path]) -> PublishedVersion:
    """Return what RECORD holds of a version with these files, by name."""
    described = {name: ModelFile.of(path) for name, path in files.items()}
    return PublishedVersion(version=str(version), message=message, git_commit=git_commit, files=described)


def read_published(client: Client, reference: Reference) -> PublishedModels | None:
    """Return what a version holds by its record, or None if it is none of ours. Raises KaggleError."""
    try:
        record = PublishedVersion.model_validate_json(client.read_file(reference, RECORD) or b"", strict=True)
    except ValidationError:
        return None
    version = Version.parse(record.version)
    if version is None or not set(MODEL_FILES) <= record.files.keys():
        return None
    listed = client.files(reference)
    whole = all(listed.get(name) == file.bytes for name, file in record.files.items())
    return PublishedModels(reference, version, record.message, record.git_commit, record.files, whole)
