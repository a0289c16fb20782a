"""What the stand-in keeps: datasets with numbered versions, uploads under way, kernels."""

from __future__ import annotations

import hashlib
import io
import itertools
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Version:
    number: int
    files: dict[str, bytes]
    notes: str = ""
    state: str = "READY"
    polls_left: int = 0
    archive: bytes | None = None  # in place of a zip of `files`
    sizes: dict[str, int] = field(default_factory=dict)  # listed in place of the true ones

    def zip(self) -> bytes:
        if self.archive is None:
            buffer = io.BytesIO()
            with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as bundle:
                for name, content in sorted(self.files.items()):
                    bundle.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
            self.archive = buffer.getvalue()
        return self.archive


@dataclass
class Dataset:
    owner: str
    slug: str
    title: str = "A data set"
    license: str = "CC0-1.0"
    private: bool = False
    description: str = ""
    versions: list[Version] = field(default_factory=list)

    def ready(self) -> Version | None:
        """The newest version that has been processed: a version on its way does not count yet."""
        return next((version for version in reversed(self.versions) if version.state == "READY"), None)

    def find(self, number: int | None) -> Version | None:
        if number is None:
            return self.ready()
        return next((version for version in self.versions if version.number == number), None)


@dataclass
class Upload:
    name: str
    size: int
    received: bytearray = field(default_factory=bytearray)


@dataclass
class Kernel:
    owner: str
    slug: str
    versions: list[dict] = field(default_factory=list)  # the SaveKernel requests
    states: list[str] = field(default_factory=lambda: ["COMPLETE"])  # answered in order, the last for ever
    failure: str = ""
    output: dict[str, bytes] = field(default_factory=dict)
    log: str = ""
    live: list[str] = field(default_factory=list)  # pieces of its log while it runs


class State:
    """All of it; not locked: the server holds its lock around every use."""

    def __init__(self) -> None:
        self.keys = {"alice": "alice-legacy-key-4711"}
        self.tokens = {"alice-access-token-0815": "alice"}
        self.datasets: dict[str, Dataset] = {}
        self.uploads: dict[str, Upload] = {}
        self.kernels: dict[str, Kernel] = {}
        self.downloads: dict[str, tuple[str, bytes]] = {}
        self.polls_until_ready = 1
        self.never_ready = False
        self.ends_failed = False
        self.forgets: set[str] = set()  # names of uploaded files that get lost on the way
        self.invalid_sources: list[str] = []
        self.on_push: Callable[[Kernel], None] = lambda kernel: None
        self._count = itertools.count(1)

    def put(
        self, reference: str, files: dict[str, bytes], private: bool = False, owner_title: str = "A data set"
    ) -> Version:
        """Add a version, as if it had been published long ago."""
        owner, slug = reference.split("/")
        dataset = self.datasets.setdefault(reference, Dataset(owner, slug, owner_title, private=private))
        version = Version(len(dataset.versions) + 1, dict(files))
        dataset.versions.append(version)
        return version

    def new_upload(self, name: str, size: int) -> str:
        token = f"blob-token-{next(self._count)}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
        self.uploads[token] = Upload(name, size)
        return token

    def new_download(self, name: str, content: bytes) -> str:
        identifier = f"{next(self._count)}-{hashlib.md5(content).hexdigest()}"
        self.downloads[identifier] = (name, content)
        return identifier

    def add_version(self, dataset: Dataset, tokens: list[str], notes: str) -> Version:
        """Make a version of finished uploads; archives are unpacked into folders, as the service does."""
        files: dict[str, bytes] = {}
        for token in tokens:
            upload = self.uploads[token]
            if upload.name in self.forgets:
                continue
            content = bytes(upload.received)
            if upload.name.endswith(".zip"):
                with zipfile.ZipFile(io.BytesIO(content)) as bundle:
                    stem = upload.name[:-4]
                    files.update({f"{stem}/{e.filename}": bundle.read(e) for e in bundle.infolist() if not e.is_dir()})
            else:
                files[upload.name] = content
        version = Version(len(dataset.versions) + 1, files, notes, "BLOBS_RECEIVED", self.polls_until_ready)
        if self.polls_until_ready == 0:
            version.state = "READY"
        dataset.versions.append(version)
        return version

    def poll(self, dataset: Dataset) -> str:
        """The newest version's state; asking brings it a step on."""
        version = dataset.versions[-1]
        if version.state not in ("READY", "FAILED") and not self.never_ready:
            version.polls_left -= 1
            if version.polls_left <= 0:
                version.state = "FAILED" if self.ends_failed else "READY"
        return version.state
