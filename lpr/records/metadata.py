"""Whether training_metadata.json says where the models come from."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lpr.base.errors import LprError
from lpr.base.parsing import parse_json


def _date(value: Any) -> bool:
    try:
        moment = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    except ValueError:
        return False
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.year >= 2020 and moment.timestamp() <= datetime.now(UTC).timestamp() + 86400


def _matches(pattern: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def _filled(value: Any) -> bool:
    return isinstance(value, dict) and len(value) > 0


def _sources(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 0 and all(map(_source, value))


def _source(value: Any) -> bool:
    fields = [value.get("name"), value.get("licence")] if isinstance(value, dict) else [None]
    return all(isinstance(field, str) and field for field in fields)


REQUIRED: dict[str, tuple[Callable[[Any], bool], str]] = {
    "training_date": (_date, "a past date in ISO 8601"),
    "pytorch_version": (_matches(r"\d+\.\d+.*"), "a version such as 2.6.0"),
    "device": (_matches(r"\S.*"), "the name of a device"),
    "git_commit": (_matches(r"[0-9a-f]{7,40}(-dirty)?"), "a commit's hash"),
    "data.fingerprint": (_matches(r"[0-9a-f]{8,64}"), "a hash"),
    "data.sources": (_sources, "a list of sources, each with name and licence"),
    "parameters": (_filled, "a mapping that is not empty"),
    "metrics": (_filled, "a mapping that is not empty"),
}
"""Every field that must be there, nested ones with a dot, its check, and what it should hold."""


def shipped_models(metadata: Any) -> list[str]:
    """Return the kinds of models that a training_metadata.json says were not trained but taken from the shipped ones.

    >>> shipped_models({"training": {"detector": {"epoch": 3}, "ocr": {"epoch": 0, "shipped": {"file": "ocr.pt"}}}})
    ['ocr']
    """
    trainings = metadata.get("training") if isinstance(metadata, dict) else None
    if not isinstance(trainings, dict):
        return []
    return [str(kind) for kind, training in trainings.items() if isinstance(training, dict) and training.get("shipped")]


def faults(path: Path | str) -> list[str]:
    """Return what is missing or makes no sense in a training_metadata.json, one line a field; `[]`: it is complete.

    Raises:
        LprError: the file is missing or is no JSON object.
    """
    try:
        metadata = parse_json(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise LprError(f"{path}: no such file; run `dvc repro export`") from error
    except (OSError, ValueError) as error:
        raise LprError(f"{path}: not readable as JSON ({type(error).__name__}); run `dvc repro export`") from error
    if not isinstance(metadata, dict):
        raise LprError(f"{path}: not a JSON object; run `dvc repro export`")
    found = []
    for field, (sensible, wanted) in REQUIRED.items():
        value: Any = metadata
        for key in field.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        if value is None:
            found.append(f"{field} is missing")
        elif not sensible(value):
            found.append(f"{field} should be {wanted}, not {str(value)[:40]!r}")
    return found
