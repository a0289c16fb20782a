"""A local data set as a new Kaggle dataset, or as a new version of one."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field, field_validator

from lpr.base.errors import LprError
from lpr.base.files import sha256
from lpr.kaggle.service.client import Client
from lpr.kaggle.service.datasets import METADATA, NewVersion, add_unless_newest
from lpr.kaggle.service.references import TITLE_LENGTHS, Reference, parse_reference, title_of
from lpr.records.record import Record, load_record

SUMS = "SHA256SUMS"
"""In each version: the hash of every file, as `sha256sum -c` reads it; a version is recognised by it."""


@dataclass(frozen=True)
class Pushed:
    """Where a data set is on Kaggle, and whether it had to be sent."""

    reference: Reference
    fresh: bool
    files: int
    size: int


class _Licence(Record):
    model_config = ConfigDict(extra="ignore")

    name: Annotated[str, Field(min_length=1)]


class _Metadata(Record):
    """What `dataset-metadata.json` of a folder may say of the dataset; the rest of it is Kaggle's own."""

    model_config = ConfigDict(extra="ignore")

    title: str | None = None
    description: str | None = None
    licenses: tuple[_Licence, ...] | None = None

    @field_validator("licenses")
    @classmethod
    def _one(cls, licences: tuple[_Licence, ...] | None) -> tuple[_Licence, ...] | None:
        if licences is not None and len(licences) != 1:
            raise ValueError('must be exactly one, [{"name": "CC0-1.0"}]')
        return licences


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
    title = metadata.title or title_of(reference.slug)
    _check_length("title", title)
    files = _files(folder)
    sums = "".join(f"{sha256(path)}  {name}\n" for name, path in files.items())
    sizes = {name: path.stat().st_size for name, path in files.items()}

    def prepare(scratch: Path) -> NewVersion:
        return NewVersion(
            files={SUMS: scratch / SUMS, **_pack(files, scratch)},
            marker=SUMS,
            listed={SUMS: len(sums.encode()), **sizes},
            notes=note,
            title=title,
            licence=licence or (metadata.licenses[0].name if metadata.licenses else "unknown"),
            description=metadata.description or "",
            private=not public,
        )

    landed, fresh = add_unless_newest(client, reference, SUMS, sums, prepare)
    return Pushed(landed, fresh, len(files), sum(sizes.values()))


def _check_length(what: str, text: str) -> None:
    shortest, longest = TITLE_LENGTHS
    if not shortest <= len(text) <= longest:
        raise LprError(f"the {what} {text!r} must have {shortest} to {longest} characters for Kaggle")


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


def _metadata(folder: Path) -> _Metadata:
    path = folder / METADATA
    if not path.is_file():
        return _Metadata()
    return load_record(path, _Metadata, "mend it, or move it away")
