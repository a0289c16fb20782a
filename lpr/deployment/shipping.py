"""Making the folder of models that travels with the package, from a pipeline's bundle and an evaluation of it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from lpr.assessment.report import figures
from lpr.base.errors import LprError
from lpr.base.files import sha256, write_text
from lpr.base.folders import replacing
from lpr.exporting.model_card import Measurement, model_card
from lpr.inference.shipped import CARD
from lpr.records.evaluation import EVALUATION, FolderEvaluation, load_evaluation
from lpr.records.metadata import METADATA, load_metadata
from lpr.records.model_files import MODEL_FILES, MODELS

GAP = "TO FILL"
"""Marks what is left to be written in the card's notes."""
_WORST = 8
_PERMISSIVE = re.compile(
    r"\b(MIT|ISC|BSD|Apache[- ]2\.0|CC0|CC[- ]BY[- ]\d\.\d|public domain|Unlicense|PDDL|ODC[- ]BY)\b", re.IGNORECASE
)
_NEXT_LICENCE = re.compile(r"[,;]|\band\b|\bor\b")


def ship(models: Path, evaluation: Path, notes: Path, target: Path) -> int:
    """Write the shipped models, whole or not at all: .onnx and .pt files, their metadata, evaluation and card.

    Args:
        models: the bundle that `export` wrote.
        evaluation: the report that `lpr evaluate --json` or `--out` wrote of it.
        notes: Markdown that the card ends with: the recipe's command and time, what the models have never seen.
        target: the folder; replaced when it is there.

    Returns:
        The bytes of both .onnx files.

    Raises:
        LprError: a file is missing or unreadable; the models are not those of their metadata or of the evaluation; the
            metadata are not complete; a source's licence does not allow models under this project's own.
    """
    metadata = load_metadata(models)
    report = load_evaluation(evaluation)
    for name in MODEL_FILES:
        if not (models / name).is_file():
            raise LprError(f"{models / name}: no such model; make it with `dvc repro export`")
        digest = sha256(models / name)
        if name not in metadata.files or digest != metadata.files[name].sha256:
            raise LprError(f"{models / METADATA}: its files.{name} is not the hash of {models / name}; export again")
        if name in MODELS and (name not in report.models or digest != report.models[name].sha256):
            raise LprError(f"{evaluation}: not an evaluation of {models / name}; run `lpr evaluate` with these models")
    for source in metadata.data.sources:
        if not allows_shipping(source.licence):
            raise LprError(
                f"source {source.name}: its licence {source.licence!r} is not known to allow models under MIT; "
                "train without it, or correct `licence` of the source if that is not its licence"
            )
    try:
        text = notes.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise LprError(f"{notes}: the card's notes cannot be read ({error}); name a Markdown file") from error
    if GAP in text:
        raise LprError(f"{notes}: still says {GAP!r}; say there what the card should say")
    card = model_card(metadata, describe(report), text)
    with replacing(target) as fresh:
        for file in (*MODEL_FILES, METADATA):
            shutil.copyfile(models / file, fresh / file)
        shutil.copyfile(evaluation, fresh / EVALUATION)
        write_text(fresh / CARD, card)
    return sum((target / name).stat().st_size for name in MODELS)


def allows_shipping(licence: str) -> bool:
    """Return whether every licence that a source names lets its models go out under MIT: permissive ones alone.

    >>> allows_shipping("Apache-2.0, CC BY 4.0 and MIT by photograph"), allows_shipping("MIT, CC BY-NC 4.0")
    (True, False)
    """
    return all(_PERMISSIVE.search(part) for part in _NEXT_LICENCE.split(licence))


def describe(report: FolderEvaluation) -> Measurement:
    """Return what the card says of an evaluation."""
    data, characters = report.data, report.errors.end_to_end.characters
    return Measurement(
        on=f"{data.folder}, split {data.split or 'all'}: {data.images} images, fingerprint `{data.fingerprint[:16]}`",
        figures=tuple(figures(report.model_dump())),
        errors=tuple(f"{name} ({times})" for name, times in list(characters.items())[:_WORST]),
    )
