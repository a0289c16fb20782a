"""What is written down of a published version: in the version, beside models that were fetched, and beside a bundle."""

from __future__ import annotations

from lpr.records.record import FileName, ModelFile, Record, Sha256, Text, VersionName

VERSION_FILE = "version.json"
"""In each published version. On Kaggle it is a `PublishedVersion`, in a folder its first two fields."""


class PublishedVersion(Record):
    """What a version holds: all its files but VERSION_FILE; `git_commit` is of the code that made them, if known."""

    version: VersionName
    message: str
    git_commit: Text | None
    files: dict[FileName, ModelFile]


class FetchedVersion(Record):
    """`.version.json` beside models that were fetched; `content` is the SHA-256 of each model file."""

    version: VersionName
    message: str
    content: dict[FileName, Sha256]


class BundledVersion(Record):
    """`bundle.json` beside a bundle; `sha256` is of its archive."""

    version: VersionName
    message: str
    sha256: Sha256
