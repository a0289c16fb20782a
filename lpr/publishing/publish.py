"""Publishing a release to a target, and the receipt of it: the same rules for every target."""

from __future__ import annotations

from typing import Literal, NamedTuple, Protocol

from lpr.publishing.registry import FolderRegistry
from lpr.publishing.release import Release
from lpr.publishing.versions import Content, Version, decide
from lpr.records.params import Publish
from lpr.records.receipt import Publication


class Target(Protocol):
    """A place that keeps versions of a dataset."""

    def published(self) -> dict[Version, Content]:
        """Return the content of each version that is there."""

    @property
    def name(self) -> str:
        """`owner/slug` of the dataset."""

    def where(self, version: Version) -> str:
        """Return the path or address of a version."""

    def number(self, version: Version) -> int | None:
        """Return the number that the place itself gave to a version, if it gives any."""

    def add(self, release: Release, version: Version) -> None:
        """Publish the release as a version that is not there yet, whole or not at all."""


def open_target(settings: Publish) -> Target:
    """Return the target that params.yaml names. Raises LprError when it cannot be used."""
    if settings.target == "kaggle":
        # Imported here alone: a local publication needs neither the client nor an account.
        from lpr.publishing.kaggle_models import KaggleModels

        return KaggleModels(settings.dataset, settings.private)
    return FolderRegistry(settings.registry, settings.dataset)


class Published(NamedTuple):
    """What became of a release: its receipt, the same for the same models, and whether it is new."""

    receipt: Publication
    status: Literal["published", "unchanged"]


def publish(release: Release, target: Target, settings: Publish) -> Published:
    """Publish a release, unless its content is published already, and return the receipt.

    Raises:
        LprError: the wanted version does not fit those that there are, or the target fails.
    """
    version, fresh = decide(release.content, target.published(), settings.version)
    if fresh:
        target.add(release, version)
    receipt = Publication(
        version=str(version),
        number=target.number(version),
        target=settings.target,
        dataset=target.name,
        where=target.where(version),
        message=release.message(version),
        git_commit=release.git_commit,
        files=dict(sorted(release.files.items())),
    )
    return Published(receipt, "published" if fresh else "unchanged")
