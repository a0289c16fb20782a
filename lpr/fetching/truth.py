"""What the splits of a data set hold the truth for: which models it can train, and what its test split can judge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from lpr.base.errors import LprError
from lpr.data.annotations import SPLITS
from lpr.fetching.annotation_store import AnnotationStore

Quality = Literal["detection", "recognition", "end_to_end"]
"""What can be judged; the gates of accuracy have these names."""
Truth = Mapping[str, Mapping[Quality, int]]
"""By split, the plates with a box to find, with a text to read, and with both in a photo."""

_MODELS: dict[Quality, str] = {"detection": "detector", "recognition": "OCR"}
_PLATES: dict[Quality, str] = {
    "detection": "plate with a box in a photo",
    "recognition": "plate with text",
    "end_to_end": "plate with box and text in a photo",
}
_CURES: dict[Quality, str] = {
    "detection": "add a source of photos with boxes (use: detection or both)",
    "recognition": "add a source of crops or plates with text (use: reading or both)",
    "end_to_end": "give plates that have a box their text too (docs/labels.md; use: both)",
}


def count_truth(store: AnnotationStore) -> dict[str, dict[Quality, int]]:
    """Return the counts of the finished data set; see `Truth`."""
    sql = """
        SELECT SUM(plates * NOT crop), SUM(texts * (use != 'detection')), SUM(texts * (use = 'both') * NOT crop)
        FROM item WHERE split = ?
    """
    truth: dict[str, dict[Quality, int]] = {}
    for number, split in enumerate(SPLITS):
        values = store.db.execute(sql, (number,)).fetchone()
        truth[split] = {quality: int(value or 0) for quality, value in zip(_PLATES, values, strict=True)}
    return truth


def check_truth(truth: Truth) -> None:
    """Raise LprError where the data set can train no model and judge none."""
    if not any(_trains(truth, quality) for quality in _MODELS) and not any(truth["test"].values()):
        raise LprError(
            "these data can neither train a model nor judge one; in params.yaml, add to fetch_data.sources or change "
            "fetch_data.shares, as the lines above say"
        )


def explain_truth(truth: Truth) -> Iterator[str]:
    """Yield a line for each model that can be trained or not, and for each quality that can be judged or not."""
    for quality, model in _MODELS.items():
        if _trains(truth, quality):
            counts = ", ".join(f"{split} {truth[split][quality]}" for split in ("train", "val"))
            yield f"train the {model}: yes ({counts}: each a {_PLATES[quality]})"
        else:
            missing = " and ".join(split for split in ("train", "val") if not truth[split][quality])
            yield (
                f"train the {model}: no, there is no {_PLATES[quality]} in {missing}; the shipped {model} is taken as "
                f"it is. To train it, {_cure(truth, quality, missing.split(' and ')[0])}"
            )
    for quality, plate in _PLATES.items():
        name = quality.replace("_", " ")
        if count := truth["test"][quality]:
            yield f"judge {name}: yes (test {count}: each a {plate})"
        else:
            yield f"judge {name}: no, there is no {plate} in test. To judge it, {_cure(truth, quality, 'test')}"


def _trains(truth: Truth, quality: Quality) -> bool:
    return bool(truth["train"][quality] and truth["val"][quality])


def _cure(truth: Truth, quality: Quality, split: str) -> str:
    if any(truth[other][quality] for other in SPLITS):
        return f"raise fetch_data.shares.{split} in params.yaml, or {_CURES[quality]}"
    return _CURES[quality]
