"""The published version that belongs to a commit: the one that its receipt names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lpr.base.errors import LprError
from lpr.records.receipt import Refusal, load_receipt

if TYPE_CHECKING:
    from lpr.publishing.kaggle_models import PublishedModels

_HOW = "set publish.target to kaggle and publish.dataset to yours in params.yaml, run `dvc repro publish`, and commit"


def get_committed(receipt: Path, into: Path) -> PublishedModels:
    """Bring the version that a receipt names, and make sure that it has the receipt's content.

    Args:
        receipt: `results/publish/receipt.json` of the commit.
        into: the folder of models, which is replaced.

    Raises:
        LprError: there is no receipt, it is of a local publication, or Kaggle has no such version with this content.
    """
    if not receipt.exists():
        raise LprError(f"{receipt}: no such file, so no published models belong to this commit; {_HOW}")
    record = load_receipt(receipt)
    if isinstance(record, Refusal):
        missed = ", ".join(gate.name for gate in record.refused)
        raise LprError(
            f"{receipt}: a refusal, since these gates were not met: {missed}; no published models belong to this "
            "commit; train better ones, run `dvc repro`, and commit"
        )
    if record.target != "kaggle":
        raise LprError(
            f"{receipt}: {record.version} was published into a folder, which no other machine can read, so there is "
            f"nothing to evaluate here; {_HOW}"
        )
    from lpr.publishing.kaggle_models import KaggleModels

    found = KaggleModels(record.dataset).get(record.version, into)
    if dict(found.content) != {name: file.sha256 for name, file in record.files.items()}:
        raise LprError(
            f"{found.reference}: {record.version} holds other models than {receipt} names; run "
            "`dvc repro --force publish`, and commit the receipt"
        )
    return found
