"""Real trainings of tiny networks, run as the stages run them."""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from lpr.base.errors import LprError
from lpr.training.engine.loop import Trainer

Project = Callable[..., Path]


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    # The bits of a sum depend on how many threads share it.
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def start(folder: Path, stage: str) -> subprocess.Popen[str]:
    """Start a stage as DVC does."""
    command = [sys.executable, "-m", f"stages.{stage}"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )


def train(folder: Path, stage: str) -> None:
    """Run a stage to its end in this process: starting another one takes longer than these trainings."""
    with contextlib.chdir(folder):
        assert importlib.import_module(f"stages.{stage}").main() == 0


def results(folder: Path) -> dict[str, bytes]:
    """All that a training leaves, but for timings."""
    files = [*(folder / "checkpoints").glob("*.pt"), *(folder / "results").rglob("*")]
    kept = (p for p in files if p.is_file() and "speed" not in p.parts)
    return {str(p.relative_to(folder)): p.read_bytes() for p in kept}


@pytest.mark.parametrize(
    ("stage", "signals"),
    [("train_detector", [signal.SIGKILL]), ("train_ocr", [signal.SIGTERM, signal.SIGINT])],
)
def test_a_stopped_training_ends_with_the_bits_of_an_unbroken_one(
    project: Project, capfd: pytest.CaptureFixture[str], stage: str, signals: list[signal.Signals]
) -> None:
    unbroken, stopped = project("unbroken"), project("stopped")
    train(unbroken, stage)
    assert ": training on cpu (" in capfd.readouterr().out.splitlines()[0]
    for number in signals:
        process = start(stopped, stage)
        wait_for_progress(stopped, process)
        process.send_signal(number)
        output, _ = process.communicate(timeout=60)
        assert process.returncode == (-9 if number == signal.SIGKILL else 128 + number), output
        assert "Traceback" not in output
    train(stopped, stage)
    assert "goes on from step" in capfd.readouterr().out
    assert results(stopped) == results(unbroken)
    assert list((stopped / ".work/checkpoints").iterdir()) == []


def wait_for_progress(folder: Path, process: subprocess.Popen[str]) -> None:
    """Wait until the training has saved a new state."""
    began = time.time()
    while time.time() - began < 60:
        assert process.poll() is None, process.communicate()[0]
        states = (folder / ".work/checkpoints").glob("*/state.pt")
        with contextlib.suppress(FileNotFoundError):
            if any(state.stat().st_mtime > began for state in states):
                return
        time.sleep(0.002)
    raise AssertionError("no state was saved within a minute")


def test_a_checkpoint_rebuilds_its_model(project: Project) -> None:
    from lpr.ocr.model import Ocr

    folder = project()
    train(folder, "train_ocr")
    saved = torch.load(folder / "checkpoints/ocr.pt", weights_only=True)
    model = Ocr(**saved["arguments"])
    model.load_state_dict(saved["weights"])
    assert (saved["format"], saved["kind"], saved["input_size"]) == (1, "ocr", [32, 128])
    assert len(saved["alphabet"]) == 36
    assert saved["provenance"]["data"] == "0123456789abcdef"


def test_training_reduces_the_loss(project: Project, capfd: pytest.CaptureFixture[str]) -> None:
    train(project(ocr__epochs=25, ocr__width=8, train__checkpoint_seconds=60, train__batch_size=8), "train_ocr")
    lines = [line for line in capfd.readouterr().out.splitlines() if "  loss " in line]
    losses = [float(line.split("loss ")[1].split()[0]) for line in lines]
    assert len(losses) == 25
    assert losses[-1] < losses[0] * 0.85


def test_accumulation_and_workers_reach_the_end(project: Project) -> None:
    folder = project(train__accumulation=4, train__workers=1, detector__epochs=1)
    train(folder, "train_detector")
    assert (folder / "checkpoints/detector.pt").is_file()


def test_training_stops_early_when_nothing_gets_better(project: Project, capfd: pytest.CaptureFixture[str]) -> None:
    # At this rate nothing is learned, so the first epoch stays the best.
    train(project(train__patience=2, train__lr=1e-12, ocr__epochs=40), "train_ocr")
    assert capfd.readouterr().out.count("  loss ") == 3


