"""A local data set as a new Kaggle dataset, or as a new version of one."""

from __future__ import annotations

import json
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lpr.base.errors import LprError
from lpr.base.files import sha256, write_text
from lpr.kaggle.service.client import Client
from lpr.kaggle.service.datasets import METADATA, NewVersion, add_version, publishing
from lpr.kaggle.service.references import Reference, parse_reference

SUMS = "SHA256SUMS"
"""In each version: the hash of every file, as `sha256sum -c` reads it; a version is recognised by it."""
_LENGTHS = (6, 50)  # characters that Kaggle allows in titles and slugs


@dataclass(frozen=True)
class Pushed:
    """Where a data set is on Kaggle, and whether it had to be sent."""

    reference: Reference
    fresh: bool
    files: int
    size: int


def open_account(dataset: str) -> tuple[Client, Reference]:
    """Return a connection that may publish, and the dataset that a text names.

    Raises:
        LprError: the text names no dataset, its name is none that Kaggle takes, or nobody is signed in (KaggleError).
    """
    _check_length("slug", parse_reference(dataset).slug)
    client = Client()
    client.need_account(f"publishing {dataset}")
    return client, client.reference(dataset).at(None)


def push_dataset(
    client: Client, reference: Reference, folder: Path, note: str, licence: str | None, public: bool
) -> Pushed:
    """Publish all files of a folder, hidden ones left out; folders travel packed and arrive as folders.

    Args:
        client: a connection that may publish.
        reference: the dataset.
        folder: the data set; its `dataset-metadata.json`, if it has one, gives title and licence.
        note: the version's message.
        licence: a name that Kaggle knows, such as CC0-1.0; that of the metadata, else `unknown`, if None.
        public: whether everybody may see a dataset that is created. Those that exist stay as they are.

    Raises:
        LprError: the folder cannot be sent as it is, or Kaggle fails (KaggleError); nothing half is used.
    """
    metadata = _metadata(folder)
    title = str(metadata.get("title") or reference.slug.replace("-", " ").replace("_", " ").capitalize())
    _check_length("title", title)
    files = _files(folder)
    sums = "".join(f"{sha256(path)}  {name}\n" for name, path in files.items())
    sizes = {name: path.stat().st_size for name, path in files.items()}
    with tempfile.TemporaryDirectory(prefix="lpr-push-") as scratch, publishing(client, reference) as before:
        if before and client.read_file(reference.at(before), SUMS) == sums.encode():
            return Pushed(reference.at(before), False, len(files), sum(sizes.values()))
        write_text(Path(scratch) / SUMS, sums)
        fresh = NewVersion(
            files={SUMS: Path(scratch) / SUMS, **_pack(files, Path(scratch))},
            marker=SUMS,
            listed={SUMS: len(sums.encode()), **sizes},
            notes=note,
            title=title,
            licence=licence or _licence(metadata) or "unknown",
            description=str(metadata.get("description") or ""),
            private=not public,
        )
        landed = add_version(client, reference, fresh, before)
    return Pushed(landed, True, len(files), sum(sizes.values()))


def _check_length(what: str, text: str) -> None:
    if not _LENGTHS[0] <= len(text) <= _LENGTHS[1]:
        raise LprError(f"the {what} {text!r} must have {_LENGTHS[0]} to {_LENGTHS[1]} characters for Kaggle")


def _files(folder: Path) -> dict[str, Path]:
    files: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if any(part.startswith(".") for part in name.parts) or name.as_posix() in (METADATA, SUMS):
            continue
        if path.is_file():
            files[name.as_posix()] = path
    if not files:
        raise LprError(f"{folder}: holds no files")
    if packed := [name for name in files if name.lower().endswith((".zip", ".tar", ".gz", ".7z"))]:
        raise LprError(f"{folder / packed[0]}: Kaggle would unpack it; unpack it yourself, or move it away")
    return files


def _pack(files: dict[str, Path], scratch: Path) -> dict[str, Path]:
    """Files to send: those of the top as they are, each folder of the top as one zip."""
    sent: dict[str, Path] = {}
    bundles: dict[str, zipfile.ZipFile] = {}
    try:
        for name, path in files.items():
            top, _, rest = name.partition("/")
            if not rest:
                sent[name] = path
                continue
            if top not in bundles:
                target = sent[f"{top}.zip"] = scratch / f"{top}.zip"
                # Photographs do not shrink; packing is for their number.
                bundles[top] = zipfile.ZipFile(target, "w", zipfile.ZIP_STORED)
            bundles[top].write(path, rest)
    finally:
        for bundle in bundles.values():
            bundle.close()
    return sent


def _metadata(folder: Path) -> dict[str, Any]:
    path = folder / METADATA
    if not path.is_file():
        return {}
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise LprError(f"{path}, {where}: not readable as JSON: {error.msg}") from error
    except ValueError as error:
        raise LprError(f"{path}: not readable as JSON ({error})") from error
    if not isinstance(value, dict):
        raise LprError(f"{path}: not a JSON object")
    return value


def _licence(metadata: dict[str, Any]) -> str | None:
    licences = metadata.get("licenses")
    if licences is None:
        return None
    if not isinstance(licences, list) or len(licences) != 1 or not isinstance(licences[0], dict):
        raise LprError(f'{METADATA}: licenses must be exactly one, [{{"name": "CC0-1.0"}}]')
    return str(licences[0].get("name"))
