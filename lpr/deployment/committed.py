"""The published version that belongs to a commit: the one that its receipt names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lpr.base.errors import LprError
from lpr.base.parsing import parse_json

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
    try:
        record = parse_json(receipt.read_text(encoding="utf-8"))
        target, dataset, version = str(record["target"]), str(record["dataset"]), str(record["version"])
        content = {str(name): str(file["sha256"]) for name, file in record["files"].items()}
    except FileNotFoundError as error:
        raise LprError(f"{receipt}: no such file, so no published models belong to this commit; {_HOW}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LprError(f"{receipt}: not a receipt ({error}); run `dvc repro --force publish`, and commit it") from error
    if target != "kaggle":
        raise LprError(
            f"{receipt}: {version} was published into a folder, which no other machine can read, so there is "
            f"nothing to evaluate here; {_HOW}"
        )
    from lpr.publishing.kaggle_models import KaggleModels

    found = KaggleModels(dataset).get(version, into)
    if dict(found.content) != content:
        raise LprError(
            f"{found.reference}: {version} holds other models than {receipt} names; run `dvc repro --force publish`, "
            "and commit the receipt"
        )
    return found
