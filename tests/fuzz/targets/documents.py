"""The project's own JSON files where another hand can have written them: manifests, metadata, gates, notes, lines."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lpr.base.files import sha256
from lpr.batch.lines_file import LinesFile
from lpr.data.annotations import read_entries
from lpr.deployment.bundle import read_bundle, write_bundle
from lpr.deployment.committed import get_committed
from lpr.deployment.fetched import read_version
from lpr.deployment.shipping import ship
from lpr.deployment.verification import verify
from lpr.publishing.release import GatesNotMetError, prepare
from lpr.publishing.versions import Version
from lpr.records.gates_table import report
from lpr.records.manifest import load_manifest
from lpr.records.metadata import load_metadata
from lpr.records.model_files import MODEL_FILES
from lpr.review.artifact import check
from lpr.training.stage import data_fingerprint
from tests.fuzz import mutate
from tests.fuzz.target import Made, expect
from tests.records_here import MANIFEST, training_metadata

_HASH = "0123456789abcdef" * 4
_GATE = {"name": "end_to_end", "value": 0.9, "threshold": 0.85, "direction": ">=", "passed": True, "detail": "9 of 10"}


class Target:
    """One document of a folder of models, data or results, its tree or bytes changed, and all who read it."""

    memory = 300

    def __init__(self, seeds: Path) -> None:
        for name in MODEL_FILES:
            (seeds / name).write_bytes(name.encode() * 50)
        (seeds / "README.md").write_text("card")
        hashes = {name: sha256(seeds / name) for name in MODEL_FILES}
        self._seeds = seeds
        files = {name: {"bytes": 650, "sha256": digest} for name, digest in hashes.items()}
        metadata = training_metadata(git_commit="a" * 40, files=files)
        plate = {"bbox": [1, 2, 3, 4], "text": "AB1", "lines": 1, "quad": [[1, 2]] * 4}
        counted = {"right": 9, "total": 10, "accuracy": 0.9, "low": 0.6, "high": 1.0}
        kinds = ("folded", "public_rule_iou_over_40", "one_line", "two_line")
        end_to_end = {**counted, **dict.fromkeys(kinds, counted)}
        read = {"plates": 10, "right": 9, "low": 0.6, "high": 1.0, "plate_accuracy": 0.9, "plate_accuracy_folded": 0.9}
        read |= {"character_accuracy": 0.9, "length_accuracy": 0.9}
        reading = {**read, "one_line": read, "two_line": None}
        self._good: dict[str, Any] = {
            "manifest.json": MANIFEST,
            "training_metadata.json": metadata,
            "gates.json": {"passed": True, "gates": [_GATE, {**_GATE, "name": "x"}], "models": hashes},
            "metrics.json": {"end_to_end": counted, "reading": read, "detection": {"ap50": 0.9}},
            ".version.json": {"version": "v1.0", "message": "m", "content": hashes},
            "bundle.json": {"version": "v1.0", "message": "m", "sha256": _HASH},
            "receipt.json": {
                "target": "local", "dataset": "a/b", "version": "v1.0", "files": {"a": {"bytes": 1, "sha256": _HASH}},
            },
            "train.json": {"a.jpg": {"plates": [plate], "source": "s", "use": "both"}, "b.jpg": {"text": "A1"}},
            "lines.jsonl": {"image": "a.jpg", "plates": []},
            "evaluation.json": {
                "data": {"folder": "f", "split": None, "images": 3, "fingerprint": _HASH}, "models": metadata["files"],
                "errors": {"end_to_end": {"characters": {"0/O": 3}}}, "settings": {"threshold": 0.5}, "detection": None,
                "detection_large": None, "reading_on": "boxes", "reading": reading, "end_to_end": end_to_end,
                "calibration": {"ece": 0.1}, "false_readings": {"photos": 1, "photos_read": 0},
                "calibration_end_to_end": None,
            },
            "pr.json": {"number": 3, "sha": "a" * 40},
        }  # fmt: skip
        self._readers: dict[str, tuple[Callable[[Path], object], ...]] = {
            "manifest.json": (load_manifest, lambda path: data_fingerprint(path.parent)),
            "training_metadata.json": (_load_metadata, lambda path: verify(path.parent), _ship, _prepare),
            "gates.json": (report, _prepare, lambda path: write_bundle(path.parent, path.parent, path.parent / "out")),
            "metrics.json": (_prepare,),
            ".version.json": (lambda path: read_version(path.parent),),
            "bundle.json": (lambda path: read_bundle(path.parent),),
            "receipt.json": (lambda path: get_committed(path, path.parent / "models"),),
            "train.json": (lambda path: list(read_entries(path)),),
            "lines.jsonl": (_add_line,),
            "evaluation.json": (_ship,),
            "pr.json": (_check_report,),
        }

    def make(self, rng: random.Random, folder: Path) -> Made:
        for path in self._seeds.iterdir():
            (folder / path.name).write_bytes(path.read_bytes())
        (folder / "report.md").write_text("# Report\n")
        name = rng.choice(list(self._readers))
        self._path, self._reader = folder / name, rng.randrange(len(self._readers[name]))
        for other, value in self._good.items():
            (folder / other).write_bytes(_dump(other, value, rng))
        value = self._good[name]
        data = _dump(name, mutate.tree(value, rng) if rng.random() < 0.75 else value, rng)
        data = mutate.damage(data, rng) if rng.random() < 0.25 else data
        self._path.write_bytes(data)
        return Made(f"{name}, reader {self._reader}: {data[:100]!r}")

    def run(self, folder: Path) -> str:
        try:
            result = self._readers[self._path.name][self._reader](self._path)
        except GatesNotMetError:
            return "gates not met"
        expect(len(str(result)) < 1_000_000, f"a result of {len(str(result))} characters")
        return "read"


def _dump(name: str, value: Any, rng: random.Random) -> bytes:
    if name in ("train.json", "lines.jsonl"):  # one entry a line
        text = mutate.to_json(value, random.Random(1)).replace(b"\n", b"")
        return b"{\n" + text[1:-1] + b"\n}\n" if name == "train.json" else text + b"\n"
    return mutate.to_json(value, rng)


def _load_metadata(path: Path) -> object:
    return load_metadata(path.parent)


def _ship(path: Path) -> object:
    folder = path.parent
    return ship(folder, folder / "evaluation.json", folder / "README.md", folder / "shipped")


def _prepare(path: Path) -> object:
    return prepare(path.parent, path.parent, "note").record(Version(1, 0))


def _add_line(path: Path) -> None:
    with LinesFile(path) as lines:
        lines.append("new.jpg", '{"image": "new.jpg", "plates": []}')
    expect(path.read_bytes().endswith(b'{"image": "new.jpg", "plates": []}\n'), "a line that was not added whole")


def _check_report(path: Path) -> object:
    for other in path.parent.iterdir():
        if other.name not in ("pr.json", "report.md"):
            other.unlink()
    return check(path.parent, "a" * 40)
