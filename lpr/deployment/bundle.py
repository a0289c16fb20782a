"""The deployable bundle: one archive of models, with the verdict on them beside it."""

from __future__ import annotations

import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

from lpr.base.errors import LprError
from lpr.base.files import atomic_path, sha256, write_json
from lpr.deployment.fetched import read_version
from lpr.records.gates_file import Gate, load_gates, load_gates_of
from lpr.records.metadata import METADATA
from lpr.records.model_files import MODELS
from lpr.records.record import load_record
from lpr.records.versions import BundledVersion

GATES, FACTS = "gates.json", "bundle.json"
DEPLOYED = (*MODELS, METADATA, "README.md")
"""What an application needs, and what says where it comes from. The .pt files stay with the published version."""
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same models give the same bytes


@dataclass(frozen=True)
class Bundle:
    """A bundle on disk: version and message of the published models, the zip and its SHA-256, and their gates."""

    version: str
    message: str
    archive: Path
    sha256: str
    gates: list[Gate]


def write_bundle(models: Path, evaluation: Path, out: Path) -> Bundle:
    """Write the archive of published models, gates.json and bundle.json into a folder.

    Args:
        models: a published version, as `lpr models get` brought it.
        evaluation: the folder of `evaluate`.
        out: folder for the bundle.

    Raises:
        LprError: a file is missing, or the gates are those of other models.
    """
    if missing := [name for name in DEPLOYED if not (models / name).is_file()]:
        raise LprError(f"{models}: {', '.join(missing)} missing; bring a published version with `lpr models get`")
    gates = load_gates_of(evaluation / GATES, models, MODELS)
    version, message = read_version(models)
    archive = out / f"license-plate-models-{version}.zip"
    with atomic_path(archive) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name in DEPLOYED:
            bundle.writestr(zipfile.ZipInfo(name, _EPOCH), (models / name).read_bytes(), zipfile.ZIP_DEFLATED)
    shutil.copyfile(evaluation / GATES, out / GATES)
    digest = sha256(archive)
    facts = BundledVersion(version=version, message=message, sha256=digest)
    write_json(out / FACTS, facts.model_dump(mode="json"))
    return Bundle(version, message, archive, digest, gates)


def read_bundle(folder: Path) -> Bundle:
    """Return the bundle that `write_bundle` wrote. Raises LprError when there is none, or its archive is another."""
    facts = load_record(folder / FACTS, BundledVersion, "make one with `lpr models bundle`")
    archive = folder / f"license-plate-models-{facts.version}.zip"
    if not archive.is_file() or sha256(archive) != facts.sha256:
        raise LprError(f"{archive}: missing, or not the bytes that {FACTS} names; make it with `lpr models bundle`")
    return Bundle(facts.version, facts.message, archive, facts.sha256, load_gates(folder / GATES))
