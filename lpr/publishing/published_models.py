"""Published models on Kaggle: find a version, fetch it, or publish the content of an older one again."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from lpr.base.errors import LprError
from lpr.base.files import sha256
from lpr.base.folders import replacing
from lpr.kaggle.service.download import download
from lpr.publishing.kaggle_target import KaggleTarget, PublishedModels
from lpr.records.model_files import MODEL_FILES


def list_models(target: KaggleTarget) -> list[PublishedModels]:
    """Return all versions, oldest first. Raises LprError when there is no such dataset."""
    versions = target.versions()
    if not target.found:
        raise LprError(
            f"{target.dataset}: there is no such dataset, or it is private and these credentials may not see it; "
            "check the name, or publish models first"
        )
    return versions


def find_models(target: KaggleTarget, version: str) -> PublishedModels:
    """Return the version of that name, or the `latest` whole one. Raises LprError if there is none."""
    return _choose(target, list_models(target), version)


def get_models(target: KaggleTarget, version: str, into: Path) -> PublishedModels:
    """Put a version's files into a folder, which is replaced whole or not at all, after comparing their hashes.

    Raises:
        LprError: no such version, other bytes than published, or `into` holds something else than models.
    """
    chosen = find_models(target, version)
    if into.exists() and (not into.is_dir() or (any(into.iterdir()) and not (into / MODEL_FILES[0]).is_file())):
        raise LprError(f"{into}: holds something else than models; choose another folder")
    folder = _download(target, chosen)
    with replacing(into) as fresh:
        for file in chosen.record.files:
            shutil.copyfile(folder / file, fresh / file)
    return chosen


def rollback(target: KaggleTarget, version: str) -> PublishedModels:
    """Publish the content of an older version as a new one, one minor number above the latest; nothing is removed.

    Raises:
        LprError: no such version, or it is the latest already.
    """
    versions = list_models(target)
    old = _choose(target, versions, version)
    latest = max(models.version for models in versions)
    if latest == old.version:
        raise LprError(f"{target.dataset}: {version} is the latest version already")
    new = str(latest.next())
    record = old.record.model_copy(update={"version": new, "message": f"{new} - rollback to {old.record.message}"})
    return target.add(record, _download(target, old))


def _choose(target: KaggleTarget, versions: Sequence[PublishedModels], version: str) -> PublishedModels:
    if version == "latest":
        whole = [models for models in versions if models.whole]
        if not whole:
            raise LprError(f"{target.dataset}: no models are published there")
        return max(whole, key=lambda models: models.version)
    chosen = next((models for models in reversed(versions) if models.record.version == version), None)
    if chosen is None:
        known = ", ".join(models.record.version for models in versions) or "none"
        raise LprError(f"{target.dataset}: no version {version}; there are: {known}")
    if not chosen.whole:
        raise LprError(f"{chosen.reference}: {version} is not whole on Kaggle; choose another version")
    return chosen


def _download(target: KaggleTarget, models: PublishedModels) -> Path:
    folder = download(target.client, models.reference)
    for name, file in models.record.files.items():
        if sha256(folder / name) != file.sha256:
            shutil.rmtree(folder)
            raise LprError(f"{models.reference}: {name} differs from its published hash; run it again")
    return folder
