"""Where the models, the data and the figures of a report come from."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from lpr.base.errors import LprError
from lpr.records.metadata import METADATA, load_metadata
from lpr.review import git
from lpr.review.document import Code, Section, Table, Words
from lpr.review.sides import Sides

MODELS = Path("models")
OUTPUTS = ("data", "models/detector.onnx", "models/ocr.onnx")
"""Outputs whose hashes are shown."""


def section(sides: Sides) -> Section:
    """Return the section: commits, what is published, how the models were trained, hashes of dvc.lock."""
    section = Section("Provenance", folded=True)
    rows: list[tuple[Words, ...]] = [
        ("commit", Code(sides.here.commit), "with uncommitted changes" if git.is_dirty() else ""),
        ("base", Code(sides.base.commit), ""),
        *_publication(sides.here.receipt),
        *_training(MODELS),
        ("DVC", Code(metadata.version("dvc")), ""),
    ]
    section.blocks.append(Table(("what", "value", "more"), rows))
    base, here = sides.base.hashes(), sides.here.hashes()
    hashes: list[tuple[Words, ...]] = [
        (Code(path), Code(base.get(path, "-")), Code(here.get(path, "-")))
        for path in OUTPUTS
        if path in base or path in here
    ]
    if hashes:
        section.blocks.append(Table(("MD5 in dvc.lock", "base", "here"), hashes))
    return section


def _publication(receipt: Any) -> Iterator[tuple[Words, ...]]:
    if receipt:
        version = f"{receipt.get('version')} of {receipt.get('dataset')}"
        yield "published", Code(version), Code(str(receipt.get("target")))


def _training(models: Path) -> Iterator[tuple[Words, ...]]:
    try:
        recorded = load_metadata(models)
    except LprError:
        why = "cannot be read" if (models / METADATA).exists() else "is not here"
        yield "trained", f"not known: the models' record {why}", Code(str(models / METADATA))
        return
    yield "trained", Code(recorded.training_date), Code(f"commit {recorded.git_commit}")
    others = ", ".join(f"{name} {version}" for name, version in recorded.versions.items())
    yield "device", Code(recorded.device), Code(f"torch {recorded.pytorch_version}, {others}")
    for kind in recorded.shipped_models():
        yield "not trained", Code(kind), "the shipped model, since the data hold nothing for it"
    yield "data", Code(recorded.data.fingerprint), "fingerprint"
    for source in recorded.data.sources:
        more = source.model_extra or {}
        origin = "/".join(str(more[key]) for key in ("dataset", "version") if more.get(key)) or source.kind
        yield "source", Code(f"{source.name}: {origin}"), Code(source.licence)
