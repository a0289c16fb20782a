"""Publishing a release to a target, and the receipt of it: the same rules for every target."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from lpr.publishing.folder_target import FolderTarget
from lpr.publishing.kaggle_target import KaggleTarget
from lpr.publishing.release import Release
from lpr.publishing.versions import Published, decide
from lpr.records.params import Publish
from lpr.records.receipt import Publication
from lpr.records.versions import PublishedVersion


class Target(Protocol):
    """A place that keeps versions of a dataset."""

    @property
    def dataset(self) -> str:
        """`owner/slug`."""

    def versions(self) -> Sequence[Published]:
        """Return what is there."""

    def add(self, record: PublishedVersion, folder: Path) -> Published:
        """Publish the files of a folder that a record names as a version that is not there yet, whole or not at all."""


def open_target(settings: Publish) -> Target:
    """Return the target that params.yaml names. Raises LprError when it cannot be used."""
    if settings.target == "kaggle":
        return KaggleTarget(settings.dataset, settings.private)
    return FolderTarget(settings.registry, settings.dataset)


class Outcome(NamedTuple):
    """What became of a release: its receipt, the same for the same models, and whether it is new."""

    receipt: Publication
    status: Literal["published", "unchanged"]


def publish(release: Release, target: Target, settings: Publish) -> Outcome:
    """Publish a release, unless its content is published already, and return the receipt.

    Raises:
        LprError: the wanted version does not fit those that there are, or the target fails.
    """
    there = {published.version: published for published in target.versions()}
    contents = {version: published.content for version, published in there.items()}
    version, fresh = decide(release.content, contents, settings.version)
    record = release.record(version)
    published = target.add(record, release.folder) if fresh else there[version]
    receipt = Publication(
        version=record.version,
        number=published.number,
        target=settings.target,
        dataset=target.dataset,
        where=published.where,
        message=record.message,
        git_commit=release.git_commit,
        files=dict(sorted(release.files.items())),
    )
    return Outcome(receipt, "published" if fresh else "unchanged")
