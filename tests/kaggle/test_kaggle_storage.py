"""A DVC remote in a dataset, with the real DVC."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from sandbox import ROOT, dvc, git, lpr, make_repository
from standin import StandIn

from lpr.base.errors import LprError
from lpr.kaggle.storage import packs
from lpr.kaggle.storage.remote import pull_storage, push_storage

NAME = "alice/dvc-storage"


def add_object(folder: Path, content: bytes) -> str:
    digest = hashlib.md5(content).hexdigest()
    path = folder / "files" / "md5" / digest[:2] / digest[2:]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path.relative_to(folder).as_posix()


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    folder = tmp_path / "remote"
    for number in range(20):
        add_object(folder, b"object %d " % number * 1000)
    add_object(folder, b"")
    run = folder / "runs" / "ab" / ("ab" * 32) / ("cd" * 32)
    run.parent.mkdir(parents=True)
    run.write_text("cmd: python toy.py")
    return folder


def test_round_trip_and_only_what_is_new_is_sent(kaggle: StandIn, remote: Path, tmp_path: Path) -> None:
    assert push_storage(remote, NAME).objects == 22
    assert kaggle.state.datasets[NAME].private
    assert len(kaggle.state.datasets[NAME].versions[0].files) == 2, "an index and one pack"
    assert push_storage(remote, NAME).objects == 0
    assert len(kaggle.state.datasets[NAME].versions) == 1

    add_object(remote, b"new")
    moved = push_storage(remote, NAME)
    assert (moved.objects, moved.reference.version) == (1, 2)
    assert moved.size < 20_000, "not all of it"
    assert pull_storage(tmp_path / "other", NAME).objects == 23
    assert contents(tmp_path / "other") == contents(remote)
    asked = kaggle.count("GET")
    assert pull_storage(tmp_path / "other", NAME).objects == 0
    assert kaggle.count("GET") == asked + 1, "the index alone"


def test_a_pack_is_a_tar_file_and_the_same_for_the_same_objects(
    kaggle: StandIn, remote: Path, tmp_path: Path
) -> None:
    push_storage(remote, NAME)
    shutil.copytree(remote, tmp_path / "copy")
    push_storage(tmp_path / "copy", "alice/dvc-copy")
    (one, other) = (kaggle.state.datasets[name].versions[0].files for name in (NAME, "alice/dvc-copy"))
    [name] = [name for name in one if name.endswith(".pack")]
    assert one == other
    with tarfile.open(fileobj=io.BytesIO(one[name])) as bundle:
        held = {member.name: bundle.extractfile(member).read() for member in bundle}
    assert held == contents(remote)


def test_packs_of_earlier_versions_are_read_and_stay_in_the_index(
    kaggle: StandIn, remote: Path, tmp_path: Path
) -> None:
    old, objects = b"lpr-pack-1\n\x00", []
    for name, content in sorted(contents(remote).items()):
        objects.append([name, len(old), len(content)])
        old += content
    digest = hashlib.sha256(old).hexdigest()
    entry = {"version": 0, "size": len(old), "sha256": digest, "objects": objects}
    index = json.dumps({"format": 1, "packs": [entry]}).encode()
    kaggle.state.put(NAME, {"index.json": index, f"{digest}.pack": old})
    before = contents(remote)
    add_object(remote, b"new")
    assert push_storage(remote, NAME).objects == 1
    assert pull_storage(tmp_path / "other", NAME).objects == len(before) + 1
    assert contents(tmp_path / "other") == contents(remote)


def test_packs_are_bounded(kaggle: StandIn, remote: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packs, "_PACK_SIZE", 50_000)
    push_storage(remote, NAME)
    files = kaggle.state.datasets[NAME].versions[0].files
    assert len(files) > 4
    assert all(len(content) < 80_000 for name, content in files.items() if name != "index.json")
    pull_storage(tmp_path / "other", NAME)
    assert contents(tmp_path / "other") == contents(remote)


@pytest.mark.parametrize("fault", [{"kind": "cut", "after": 100_000}, {"kind": "status", "status": 500}])
def test_faults_on_the_way_back(kaggle: StandIn, remote: Path, tmp_path: Path, fault: dict) -> None:
    push_storage(remote, NAME)
    kaggle.fail("GET", skip=1, **fault)
    pull_storage(tmp_path / "other", NAME)
    assert contents(tmp_path / "other") == contents(remote)


def test_a_push_that_fails_leaves_what_was_there(kaggle: StandIn, remote: Path, tmp_path: Path) -> None:
    push_storage(remote, NAME)
    before = contents(remote)
    add_object(remote, b"new")
    kaggle.fail("CreateDatasetVersion", "result", message="full")
    with pytest.raises(LprError, match="full"):
        push_storage(remote, NAME)
    pull_storage(tmp_path / "other", NAME)
    assert contents(tmp_path / "other") == before
    kaggle.fail("CreateDatasetVersion", "lost")
    assert push_storage(remote, NAME).reference.version == 2
    assert len(kaggle.state.datasets[NAME].versions) == 2


def test_damaged_and_deleted_packs(kaggle: StandIn, remote: Path, tmp_path: Path) -> None:
    push_storage(remote, NAME)
    add_object(remote, b"new")
    push_storage(remote, NAME)
    first = kaggle.state.datasets[NAME].versions[0]
    [name] = [name for name in first.files if name.endswith(".pack")]
    right = first.files[name]
    first.files[name] = right[:-1] + b"?"
    with pytest.raises(LprError, match="other bytes"):
        pull_storage(tmp_path / "other", NAME)
    assert all(contents(remote)[name] == content for name, content in contents(tmp_path / "other").items())
    del first.files[name]
    with pytest.raises(LprError, match=r"may have been deleted.*--full"):
        pull_storage(tmp_path / "other", NAME)
    push_storage(remote, NAME, full=True)
    pull_storage(tmp_path / "other", NAME)
    assert contents(tmp_path / "other") == contents(remote)


def test_an_index_that_names_other_files_is_refused(kaggle: StandIn, remote: Path, tmp_path: Path) -> None:
    push_storage(remote, NAME)
    version = kaggle.state.datasets[NAME].versions[0]
    index = json.loads(version.files["index.json"])
    index["packs"][0]["objects"][0][0] = "../../.ssh/authorized_keys"
    version.files["index.json"] = json.dumps(index).encode()
    with pytest.raises(LprError, match=r"'\.\./\.\./\.ssh/authorized_keys' is nothing of DVC's"):
        pull_storage(tmp_path / "other", NAME)


def test_a_fresh_clone_trains_nothing(kaggle: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_repository(tmp_path / "first")
    monkeypatch.chdir(tmp_path / "first")
    dvc("remote", "add", "--default", "kaggle", "../storage-one")
    dvc("repro")
    git(tmp_path / "first", "add", "-A")
    git(tmp_path / "first", "commit", "--quiet", "-m", "Trained")
    dvc("push", "--run-cache")
    assert lpr("kaggle", "storage", "push", "--dataset", NAME) == 0

    subprocess.run(["git", "clone", "--quiet", str(tmp_path / "first"), str(tmp_path / "second")], check=True)
    monkeypatch.chdir(tmp_path / "second")
    dvc("remote", "modify", "--local", "kaggle", "url", "../storage-two")
    assert lpr("kaggle", "storage", "pull", "--dataset", NAME) == 0
    dvc("pull", "--run-cache")
    # Without the lock the run-cache alone tells what is there, and metrics that are in git belong to a run.
    (tmp_path / "second" / "dvc.lock").unlink()
    said = dvc("repro")
    assert "training" not in said and "is cached" in said
    assert (tmp_path / "second" / "models" / "ocr.pt").is_file()
    assert "up to date" in dvc("status")


def test_the_documented_steps_from_one_clone_to_another(
    kaggle: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_repository(tmp_path / "first")
    first, second = tmp_path / "first", tmp_path / "elsewhere" / "second"
    git(first, "clone", "--quiet", "--bare", str(first), str(tmp_path / "origin"))
    git(first, "remote", "add", "origin", str(tmp_path / "origin"))
    git(first, "push", "--quiet", "--set-upstream", "origin", "main")
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("dvc", "lpr"):
        (programs / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" -m {name} "$@"\n')
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    text = (ROOT / "docs" / "kaggle.md").read_text().split("## A DVC remote in a dataset")[1]
    steps = text.split("```bash\n")[1].split("```")[0].replace("OWNER", "alice")
    here, there = steps.split("# elsewhere, in a clone\n")

    def shell(folder: Path, steps: str) -> str:
        done = subprocess.run(["sh", "-ec", steps], cwd=folder, capture_output=True, text=True, timeout=240)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    shell(first, "dvc repro --quiet && git add --all && git commit --quiet --message Trained && git push --quiet")
    assert "next: commit .dvc/config" not in shell(first, here)
    subprocess.run(["git", "clone", "--quiet", str(tmp_path / "origin"), str(second)], check=True)
    said = shell(second, there)
    assert "Running stage" not in said and "up to date" in said
    assert (second / "models" / "ocr.pt").read_bytes() == (first / "models" / "ocr.pt").read_bytes()


def test_remotes_that_cannot_be_kept(
    kaggle: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_repository(tmp_path / "first")
    monkeypatch.chdir(tmp_path / "first")
    assert lpr("kaggle", "storage", "push", "--dataset", NAME) == 2
    assert "dvc remote add --default" in capsys.readouterr().err
    dvc("remote", "add", "--default", "bucket", "s3://some/bucket")
    assert lpr("kaggle", "storage", "push", "--dataset", NAME) == 2
    assert "only a local directory" in capsys.readouterr().err
