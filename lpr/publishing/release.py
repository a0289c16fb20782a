"""A bundle on its way to be published: checked against its gates, with the facts that its receipt gives."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lpr.base.errors import LprError
from lpr.kaggle.service.datasets import METADATA as DATASET_METADATA
from lpr.publishing.versions import Content, Version
from lpr.records.evaluation import load_metrics
from lpr.records.gates_file import Gate, failed, load_gates_of
from lpr.records.gates_table import show
from lpr.records.metadata import METADATA, load_metadata
from lpr.records.model_files import MODEL_FILES
from lpr.records.receipt import MissedGate, Refusal
from lpr.records.record import InvalidRecordError, ModelFile
from lpr.records.versions import VERSION_FILE, PublishedVersion


class GatesNotMetError(Exception):
    """The models may not be published; the message names each gate that failed, and `refusal` is the receipt of it."""

    def __init__(self, gates: list[Gate], files: dict[str, ModelFile], git_commit: str | None) -> None:
        missed = (MissedGate(**{key: getattr(gate, key) for key in MissedGate.model_fields}) for gate in gates)
        self.refusal = Refusal(refused=tuple(missed), git_commit=git_commit, files=files)
        lines = [
            f"  {gate.name}: {show(gate.value)}, required {gate.direction} {show(gate.threshold)} ({gate.detail})"
            for gate in gates
        ]
        super().__init__("not published, since these gates are not met:\n" + "\n".join(lines))


@dataclass(frozen=True)
class Release:
    """A bundle that met its gates.

    Attributes:
        folder: the bundle.
        files: the model files by name.
        accuracy: the evaluation in a few words, `end-to-end 95.1% (154/162), AP50 0.97`; what there was no truth for is
            left out, and a model that was not trained is named: `AP50 0.97, shipped ocr`.
        note: what its publisher adds.
        git_commit: of the code that made the models; None where it is not known.
    """

    folder: Path
    files: dict[str, ModelFile]
    accuracy: str
    note: str
    git_commit: str | None

    @property
    def content(self) -> Content:
        """SHA-256 of each model file, by name."""
        return {name: file.sha256 for name, file in self.files.items()}

    def record(self, version: Version) -> PublishedVersion:
        """Return what this release is as a version: one line that describes it, and all files of the bundle.

        Folders and hidden files are no part of it, nor are VERSION_FILE and what `kaggle datasets init` writes.
        """
        message = " - ".join(part for part in (str(version), self.accuracy, self.note) if part)
        names = {path.name for path in self.folder.iterdir() if path.is_file() and not path.name.startswith(".")}
        names -= {DATASET_METADATA, VERSION_FILE}
        files = {name: self.files.get(name) or ModelFile.of(self.folder / name) for name in sorted(names)}
        return PublishedVersion(version=str(version), message=message, git_commit=self.git_commit, files=files)


def prepare(folder: Path, evaluation: Path, note: str) -> Release:
    """Return the release of a bundle.

    Args:
        folder: the bundle that `export` wrote.
        evaluation: the folder of `evaluate`, with gates.json and metrics.json.
        note: added to the message.

    Raises:
        GatesNotMetError: a gate failed.
        LprError: a file is missing or unreadable, or the gates are those of other models.
    """
    if missing := [name for name in (*MODEL_FILES, METADATA, "README.md") if not (folder / name).is_file()]:
        raise LprError(f"{folder}: {', '.join(missing)} missing; make the models with `dvc repro export`")
    files = {name: ModelFile.of(folder / name) for name in MODEL_FILES}
    missed = failed(load_gates_of(evaluation / "gates.json", folder, MODEL_FILES))
    try:
        metadata = load_metadata(folder)
    except InvalidRecordError as error:
        if missed:  # that it is not complete is a gate of its own
            raise GatesNotMetError(missed, files, None) from error
        raise
    if missed:
        raise GatesNotMetError(missed, files, metadata.git_commit)
    shipped = [f"shipped {kind}" for kind in metadata.shipped_models()]
    return Release(
        folder=folder,
        files=files,
        accuracy=", ".join([_accuracy(evaluation / "metrics.json"), *shipped]),
        note=" ".join(note.split()),
        git_commit=metadata.git_commit,
    )


def _accuracy(path: Path) -> str:
    metrics = load_metrics(path)
    parts = []
    if end_to_end := metrics.end_to_end:
        parts.append(f"end-to-end {_share(end_to_end.right, end_to_end.total)}")
    elif (plates := metrics.reading.plates) and (right := metrics.reading.right) is not None:
        parts.append(f"true crops {_share(right, plates)}")
    if metrics.detection and metrics.detection.ap50 is not None:
        parts.append(f"AP50 {metrics.detection.ap50:.2f}")
    if not parts:
        raise LprError(f"{path}: holds no end-to-end accuracy, no reading and no AP50; run `dvc repro evaluate`")
    return ", ".join(parts)


def _share(right: int, total: int) -> str:
    return f"{right / total:.1%} ({right}/{total})"
