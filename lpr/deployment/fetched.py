"""Which published version a folder of models is: a note beside the models that `lpr models get` brought."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from lpr.base.errors import LprError
from lpr.base.files import sha256, write_json
from lpr.base.parsing import parse_json

NOTE = ".version.json"
"""Hidden, so that it is no part of what is published from that folder later."""
_NAME = re.compile(r"[\w.-]{1,100}")


def note_version(models: Path, version: str, message: str, content: Mapping[str, str]) -> None:
    """Write the note.

    Args:
        models: the folder.
        version: `v1.2`.
        message: what was said of the version.
        content: SHA-256 of each model file.
    """
    write_json(models / NOTE, {"version": version, "message": message, "content": dict(content)})


def read_version(models: Path) -> tuple[str, str]:
    """Return version and message. Raises LprError when there is no note, or the models have changed since."""
    path = models / NOTE
    try:
        note = parse_json(path.read_text(encoding="utf-8"))
        version, message, content = str(note["version"]), str(note["message"]), dict(note["content"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LprError(f"{models}: no published version; bring one with `lpr models get`") from error
    for name, digest in content.items():
        if not _NAME.fullmatch(name) or not (models / name).is_file() or sha256(models / name) != digest:
            raise LprError(
                f"{models / name[:100]}: not that of {version[:20]} any more; bring it with "
                f"`lpr models get {version[:20]}`"
            )
    return version, message
