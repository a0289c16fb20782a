"""What the stage `publish` did: a publication or a refusal, in `results/publish/receipt.json`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, RootModel, Tag

from lpr.base.files import write_json
from lpr.records.record import ModelFile, Record, Text, VersionName, load_record


class MissedGate(Record):
    """A gate for which models were refused; `value` is None where nothing could be measured."""

    name: Text
    value: float | None
    threshold: float
    direction: Literal[">=", ">", "<=", "<"]
    detail: str


class Publication(Record):
    """Models that are published: where, as which version, and the model files by name."""

    version: VersionName
    number: int | None = None
    target: Literal["local", "kaggle"]
    dataset: Text
    where: Text = ""
    message: Text = ""
    git_commit: Text | None = None
    files: Annotated[dict[Text, ModelFile], Field(min_length=1)]


class Refusal(Record):
    """Models that are not published, and each gate that they missed."""

    refused: Annotated[tuple[MissedGate, ...], Field(min_length=1)]
    git_commit: Text | None = None
    files: dict[Text, ModelFile]


def save_receipt(path: Path | str, receipt: Publication | Refusal) -> None:
    """Write a receipt."""
    write_json(path, receipt.model_dump(mode="json"))


def _kind(value: Any) -> str:
    return "refusal" if isinstance(value, dict) and "refused" in value else "publication"


class _Receipt(RootModel[Any]):
    root: Annotated[
        Annotated[Publication, Tag("publication")] | Annotated[Refusal, Tag("refusal")], Discriminator(_kind)
    ]


def load_receipt(path: Path) -> Publication | Refusal:
    """Read a receipt. Raises LprError, as `load_record` does."""
    return load_record(path, _Receipt, "run `dvc repro --force publish`, and commit it").root
