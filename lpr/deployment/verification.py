"""Whether published models say truly where they come from."""

from __future__ import annotations

import contextlib
import io
import tarfile
import tempfile
from pathlib import Path

from lpr.base.errors import LprError
from lpr.base.files import fingerprint, sha256
from lpr.base.git import run_git
from lpr.base.pipeline import models_code
from lpr.records.metadata import METADATA, load_metadata
from lpr.records.model_files import MODEL_FILES
from lpr.records.record import InvalidRecordError


def verify(models: Path) -> list[str]:
    """Compare a folder of models with its own records and with git's history.

    Returns:
        What does not hold, one line each; `[]`: training_metadata.json makes sense, the model files have the recorded
        hashes, the commit that made them is part of this history, without changes, and the recorded hash of the code is
        that of this commit.

    Raises:
        LprError: training_metadata.json is missing or no JSON object; or git cannot give the commit's files.
    """
    path = models / METADATA
    try:
        record = load_metadata(models)
    except InvalidRecordError as error:
        return [f"{path}: {fault}" for fault in error.faults]
    faults = []
    for name in MODEL_FILES:
        if not (models / name).is_file():
            faults.append(f"{models / name}: missing")
        elif name not in record.files or sha256(models / name) != record.files[name].sha256:
            faults.append(f"{models / name}: not the file that {path.name} records")
    if record.git_dirty:
        faults.append(f"{path}: git_dirty is true: made with changes that no commit holds")
    commit = record.git_commit
    if commit is None or not _in_history(commit):
        faults.append(f"{path}: git_commit {str(commit)[:12]} is not in this history: made by other code")
    elif (there := _code_at(commit)) != record.code:
        faults.append(
            f"{path}: code {record.code[:16]} is not that of commit {commit[:12]} ({there}): made by code that "
            "no commit holds; commit it, and train them again with `dvc repro`"
        )
    return faults


def _code_at(commit: str) -> str:
    """Return the fingerprint of the code that shapes the models, as `export` records it, at a commit.

    The working folder is another one meanwhile, since the fingerprint holds the files' names. Raises LprError.
    """
    done = run_git("archive", "--format=tar", commit)
    if done.returncode:
        raise LprError(f"git archive {commit[:12]}: {done.stderr.decode('utf-8', 'replace').strip()[-200:]}")
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
            archive.extractall(folder, filter="data")
        with contextlib.chdir(folder):
            return fingerprint(models_code())


def _in_history(commit: str) -> bool:
    return run_git("merge-base", "--is-ancestor", f"{commit}^{{commit}}", "HEAD").returncode == 0
