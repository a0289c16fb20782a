"""The models that the service reads with: where they come from, and which newer ones it takes."""

from __future__ import annotations

import json
import shutil
import signal
import threading
from pathlib import Path

import pytest

from lpr.base.errors import LprError
from lpr.inference.shipped import SHIPPED
from lpr.records.gates_file import Gate, save_gates
from lpr.records.model_files import MODELS
from lpr.serve.loaded import verify
from lpr.serve.metrics import Metrics
from lpr.serve.models import Models
from lpr.serve.sources import FolderSource, RegistrySource, open_source
from tests.serve.running import ask, command

COPIED = (*MODELS, "training_metadata.json", "README.md")


def put(folder: Path, shift: int = 0) -> Path:
    """Write the shipped models into a folder; `shift` adds bytes that ONNX skips, which makes other files of them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in COPIED:
        shutil.copyfile(SHIPPED / name, folder / name)
    if shift:
        # Field 4 of the message, the domain, is a text that may come again; the last one counts.
        text = b"d" * shift
        with (folder / "ocr.onnx").open("ab") as stream:
            stream.write(bytes([0x22, shift]) + text)
        record(folder)
    return folder


def record(folder: Path) -> None:
    """Let the metadata name the files as they are."""
    from lpr.base.files import sha256

    path = folder / "training_metadata.json"
    metadata = json.loads(path.read_text())
    for name in MODELS:
        metadata["files"][name]["sha256"] = sha256(folder / name)
    path.write_text(json.dumps(metadata))


def gates(folder: Path, passed: bool = True) -> None:
    save_gates(folder / "gates.json", [Gate("end_to_end", 0.9, 0.85, ">=", passed, "")], verify(folder))


def test_newer_versions_of_a_registry_are_taken_between_requests(tmp_path: Path, photos: list[bytes]) -> None:
    put(tmp_path / "v1.0")
    with command("--models", f"registry:{tmp_path}") as running:
        over, statuses = threading.Event(), []

        def keep_asking() -> None:
            while not over.is_set():
                statuses.append(ask(running.port, "POST", "/v1/read", photos[0]).status)

        asker = threading.Thread(target=keep_asking)
        asker.start()
        put(tmp_path / "v1.1", shift=3)
        put(tmp_path / "v1.10", shift=4)
        running.process.send_signal(signal.SIGHUP)
        running.wait_for("models are v1.10 now")
        assert ask(running.port, "GET", "/v1/model").json["version"] == "v1.10"
        bad = put(tmp_path / "v1.11")
        (bad / "ocr.onnx").write_bytes((bad / "ocr.onnx").read_bytes()[:-1] + b"?")
        running.process.send_signal(signal.SIGHUP)
        assert "not the file that training_metadata.json" in running.wait_for("models stay at v1.10")
        assert ask(running.port, "GET", "/ready").json == {"ready": True, "model": "v1.10"}
        over.set()
        asker.join()
    assert statuses and set(statuses) == {200}


def test_following_takes_a_newer_version_by_itself(tmp_path: Path) -> None:
    put(tmp_path / "v1.0")
    with command("--models", f"registry:{tmp_path}", "--follow", "0.2") as running:
        # Whole or not at all, as `publish` writes it.
        put(tmp_path / ".new", shift=3).rename(tmp_path / "v1.1")
        running.wait_for("models are v1.1 now")


def test_a_folder_changes_only_with_gates_that_are_met(tmp_path: Path) -> None:
    folder = put(tmp_path / "models")
    models = Models(FolderSource(folder), Metrics(), threads=1)
    first = models.current().version
    assert not models.update()
    put(folder, shift=3)
    assert not models.update() and models.current().version == first
    gates(folder, passed=False)
    models.forget_refusals()
    assert not models.update()
    gates(folder)
    put(folder, shift=4)  # these gates are of other models
    assert not models.update() and models.current().version == first
    gates(folder)
    assert not models.update()  # refused once, and nobody said that it was mended
    models.forget_refusals()
    assert models.update() and models.current().version != first
    assert models.current().hashes == verify(folder)


def test_models_that_cannot_work_are_not_taken(tmp_path: Path) -> None:
    put(tmp_path / "v1.0")
    models = Models(RegistrySource(tmp_path), Metrics(), threads=1)
    bad = put(tmp_path / "v1.1")
    shutil.copyfile(SHIPPED / "detector.onnx", bad / "ocr.onnx")
    record(bad)
    assert not models.update() and models.current().version == "v1.0"
    pinned = Models(RegistrySource(tmp_path / "v1.0"), Metrics(), threads=1)
    assert pinned.current().version == "v1.0" and not pinned.update()


def test_only_verified_models_start(tmp_path: Path) -> None:
    folder = put(tmp_path / "models")
    (folder / "training_metadata.json").unlink()
    with pytest.raises(LprError, match=r"training_metadata\.json: no such file"):
        Models(FolderSource(folder), Metrics())
    folder = put(tmp_path / "models")
    (folder / "ocr.onnx").write_bytes(b"x")
    with pytest.raises(LprError, match=r"ocr\.onnx: not the file"):
        Models(FolderSource(folder), Metrics())
    for where, message in ((str(tmp_path / "no"), "no such model"), (f"registry:{tmp_path}", "no published versions")):
        with pytest.raises(LprError, match=message):
            Models(open_source(where), Metrics())