class Stop(BaseException):
    """Ends a training as `kill -9` would, but in this process."""


def stop_after(monkeypatch: pytest.MonkeyPatch, step: int, act: Callable[[], None]) -> None:
    """Do something once, right after a step of the next training."""
    original = Trainer._step

    def stepped(self: Trainer, batch: dict[str, torch.Tensor]) -> None:
        original(self, batch)
        if self.state.step == step:
            monkeypatch.setattr(Trainer, "_step", original)
            act()

    monkeypatch.setattr(Trainer, "_step", stepped)


def killed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Train a little, end it abruptly, and return the state that it left."""

    def end() -> None:
        raise Stop

    stop_after(monkeypatch, 4, end)
    with pytest.raises(Stop):
        train(folder, "train_ocr")
    (state,) = folder.glob(".work/checkpoints/*/state.pt")
    return state


def flip_a_bit(state: Path) -> None:
    content = bytearray(state.read_bytes())
    content[len(content) // 2] ^= 1
    state.write_bytes(content)


def drop_a_part(state: Path) -> None:
    content = torch.load(state, weights_only=True)
    del content["optimizer"]
    torch.save(content, state)


@pytest.mark.parametrize("damage", [flip_a_bit, drop_a_part])
def test_a_state_that_cannot_be_used_never_changes_the_result(
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    damage: Callable[[Path], None],
) -> None:
    unbroken, stopped = project("unbroken"), project("stopped")
    train(unbroken, "train_ocr")
    damage(killed(stopped, monkeypatch))
    train(stopped, "train_ocr")
    assert "set aside as state.damaged, training starts anew" in capfd.readouterr().out
    assert results(stopped) == results(unbroken)


def test_a_full_disk_is_an_error_that_keeps_the_state_before(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = project()
    state = killed(folder, monkeypatch)
    before, limits = state.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    stop_after(monkeypatch, 4, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) // 2, limits[1])))
    try:
        message = failure(folder, "train_ocr")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "state.pt: cannot be written (File too large)" in message
    assert state.read_bytes() == before
    assert [path.name for path in state.parent.iterdir()] == ["state.pt"]
    train(folder, "train_ocr")


def test_a_dead_preparing_process_is_an_error_that_keeps_the_state(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project(train__workers=1)

    def kill_it() -> None:
        for process in multiprocessing.active_children():
            process.kill()
            process.join()

    stop_after(monkeypatch, 4, kill_it)
    message = failure(folder, "train_ocr")
    assert "a process that prepares images was killed" in message
    assert "train.workers" in message
    assert list(folder.glob(".work/checkpoints/*/state.pt"))


def test_many_epochs_leave_nothing_open_and_no_more_files(project: Project) -> None:
    few, many = (project(name, ocr__epochs=epochs) for name, epochs in (("few", 2), ("many", 12)))
    files, descriptors = {}, Path("/proc/self/fd" if sys.platform == "linux" else "/dev/fd")
    for folder in (few, many):
        opened = sum(1 for _ in descriptors.iterdir())
        train(folder, "train_ocr")
        assert sum(1 for _ in descriptors.iterdir()) <= opened
        files[folder] = {str(p.relative_to(folder)) for p in (folder / "results").rglob("*")}
    assert files[many] == files[few]


def failure(folder: Path, stage: str) -> str:
    with pytest.raises(LprError) as caught:
        train(folder, stage)
    return str(caught.value)


def test_a_loss_that_is_not_a_number_says_what_to_change(project: Project) -> None:
    message = failure(project(train__lr=1e30, train__clip=1e30, train__warmup=0.0), "train_ocr")
    assert "loss is not a number by step" in message
    assert "-S train.lr=2.5e+29" in message


def test_a_missing_data_set_says_so(project: Project) -> None:
    folder = project()
    (folder / "data/manifest.json").unlink()
    assert (
        failure(folder, "train_ocr")
        == "data/manifest.json: missing or not written by fetch_data; run `dvc repro fetch_data`"
    )


def test_a_wrong_parameter_stops_the_stage_before_anything_is_trained(project: Project) -> None:
    process = start(project(train__batch_size=0), "train_detector")
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 2
    assert output == "error: params.yaml: train.batch_size is 0: input should be greater than or equal to 1\n"
