"""What the stage `publish` did: a publication or a refusal, in `results/publish/receipt.json`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from lpr.base.errors import LprError
from lpr.base.files import write_json
from lpr.base.parsing import parse_json

Text = Annotated[str, StringConstraints(max_length=1000)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class _Record(BaseModel):
    # Unknown fields are refused: a refusal with the fields of a publication is neither.
    model_config = ConfigDict(extra="forbid", frozen=True)


class File(_Record):
    """A model file that was published, or refused."""

    bytes: int
    sha256: Sha256


class MissedGate(_Record):
    """A gate for which models were refused; `value` is None where nothing could be measured."""

    name: Text
    value: float | None
    threshold: float
    direction: Literal[">=", ">", "<=", "<"]
    detail: str


class Publication(_Record):
    """Models that are published: where, as which version, and the model files by name."""

    version: Annotated[str, StringConstraints(pattern=r"^v\d{1,9}\.\d{1,9}$")]
    number: int | None = None
    target: Literal["local", "kaggle"]
    dataset: Text
    where: Text = ""
    message: Text = ""
    git_commit: Text | None = None
    files: Annotated[dict[Text, File], Field(min_length=1)]


class Refusal(_Record):
    """Models that are not published, and each gate that they missed."""

    refused: Annotated[tuple[MissedGate, ...], Field(min_length=1)]
    git_commit: Text | None = None
    files: dict[Text, File]


def save_receipt(path: Path | str, receipt: Publication | Refusal) -> None:
    """Write a receipt."""
    write_json(path, receipt.model_dump(mode="json"))


def load_receipt(path: Path) -> Publication | Refusal:
    """Read a receipt.

    Raises:
        LprError: it is missing, or no receipt that `publish` wrote.
    """
    try:
        value = parse_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise LprError(f"{path}: no such file; run `dvc repro publish`") from error
    except (OSError, ValueError) as error:
        raise LprError(f"{path}: not a receipt ({error}); {_AGAIN}") from error
    model = Refusal if isinstance(value, dict) and "refused" in value else Publication
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise LprError(f"{path}: not a receipt ({_first(error.errors()[0])}); {_AGAIN}") from error


_AGAIN = "run `dvc repro --force publish`, and commit it"


def _first(problem: Any) -> str:
    return f"{'.'.join(map(str, problem['loc']))[:80] or 'the file'}: {problem['msg'][:200]}"
