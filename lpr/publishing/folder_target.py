"""The target `local`: a folder of versions, `registry/OWNER_slug/v1.0/`, and an index of them."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from lpr.base.errors import LprError
from lpr.base.files import sha256, write_json
from lpr.base.stage_lock import alone, clear
from lpr.kaggle.service.datasets import METADATA
from lpr.kaggle.service.references import title_of
from lpr.publishing.versions import Published, Version
from lpr.records.model_files import MODEL_FILES
from lpr.records.versions import VERSION_FILE, PublishedVersion


class FolderTarget:
    """Versions of a dataset as folders on this machine.

    Args:
        root: folder of all datasets.
        dataset: `owner/slug`.
    """

    def __init__(self, root: Path | str, dataset: str) -> None:
        self.dataset = dataset
        self._folder = Path(root) / dataset.replace("/", "_")

    def versions(self) -> list[Published]:
        """Return each version, its content from the files themselves. Raises LprError when one lacks a model."""
        if not self._folder.is_dir():
            return []
        named = [(version, path) for path in self._folder.iterdir() if (version := Version.parse(path.name))]
        return [_published(version, path) for version, path in sorted(named) if path.is_dir()]

    def add(self, record: PublishedVersion, folder: Path) -> Published:
        """Write a new version, whole or not at all, and the index `index.json` of all versions.

        Raises:
            LprError: another publication has just written it.
        """
        target = self._folder / record.version
        said = record.model_dump(include={"version", "message"})
        with alone(self._folder, "publication"):
            clear(self._folder, ".v*-*", ".index-*")
            with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=self._folder) as name:
                fresh = Path(name) / "version"
                fresh.mkdir()
                for file in record.files:
                    shutil.copy2(folder / file, fresh)
                write_json(fresh / METADATA, dataset_metadata(self.dataset))
                write_json(fresh / VERSION_FILE, said)
                if target.exists():
                    raise LprError(f"{target}: written by another publication at this moment; publish again")
                # Before the version: killed in between, the next publication writes both, since there is no such one.
                older = [Path(published.where) / VERSION_FILE for published in self.versions()]
                records = [json.loads(path.read_text(encoding="utf-8")) for path in older]
                write_json(self._folder / "index.json", {"dataset": self.dataset, "versions": [*records, said]})
                fresh.rename(target)
        return _published(Version.of(record.version), target)


def dataset_metadata(dataset: str) -> dict[str, Any]:
    """Return what `kaggle datasets create` has to know of a folder.

    The licence is "other", which Kaggle's rules explain by the description: README.md names those of code and data.
    """
    return {"id": dataset, "title": title_of(dataset.split("/")[1]), "licenses": [{"name": "other"}]}


def _published(version: Version, folder: Path) -> Published:
    if missing := [name for name in MODEL_FILES if not (folder / name).is_file()]:
        raise LprError(f"{folder}: {', '.join(missing)} missing; restore this version or delete its folder")
    content = {name: sha256(folder / name) for name in MODEL_FILES}
    return Published(version, content, folder.as_posix(), None)
