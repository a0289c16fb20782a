"""What every record in a JSON file is: frozen, without unknown fields, read with errors that name file and field."""

from __future__ import annotations

from pathlib import Path
from reprlib import Repr
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from lpr.base.errors import LprError
from lpr.base.files import sha256

Text = Annotated[str, StringConstraints(max_length=1000)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
VersionName = Annotated[str, StringConstraints(pattern=r"^v(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})$")]
"""Of published models: `v1.2`."""
FileName = Annotated[str, StringConstraints(pattern=r"^[^/\\\x00]{1,255}$")]
"""Of a file in a folder of models: no path."""

_MOST_PROBLEMS = 20
_short = Repr()
_short.maxstring = _short.maxother = 200
_short.maxlevel = 3


class Record(BaseModel):
    """A record, or a part of one."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class ModelFile(Record):
    """A model file: its size in bytes and its SHA-256."""

    bytes: Annotated[int, Field(ge=0)]
    sha256: Sha256

    @classmethod
    def of(cls, path: Path) -> ModelFile:
        """Return what a file on disk is."""
        return cls(bytes=path.stat().st_size, sha256=sha256(path))


class InvalidRecordError(LprError):
    """Fields of a record are unknown, missing or wrong: one line each in `faults`."""

    def __init__(self, path: Path | str, faults: list[str], remedy: str) -> None:
        super().__init__(f"{path}: {'; '.join(faults)}; {remedy}")
        self.faults = faults


R = TypeVar("R", bound=BaseModel)


def load_record(path: Path | str, kind: type[R], remedy: str) -> R:
    """Read a record.

    Args:
        path: a JSON file.
        kind: the model that it is checked by; numbers in quotes are no numbers.
        remedy: what to do where that fails.

    Raises:
        InvalidRecordError: fields are unknown, missing or wrong; every one is named.
        LprError: the file is missing, or is no JSON object.
    """
    try:
        return kind.model_validate_json(Path(path).read_bytes(), strict=True)
    except FileNotFoundError as error:
        raise LprError(f"{path}: no such file; {remedy}") from error
    except OSError as error:
        raise LprError(f"{path}: {error.strerror or error}; {remedy}") from error
    except ValidationError as error:
        if not error.errors()[0]["loc"]:
            raise LprError(f"{path}: {explain(error)[0]}; {remedy}") from error
        raise InvalidRecordError(path, explain(error), remedy) from error


def explain(error: ValidationError) -> list[str]:
    """Return what is wrong, one line a field."""
    problems = error.errors()
    lines = [_explain(problem) for problem in problems[:_MOST_PROBLEMS]]
    if len(problems) > _MOST_PROBLEMS:
        lines.append(f"{len(problems) - _MOST_PROBLEMS} more")
    return lines


def _explain(problem: Any) -> str:
    key = ".".join(str(part)[:80] for part in problem["loc"]) or "the file"
    if problem["type"] == "json_invalid":
        return f"not readable as JSON: {problem['ctx']['error']}"
    if problem["type"] == "extra_forbidden":
        return f"{key}: unknown key"
    if problem["type"] == "missing":
        return f"{key}: missing"
    return f"{key} is {_short.repr(problem['input'])}: {problem['msg'][0].lower()}{problem['msg'][1:]}"
