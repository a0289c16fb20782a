"""Where the models, the data and the figures of a report come from."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import metadata
from typing import Any

from lpr.records.metadata import shipped_models
from lpr.review import git
from lpr.review.document import Code, Section, Table, Words
from lpr.review.sides import METADATA, Sides, read_metadata

OUTPUTS = ("data", "models/detector.onnx", "models/ocr.onnx")
"""Outputs whose hashes are shown."""


def section(sides: Sides) -> Section:
    """Return the section: commits, what is published, how the models were trained, hashes of dvc.lock."""
    section = Section("Provenance", folded=True)
    recorded = read_metadata()
    rows: list[tuple[Words, ...]] = [
        ("commit", Code(sides.here.commit), "with uncommitted changes" if git.is_dirty() else ""),
        ("base", Code(sides.base.commit), ""),
        *_publication(sides.here.receipt),
        *(_training(recorded) if recorded else [("trained", "not known: the models are not here", Code(METADATA))]),
        ("DVC", Code(metadata.version("dvc")), ""),
    ]
    section.blocks.append(Table(("what", "value", "more"), rows))
    base, here = sides.base.hashes(), sides.here.hashes()
    hashes: list[tuple[Words, ...]] = [
        (Code(path), Code(base.get(path, "-")), Code(here.get(path, "-")))
        for path in OUTPUTS
        if {*base, *here} & {path}
    ]
    if hashes:
        section.blocks.append(Table(("MD5 in dvc.lock", "base", "here"), hashes))
    return section


def _publication(receipt: Any) -> Iterator[tuple[Words, ...]]:
    if receipt:
        version = f"{receipt.get('version')} of {receipt.get('dataset')}"
        yield "published", Code(version), Code(str(receipt.get("target")))


def _training(recorded: Any) -> Iterator[tuple[Words, ...]]:
    yield "trained", Code(str(recorded.get("training_date"))), Code(f"commit {recorded.get('git_commit')}")
    versions = recorded.get("versions") if isinstance(recorded.get("versions"), dict) else {}
    others = ", ".join(f"{name} {version}" for name, version in versions.items())
    yield "device", Code(str(recorded.get("device"))), Code(f"torch {recorded.get('pytorch_version')}, {others}")
    for kind in shipped_models(recorded):
        yield "not trained", Code(kind), "the shipped model, since the data hold nothing for it"
    data = recorded.get("data") if isinstance(recorded.get("data"), dict) else {}
    yield "data", Code(str(data.get("fingerprint"))), "fingerprint"
    for source in data.get("sources") or []:
        if isinstance(source, dict):
            origin = "/".join(str(source[key]) for key in ("dataset", "version") if source.get(key)) or source.get(
                "kind"
            )
            yield "source", Code(f"{source.get('name')}: {origin}"), Code(str(source.get("licence")))
