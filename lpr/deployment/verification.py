"""Whether published models say truly where they come from."""

from __future__ import annotations

import contextlib
import io
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

from lpr.base.errors import LprError
from lpr.base.files import fingerprint, sha256
from lpr.base.git import run_git
from lpr.base.parsing import parse_json
from lpr.base.pipeline import models_code
from lpr.publishing.release import MODEL_FILES
from lpr.records import metadata

_HASH = re.compile(r"[0-9a-f]{7,40}")


def verify(models: Path) -> list[str]:
    """Compare a folder of models with its own records and with git's history.

    Returns:
        What does not hold, one line each; `[]`: the model files have the recorded hashes, every field of
        training_metadata.json makes sense, the commit that made them is part of this history, without changes, and the
        recorded hash of the code is that of this commit.

    Raises:
        LprError: training_metadata.json is missing or no JSON object, or git cannot give the commit's files.
    """
    path = models / "training_metadata.json"
    faults = [f"{path}: {fault}" for fault in metadata.faults(path)]
    record = parse_json(path.read_text(encoding="utf-8"))
    recorded = record.get("files") if isinstance(record.get("files"), dict) else {}
    for name in MODEL_FILES:
        file = recorded.get(name)
        wanted = file.get("sha256") if isinstance(file, dict) else None
        if not (models / name).is_file():
            faults.append(f"{models / name}: missing")
        elif sha256(models / name) != wanted:
            faults.append(f"{models / name}: not the file that {path.name} records")
    commit, code = str(record.get("git_commit")), record.get("code")
    if record.get("git_dirty") is not False:
        dirty = str(record.get("git_dirty"))[:40]
        faults.append(f"{path}: git_dirty is {dirty}: made with changes that no commit holds")
    # Only a hash is for git: anything else may be an option, or no argument at all.
    if not _HASH.fullmatch(commit) or not _in_history(commit):
        faults.append(f"{path}: git_commit {commit[:12]} is not in this history: made by other code")
    elif isinstance(code, str) and (there := _code_at(commit)) != code:
        faults.append(
            f"{path}: code {code[:16]} is not that of commit {commit[:12]} ({there}): made by code that "
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
    command = ["git", "merge-base", "--is-ancestor", f"{commit}^{{commit}}", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise LprError("git: no such program; it is needed to find the commit that made the models") from error
    return done.returncode == 0
