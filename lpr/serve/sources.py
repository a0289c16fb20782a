"""Where models come from: a folder, a registry of versions, or Kaggle; each brings them into a folder of ours."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lpr.base.errors import LprError
from lpr.base.files import sha256
from lpr.inference.shipped import CARD, models_folder
from lpr.publishing.versions import Version
from lpr.records.gates_file import failed, load_gates_file
from lpr.records.metadata import METADATA
from lpr.records.model_files import MODELS
from lpr.records.versions import VERSION_FILE

KAGGLE, REGISTRY = "kaggle:", "registry"
GATES = "gates.json"
_COPIED = (*MODELS, METADATA, CARD, GATES)


@dataclass(frozen=True)
class Brought:
    """Models that lie in a folder of ours: what they are called, what was said of them, and where they came from."""

    key: str
    version: str
    message: str
    origin: str


class Source(Protocol):
    """A place that models come from.

    Attributes:
        published: whether it holds only models that have met their gates.
    """

    published: bool

    def newest(self) -> str:
        """Return what tells its newest models from others. Raises LprError where there are none."""

    def bring(self, key: str, into: Path) -> Brought:
        """Put those models into an empty folder.

        Args:
            key: what `newest` returned.
            into: the folder.

        Raises:
            LprError: they cannot be brought.
        """


def open_source(text: str | None) -> Source:
    """Return the source that `--models` names; None: the shipped models. Raises LprError for one that is none."""
    if text is not None and text.startswith(KAGGLE):
        return KaggleSource(text.removeprefix(KAGGLE))
    if text == REGISTRY:
        from lpr.records.params import load_params

        settings = load_params().publish
        return RegistrySource(Path(settings.registry) / settings.dataset.replace("/", "_"))
    if text is not None and text.startswith(f"{REGISTRY}:"):
        return RegistrySource(Path(text.removeprefix(f"{REGISTRY}:")))
    return FolderSource(models_folder(text))


class FolderSource:
    """One folder of models, which may be replaced.

    Whether newer models have met their gates is for a gates.json beside them to say.
    """

    published = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def newest(self) -> str:
        """Return the hashes of both model files."""
        if missing := [name for name in MODELS if not (self._folder / name).is_file()]:
            raise LprError(
                f"{self._folder / missing[0]}: no such model; run `dvc repro export` or `lpr models get latest`"
            )
        return " ".join(sha256(self._folder / name) for name in MODELS)

    def bring(self, key: str, into: Path) -> Brought:
        """Copy the folder's models."""
        for name in _COPIED:
            if (self._folder / name).is_file():
                shutil.copyfile(self._folder / name, into / name)
        return Brought(key, "", "", str(self._folder))


def need_gates(folder: Path, origin: str) -> None:
    """Raise LprError unless a folder's gates.json says that its models have met their gates.

    Args:
        folder: the models, as they were brought.
        origin: where from, for messages.
    """
    path = folder / GATES
    where = f"{origin}/{GATES}"
    if not path.is_file():
        raise LprError(f"{where}: no such file, so nothing says that the newer models meet their gates; copy it there")
    record = load_gates_file(path)
    if missed := failed(record.gates):
        raise LprError(f"{where}: {', '.join(gate.name for gate in missed)} not met by the newer models")
    for name in MODELS:
        if record.models.get(name) != sha256(folder / name):
            raise LprError(f"{where}: not about the newer {name}; copy the gates of these models there")


class RegistrySource:
    """The versions in a folder `DIR/v1.0`, `DIR/v1.1` and so on, as `publish` writes them; or one of them, pinned.

    `publish` lets no version in whose gates are not met.
    """

    published = True

    def __init__(self, folder: Path) -> None:
        self._pinned = folder.name if Version.parse(folder.name) else None
        self._folder = folder.parent if self._pinned else folder

    def newest(self) -> str:
        """Return the highest version, or the pinned one."""
        if self._pinned:
            return self._pinned
        entries = self._folder.iterdir() if self._folder.is_dir() else ()
        versions = [version for path in entries if path.is_dir() and (version := Version.parse(path.name))]
        if not versions:
            raise LprError(f"{self._folder}: no published versions there; `dvc repro publish` makes one")
        return str(max(versions))

    def bring(self, key: str, into: Path) -> Brought:
        """Copy that version's models."""
        folder = self._folder / key
        if not folder.is_dir():
            raise LprError(f"{folder}: no such version")
        for name in _COPIED:
            if (folder / name).is_file():
                shutil.copyfile(folder / name, into / name)
        try:
            message = str(json.loads((folder / VERSION_FILE).read_text(encoding="utf-8"))["message"])
        except (OSError, ValueError, KeyError, TypeError):
            message = ""
        return Brought(key, key, message, str(folder))


class KaggleSource:
    """The versions of a Kaggle dataset, `OWNER/license-plate-models`; or one of them, `.../v1.2`."""

    published = True

    def __init__(self, text: str) -> None:
        dataset, slash, version = text.rpartition("/")
        pinned = bool(slash) and Version.parse(version) is not None
        self._dataset, self._version = (dataset, version) if pinned else (text, "latest")

    def newest(self) -> str:
        """Return the highest version, or the pinned one."""
        if self._version != "latest":
            return self._version
        from lpr.publishing.kaggle_target import KaggleTarget
        from lpr.publishing.published_models import find_models

        return find_models(KaggleTarget(self._dataset), "latest").record.version

    def bring(self, key: str, into: Path) -> Brought:
        """Fetch that version, its bytes compared with the hashes it was published with."""
        from lpr.publishing.kaggle_target import KaggleTarget
        from lpr.publishing.published_models import get_models

        models = get_models(KaggleTarget(self._dataset), key, into)
        return Brought(key, key, models.record.message, str(models.reference))
