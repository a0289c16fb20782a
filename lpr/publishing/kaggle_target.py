"""Published models: versions of a Kaggle dataset, each with a record of what it holds."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from lpr.base.errors import LprError
from lpr.base.files import sha256, write_json
from lpr.base.folders import replacing
from lpr.kaggle.service.client import Client
from lpr.kaggle.service.datasets import METADATA, NewVersion, add_version, publishing
from lpr.kaggle.service.download import download
from lpr.kaggle.service.errors import KaggleError
from lpr.publishing.kaggle_versions import RECORD, PublishedModels, read_published, record_of
from lpr.publishing.registry import dataset_metadata
from lpr.publishing.release import Release
from lpr.publishing.versions import Content, Version
from lpr.records.model_files import MODEL_FILES


class KaggleModels:
    """The target `kaggle` of the stage `publish`, and the source of `lpr models`.

    Args:
        dataset: `owner/slug`; the owner `OWNER` stands for the account that is signed in.
        private: whether the dataset is private when it is created.
        client: the connection; a new one by default.

    Raises:
        KaggleError: nobody is signed in and the owner is a placeholder.
    """

    def __init__(self, dataset: str, private: bool = True, client: Client | None = None) -> None:
        self._client = client or Client()
        self.dataset = self._client.reference(dataset).at(None)
        self._private = private
        self._before: int | None = None
        self._numbers: dict[Version, int] = {}

    def versions(self) -> list[PublishedModels]:
        """All versions that hold models, oldest first. Raises KaggleError."""
        with publishing(self._client, self.dataset) as number:
            self._before = number
        found = [read_published(self._client, self.dataset.at(number)) for number in range(1, (self._before or 0) + 1)]
        versions = [models for models in found if models is not None]
        self._numbers = {models.version: models.reference.version or 0 for models in versions}
        return versions

    def need_dataset(self) -> None:
        """Raise LprError if `versions` found no such dataset."""
        if self._before is None:
            raise LprError(
                f"{self.dataset.dataset}: there is no such dataset, or it is private and these credentials may not see "
                "it; check the name, or publish models first"
            )

    def find(self, version: str) -> PublishedModels:
        """The version of that name, or the `latest` whole one. Raises LprError if there is none."""
        versions = self.versions()
        if version == "latest":
            versions = [models for models in versions if models.whole]
            if not versions:
                self.need_dataset()
                raise LprError(f"{self.dataset.dataset}: no models are published there")
            return max(versions, key=lambda models: models.version)
        chosen = next((models for models in reversed(versions) if str(models.version) == version), None)
        if chosen is None:
            known = ", ".join(str(models.version) for models in versions) or "none"
            raise LprError(f"{self.dataset.dataset}: no version {version}; there are: {known}")
        if not chosen.whole:
            raise LprError(f"{chosen.reference}: {version} is not whole on Kaggle; choose another version")
        return chosen

    def get(self, version: str, into: Path) -> PublishedModels:
        """Put a version's files into a folder, which is replaced whole or not at all, after comparing their hashes.

        Raises:
            LprError: no such version, other bytes than published, or `into` holds something else than models.
        """
        chosen = self.find(version)
        if into.exists() and (not into.is_dir() or (any(into.iterdir()) and not (into / MODEL_FILES[0]).is_file())):
            raise LprError(f"{into}: holds something else than models; choose another folder")
        folder = self._download(chosen)
        with replacing(into) as fresh:
            for file in chosen.files:
                shutil.copyfile(folder / file, fresh / file)
        return chosen

    def rollback(self, version: str) -> PublishedModels:
        """Publish the content of an older version as a new one, one minor number above the latest; nothing is removed.

        Raises:
            LprError: no such version, or it is the latest already.
        """
        old = self.find(version)
        latest = max(models.version for models in self.versions())
        if latest == old.version:
            raise LprError(f"{self.dataset.dataset}: {version} is the latest version already")
        folder = self._download(old)
        new = Version(latest.major, latest.minor + 1)
        message = f"{new} - rollback to {old.message}"
        self._publish(new, message, {name: folder / name for name in old.files}, old.git_commit)
        return self.find(str(new))

    def published(self) -> dict[Version, Content]:
        """Return the content of each version that is there."""
        return {models.version: models.content for models in self.versions()}

    @property
    def name(self) -> str:
        """`owner/slug` of the dataset, its owner known."""
        return self.dataset.dataset

    def where(self, version: Version) -> str:
        """Return the page of a version."""
        return self.dataset.at(self._numbers[version]).url

    def number(self, version: Version) -> int:
        """Return Kaggle's number of a version."""
        return self._numbers[version]

    def add(self, release: Release, version: Version) -> None:
        """Publish the release as a version that is not there yet."""
        # What `kaggle datasets init` writes is no part of a version: the service takes it with the request.
        files = {
            path.name: path
            for path in sorted(release.folder.iterdir())
            if not path.name.startswith(".") and path.name != METADATA
        }
        self._publish(version, release.message(version), files, release.git_commit)

    def _publish(self, version: Version, message: str, files: Mapping[str, Path], git_commit: str | None) -> None:
        self._client.need_account(f"publishing {self.dataset.dataset}")
        metadata = dataset_metadata(self.dataset.dataset)
        with (
            tempfile.TemporaryDirectory(prefix="lpr-publish-") as name,
            publishing(self._client, self.dataset) as before,
        ):
            if before != self._before:
                raise KaggleError(
                    f"{self.dataset.dataset}: someone else published version {before} meanwhile; nothing was added, "
                    "run it again",
                    "answer",
                )
            folder = Path(name)
            for file, path in files.items():
                shutil.copyfile(path, folder / file)
            write_json(folder / RECORD, record_of(version, message, git_commit, files).model_dump(mode="json"))
            fresh = NewVersion(
                files={path.name: path for path in folder.iterdir()},
                marker=RECORD,
                notes=message,
                title=metadata["title"],
                licence=metadata["licenses"][0]["name"],
                description=_description(folder / "README.md"),
                private=self._private,
            )
            landed = add_version(self._client, self.dataset, fresh, before)
        self._numbers[version] = landed.version or 0
        if landed.version != (before or 0) + 1:
            raise KaggleError(
                f"{self.dataset.dataset}: another publisher added a version at the same moment; this one is "
                f"{landed.version} on Kaggle and both may be named {version}; look at `lpr models list`, and publish "
                "again under a higher version",
                "answer",
            )

    def _download(self, models: PublishedModels) -> Path:
        folder = download(self._client, models.reference)
        for name, file in models.files.items():
            if sha256(folder / name) != file.sha256:
                shutil.rmtree(folder)
                raise LprError(f"{models.reference}: {name} differs from its published hash; run it again")
        return folder


def _description(readme: Path) -> str:
    return readme.read_text(encoding="utf-8") if readme.is_file() else ""
