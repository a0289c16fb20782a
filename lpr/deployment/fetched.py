"""Which published version a folder of models is: a note beside the models that `lpr models get` brought."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lpr.base.errors import LprError
from lpr.base.files import sha256, write_json
from lpr.records.record import load_record
from lpr.records.versions import FetchedVersion

NOTE = ".version.json"
"""Hidden, so that it is no part of what is published from that folder later."""


def note_version(models: Path, version: str, message: str, content: Mapping[str, str]) -> None:
    """Write the note into a folder of models; `content` is the SHA-256 of each model file."""
    note = FetchedVersion(version=version, message=message, content=dict(content))
    write_json(models / NOTE, note.model_dump(mode="json"))


def read_version(models: Path) -> tuple[str, str]:
    """Return version and message. Raises LprError when there is no note, or the models have changed since."""
    note = load_record(models / NOTE, FetchedVersion, "bring a published version with `lpr models get`")
    for name, digest in note.content.items():
        if not (models / name).is_file() or sha256(models / name) != digest:
            raise LprError(
                f"{models / name}: not that of {note.version} any more; bring it with `lpr models get {note.version}`"
            )
    return note.version, note.message
