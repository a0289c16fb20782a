"""The published version that belongs to a commit: the one that its receipt names."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from lpr.base.errors import LprError
from lpr.base.folders import replacing
from lpr.inference.shipped import CARD, models_folder
from lpr.records.metadata import METADATA
from lpr.records.model_files import MODEL_FILES
from lpr.records.receipt import Publication, Refusal, load_receipt

if TYPE_CHECKING:
    from lpr.publishing.kaggle_target import PublishedModels

_HOW = "to publish, run `lpr params recipes/kaggle.yaml` and `make repro`, and commit params.yaml, dvc.lock and results"


class NothingPublishedError(LprError):
    """No published version belongs to a commit. The message says why, and what to do; it is Markdown too."""


def committed_publication(receipt: Path) -> Publication:
    """Return the publication, by the receipt `results/publish/receipt.json` of the commit, that others can fetch.

    Raises:
        NothingPublishedError: there is no receipt, it is a refusal, or it is of a publication into a local folder.
        LprError: it cannot be read.
    """
    if not receipt.exists():
        raise NothingPublishedError(f"`{receipt}`: no such file, so no published models belong to this commit; {_HOW}")
    record = load_receipt(receipt)
    if isinstance(record, Refusal):
        missed = ", ".join(f"`{gate.name}`" for gate in record.refused)
        raise NothingPublishedError(
            f"`{receipt}`: a refusal, since these gates were not met: {missed}; no published models belong to this "
            "commit; train better ones, run `dvc repro`, and commit"
        )
    if record.target != "kaggle":
        raise NothingPublishedError(
            f"`{receipt}`: {record.version} was published into a folder, which no other machine can read; {_HOW}"
        )
    return record


def get_committed(receipt: Path, into: Path) -> PublishedModels:
    """Fetch the version that a receipt names into a folder, which is replaced, and make sure that it is the receipt's.

    Raises:
        LprError: as `committed_publication`, or Kaggle has no such version with this content.
    """
    record = committed_publication(receipt)
    from lpr.publishing.kaggle_target import KaggleTarget
    from lpr.publishing.published_models import get_models

    found = get_models(KaggleTarget(record.dataset), record.version, into)
    if dict(found.content) != {name: file.sha256 for name, file in record.files.items()}:
        raise LprError(
            f"{found.reference}: {record.version} holds other models than {receipt} names; run "
            "`dvc repro --force publish`, and commit the receipt"
        )
    return found


def get_shipped(into: Path) -> None:
    """Copy the models that travel with the package, their metadata and card, into a folder, which is replaced.

    Raises:
        LprError: no models were shipped.
    """
    source = models_folder(None)
    with replacing(into) as fresh:
        for name in (*MODEL_FILES, METADATA, CARD):
            if (source / name).is_file():  # an installation has no checkpoints
                shutil.copyfile(source / name, fresh / name)
