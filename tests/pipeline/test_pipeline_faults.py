"""What DVC makes of data, models and files of its own that were changed behind its back, and the way out of each."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from dvc_clone import Clone, Run
from killing import OBJECTS

pytestmark = pytest.mark.timeout(900)  # the whole pipeline runs in the first test's setup


@pytest.fixture
def clone(run: Run, tmp_path: Path) -> Clone:
    """A copy of the run, to be damaged."""
    return run.clone.copy(tmp_path / "project")


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(content)
    path.chmod(0o444)  # as DVC protects its objects


def check_cache(clone: Clone) -> tuple[int, str]:
    environment = {**os.environ, "PYTHONPATH": str(clone.path)}
    command = [sys.executable, "-m", "lpr", "check", "--cache"]
    done = subprocess.run(command, cwd=clone.path, env=environment, capture_output=True, text=True)
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_a_changed_object_of_the_cache_is_found_and_made_anew(clone: Clone, run: Run):
    outs = {out["path"]: out["md5"] for out in clone.read("dvc.lock")["stages"]["fetch_data"]["outs"]}
    image = min((clone.path / "data/images/test").iterdir())
    assert outs["data"].endswith(".dir") and check_cache(clone)[0] == 0
    stored = next(
        path for path in (clone.path / OBJECTS).rglob("*") if path.is_file() and path.read_bytes() == image.read_bytes()
    )
    flip_a_bit(stored)
    image.unlink()
    clone.dvc("checkout")
    # DVC itself has put the wrong image there, and is content.
    assert clone.dvc("repro", "fetch_data").splitlines()[-1] == "Data and pipelines are up to date."
    status, output = check_cache(clone)
    names = sorted(path.relative_to(clone.path).as_posix() for path in (stored, image))
    assert status == 1 and output.splitlines()[:-1] == [f"{name}: changed since DVC stored it" for name in names]
    command = output.splitlines()[-1].split(": ")[1]
    assert command == f"rm -f {' '.join(names)} && dvc repro"
    for name in names:
        (clone.path / name).unlink()
    assert "Running stage 'fetch_data'" in clone.dvc("repro", "fetch_data")
    assert check_cache(clone)[0] == 0
    assert image.read_bytes() == (run.clone.path / image.relative_to(clone.path)).read_bytes()


def test_an_image_changed_by_hand_is_made_anew_and_nothing_else(clone: Clone, run: Run):
    image = min((clone.path / "data/images/test").iterdir())
    image.write_bytes(image.read_bytes()[:500])
    output = clone.dvc("repro", "evaluate")
    assert [line for line in output.splitlines() if line.startswith("Running")] == ["Running stage 'fetch_data':"]
    assert image.read_bytes() == (run.clone.path / image.relative_to(clone.path)).read_bytes()


def test_locks_that_a_killed_dvc_left_half_written_are_removed_by_hand(clone: Clone):
    (clone.path / ".dvc/tmp/rwlock").write_text('{"read": {"da')
    assert "Unable to read RWLock-file '.dvc/tmp/rwlock'" in clone.dvc("repro", "evaluate", fails=True)
    (clone.path / ".dvc/tmp/rwlock").unlink()
    assert clone.dvc("repro", "evaluate").splitlines()[-1] == "Data and pipelines are up to date."


def test_a_dvc_lock_that_a_killed_dvc_left_half_written_comes_back_from_git(clone: Clone):
    clone.commit("Results")
    lock = clone.path / "dvc.lock"
    whole = lock.read_bytes()
    # In the middle of a word: a lock that ends between two lines may be a valid, shorter one.
    lock.write_bytes(whole[: whole.index(b"path: ", len(whole) // 3) + 3])
    assert "'./dvc.lock' validation failed" in clone.dvc("repro", "evaluate", fails=True)
    clone.git("checkout", "dvc.lock")
    assert clone.dvc("repro", "evaluate").splitlines()[-1] == "Data and pipelines are up to date."
