"""What travels with the models: where they come from, in `training_metadata.json`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints

from lpr.records.manifest import Data, Filled
from lpr.records.record import ModelFile, Record, load_record

METADATA = "training_metadata.json"
_FIRST = datetime(2020, 1, 1, tzinfo=UTC)


def _past(value: str) -> str:
    moment = datetime.fromisoformat(value)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if not _FIRST <= moment <= datetime.now(UTC) + timedelta(days=1):
        raise ValueError("it should be between 2020 and now")
    return value


class TrainingMetadata(Record):
    """Where models come from.

    Attributes:
        format: of this record.
        training_date: of the export, which follows the training; ISO 8601.
        pytorch_version: with which they were trained and exported.
        versions: of Python and the other packages that shaped them, by name.
        device: on which they were trained.
        git_commit: of the code; None: there was no git.
        git_dirty: whether the code differed from that commit.
        code: hash of the code.
        data: of which they were made.
        parameters: the sections of params.yaml that shaped them.
        training, metrics, models: of each model: its checkpoint's provenance, the best validation metrics, and input
            size and settings.
        alphabet: the characters that the OCR reads, in the order of its classes.
        files: the model files by name.
    """

    format: Literal[1]
    training_date: Annotated[str, AfterValidator(_past)]
    pytorch_version: Annotated[str, StringConstraints(pattern=r"^\d+\.\d+")]
    versions: dict[str, str]
    device: Annotated[str, StringConstraints(pattern=r"^\S")]
    git_commit: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{7,40}$")] | None
    git_dirty: bool
    code: Filled
    data: Data
    parameters: Annotated[dict[str, Any], Field(min_length=1)]
    training: dict[str, dict[str, Any]]
    metrics: Annotated[dict[str, dict[str, Any]], Field(min_length=1)]
    models: dict[str, dict[str, Any]]
    alphabet: str
    files: dict[str, ModelFile]

    def shipped_models(self) -> list[str]:
        """Return the kinds of models that were not trained but taken from the shipped ones."""
        return [kind for kind, training in self.training.items() if training.get("shipped")]


def load_metadata(folder: Path) -> TrainingMetadata:
    """Read the record of a folder of models. Raises LprError, as `load_record` does."""
    return load_record(folder / METADATA, TrainingMetadata, "run `dvc repro export`")
