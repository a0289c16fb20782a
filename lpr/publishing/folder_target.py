"""The local target: a folder of versions, `registry/OWNER_slug/v1.0/`, and an index of them."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from lpr.base.errors import LprError
from lpr.base.files import sha256, write_json
from lpr.base.stage_lock import alone, clear
from lpr.publishing.release import Release
from lpr.publishing.versions import Content, Version
from lpr.records.model_files import MODEL_FILES

_TITLE_LENGTHS = (6, 50)
"""Characters that Kaggle allows in a title."""


def dataset_metadata(dataset: str) -> dict[str, Any]:
    """Return the content of Kaggle's `dataset-metadata.json`.

    The licence is "other", which Kaggle's rules explain by the description: README.md names those of code and data.

    Args:
        dataset: `owner/slug`.
    """
    shortest, longest = _TITLE_LENGTHS
    title = dataset.split("/")[1].replace("-", " ").replace("_", " ").strip().capitalize()[:longest].strip()
    if len(title) < shortest:
        title = f"{title} license plate models".strip()
    return {"id": dataset, "title": title, "licenses": [{"name": "other"}]}


class FolderRegistry:
    """Versions of a dataset as folders on this machine.

    Args:
        root: folder of all datasets.
        dataset: `owner/slug`.
    """

    def __init__(self, root: Path | str, dataset: str) -> None:
        self._dataset = dataset
        self._folder = Path(root) / dataset.replace("/", "_")

    def published(self) -> dict[Version, Content]:
        """Return each version's content, from the files themselves. Raises LprError when a version lacks a model."""
        if not self._folder.is_dir():
            return {}
        found: dict[Version, Content] = {}
        for folder in self._folder.iterdir():
            version = Version.parse(folder.name)
            if version is None or not folder.is_dir():
                continue
            if missing := [name for name in MODEL_FILES if not (folder / name).is_file()]:
                raise LprError(f"{folder}: {', '.join(missing)} missing; restore this version or delete its folder")
            found[version] = {name: sha256(folder / name) for name in MODEL_FILES}
        return found

    @property
    def name(self) -> str:
        """`owner/slug` of the dataset."""
        return self._dataset

    def number(self, version: Version) -> None:
        """Folders have no numbers but their versions."""

    def where(self, version: Version) -> str:
        """Return the folder of a version."""
        return (self._folder / str(version)).as_posix()

    def add(self, release: Release, version: Version) -> None:
        """Write a new version, whole or not at all, and the index `index.json` of all versions."""
        target = self._folder / str(version)
        record = {"version": str(version), "message": release.message(version)}
        with alone(self._folder, "publication"):
            clear(self._folder, ".v*-*", ".index-*")
            self._add(release, target, record)

    def _add(self, release: Release, target: Path, record: dict[str, str]) -> None:
        with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=self._folder) as name:
            fresh = Path(name) / "version"
            fresh.mkdir()
            for path in sorted(release.folder.iterdir()):
                if not path.name.startswith("."):
                    shutil.copy2(path, fresh)
            write_json(fresh / "dataset-metadata.json", dataset_metadata(self._dataset))
            write_json(fresh / "version.json", record)
            if target.exists():
                raise LprError(f"{target}: written by another publication at this moment; publish again")
            # Before the version: killed in between, the next publication writes both, since there is no such version.
            self._write_index(record)
            fresh.rename(target)

    def _write_index(self, latest: dict[str, str]) -> None:
        others = [self._folder / str(version) / "version.json" for version in sorted(self.published())]
        records = [json.loads(path.read_text(encoding="utf-8")) for path in others]
        write_json(self._folder / "index.json", {"dataset": self._dataset, "versions": [*records, latest]})
