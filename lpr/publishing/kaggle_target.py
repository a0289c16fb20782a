"""The target `kaggle`: versions of a Kaggle dataset, each with a record of what it holds."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from lpr.base.files import write_json
from lpr.kaggle.service.client import Client
from lpr.kaggle.service.datasets import NewVersion, add_version, publishing
from lpr.kaggle.service.errors import KaggleError
from lpr.kaggle.service.references import Reference, title_of
from lpr.publishing.versions import Published, Version
from lpr.records.model_files import MODEL_FILES
from lpr.records.versions import VERSION_FILE, PublishedVersion


@dataclass(frozen=True)
class PublishedModels(Published):
    """A version as it is on Kaggle: the dataset with its number there, and its record of all its other files."""

    reference: Reference
    record: PublishedVersion

    @property
    def whole(self) -> bool:
        """Whether Kaggle lists the files with their sizes. What is not whole is never used."""
        return bool(self.content)


class KaggleTarget:
    """Versions of models in a dataset on Kaggle.

    Args:
        dataset: `owner/slug`; the owner `OWNER` stands for the account that is signed in.
        private: whether the dataset is private when it is created.

    Raises:
        KaggleError: nobody is signed in and the owner is a placeholder.
    """

    def __init__(self, dataset: str, private: bool = True) -> None:
        self.client = Client()
        self.reference = self.client.reference(dataset).at(None)
        self._private = private
        self._newest: int | None = None

    @property
    def dataset(self) -> str:
        """`owner/slug`, the owner known."""
        return self.reference.dataset

    @property
    def found(self) -> bool:
        """Whether `versions` found such a dataset."""
        return self._newest is not None

    def versions(self) -> list[PublishedModels]:
        """All versions that hold models, oldest first. Raises KaggleError."""
        with publishing(self.client, self.reference) as number:
            self._newest = number
        found = (self._read(self.reference.at(each)) for each in range(1, (number or 0) + 1))
        return [models for models in found if models is not None]

    def add(self, record: PublishedVersion, folder: Path) -> PublishedModels:
        """Publish the files of a folder that a record names, after `versions`.

        Raises:
            KaggleError: someone else has published since `versions` was asked, or anything less than a whole version
                came of it.
        """
        readme = folder / "README.md"
        with tempfile.TemporaryDirectory(prefix="lpr-publish-") as scratch, publishing(self.client, self.reference):
            path = Path(scratch) / VERSION_FILE
            write_json(path, record.model_dump(mode="json"))
            fresh = NewVersion(
                files={VERSION_FILE: path, **{name: folder / name for name in record.files}},
                marker=VERSION_FILE,
                notes=record.message,
                title=title_of(self.reference.slug),
                description=readme.read_text(encoding="utf-8") if readme.is_file() else "",
                private=self._private,
            )
            landed = add_version(self.client, self.reference, fresh, self._newest)
        if landed.version != (self._newest or 0) + 1:
            raise KaggleError(
                f"{self.dataset}: another publisher added a version at the same moment; this one is {landed.version} "
                f"on Kaggle and both may be named {record.version}; look at `lpr models list`, and publish again "
                "under a higher version",
                "answer",
            )
        return _published(landed, record, whole=True)

    def _read(self, reference: Reference) -> PublishedModels | None:
        """Return what a version holds by its record, or None if it is none of ours."""
        content = self.client.read_file(reference, VERSION_FILE) or b""
        try:
            record = PublishedVersion.model_validate_json(content, strict=True)
        except ValidationError:
            return None
        if not set(MODEL_FILES) <= record.files.keys():
            return None
        listed = self.client.files(reference)
        whole = all(listed.get(name) == file.bytes for name, file in record.files.items())
        return _published(reference, record, whole)


def _published(reference: Reference, record: PublishedVersion, whole: bool) -> PublishedModels:
    return PublishedModels(
        version=Version.of(record.version),
        content={name: record.files[name].sha256 for name in MODEL_FILES} if whole else {},
        where=reference.url,
        number=reference.version,
        reference=reference,
        record=record,
    )
