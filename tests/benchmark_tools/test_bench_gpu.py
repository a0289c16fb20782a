"""`make gpu`, as far as a CPU goes: its tables by hand, its trials with a real loop."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest
import torch
from plain_task import Plain
from torch import Tensor, nn

from benchmarks import gpu_trials
from benchmarks.gpu import Run, tiny
from benchmarks.gpu_processes import NAME, as_one, last_value
from benchmarks.gpu_report import Check, Speed, checks, speeds
from benchmarks.gpu_speed import formats, measure, preparing, steps_in
from benchmarks.gpu_trials import goes_on, learns_alike, runs_out_of_memory
from lpr.base.errors import LprError
from lpr.records.params import Train, load_params

ROOT = Path(__file__).parents[2]


@pytest.fixture
def train() -> Train:
    changes = {"device": "cpu", "batch_size": 2, "workers": 0, "precision": "fp32"}
    return load_params(ROOT / "params.yaml").train.model_copy(update=changes)


def test_tables_by_hand() -> None:
    rows = [
        Speed("ocr", "fp16", 1000.0, 300.0, 320.0, 0.7, 0.31, 812.4),
        Speed("ocr", "fp32", 80.0, 40.0, 320.0, 0.0, None, None),
    ]
    first, second = speeds(rows).splitlines()[2:]
    assert first == "| ocr | fp16 | 1000 | 300 | 0.30 | 320 | 70% | 31% | 812 |"
    assert second == "| ocr | fp32 | 80 | 40 | 0.50 | 320 | 0% | no GPU | no GPU |"
    assert checks([Check("a", "missed", "x | y")]).splitlines()[2] == "| a | missed | x / y |"


def test_a_part_that_fails_or_comes_too_late_keeps_no_other_from_its_turn() -> None:
    run = Run(seconds=1000.0)

    def fails() -> int:
        raise RuntimeError("CUDA error: no kernel image\nmore")

    assert run.attempt("first", fails) is None
    assert run.attempt("second", lambda: 3) == 3
    run.check("third", lambda: Check("third", "met", "fine"))
    late = Run(seconds=0.0)
    assert late.attempt("late", lambda: 4) is None
    assert run.checks == [
        Check("first", "missed", "RuntimeError: CUDA error: no kernel image"),
        Check("third", "met", "fine"),
    ]
    assert late.checks == [Check("late", "not tried", "no time was left")]


def test_a_cpu_is_not_asked_for_fp16_and_for_little_bf16() -> None:
    assert formats("cuda") == ("fp32", "fp16", "bf16")
    assert formats("cpu") == ("fp32", "bf16")
    assert [steps_in(precision, "cpu", 64) for precision in ("fp32", "bf16")] == [64, 16]
    assert steps_in("bf16", "cpu", 2) == 1


def test_speeds_come_from_the_loop_and_leave_no_process(train: Train, tmp_path: Path) -> None:
    train = train.model_copy(update={"workers": 1})
    given = preparing(Plain(asleep=0.005), train, 4)
    row = measure(Plain(asleep=0.005), train, 4, given, tmp_path)
    assert (row.model, row.precision, row.busy, row.megabytes) == ("plain", "fp32", None, None)
    assert row.preparing == given > 0
    assert row.bare > 0 and row.loop > 0 and 0 < row.waiting <= 1
    assert not multiprocessing.active_children()
    assert not list(tmp_path.iterdir())


def test_a_training_that_goes_on_ends_as_one_in_a_piece(train: Train, tmp_path: Path) -> None:
    check = goes_on(Plain(), train, 6, tmp_path)
    assert check.verdict == "met"
    assert "stopped after step 3 of 6" in check.found and "all weights the same" in check.found


def test_a_state_that_is_not_found_again_is_seen(train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lpr.training.engine.checkpoint.Resume.load", lambda self: None)
    check = goes_on(Plain(), train, 6, tmp_path)
    assert check == Check(check.name, "missed", "stopped after step 3, went on after step 0")


class Twisted(Plain):
    """Its loss is another one in another number format, as on a device that computes wrongly."""

    def loss(self, model: nn.Module, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        terms = super().loss(model, batch)
        return {"loss": terms["loss"] * 100} if torch.is_autocast_enabled("cpu") else terms


def test_a_device_that_learns_otherwise_is_seen(train: Train, tmp_path: Path) -> None:
    check = learns_alike(Plain(), train, 4, tmp_path / "right")
    assert "score 0.500" in check.found and "bf16" in check.found
    assert learns_alike(Twisted(), train, 4, tmp_path / "wrong").verdict == "missed"


def test_noise_is_what_another_seed_gives(train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    losses = iter([1.0, 1.2, 1.19, 1.0, 1.2, 1.21, 1.0, 1.01, 1.049, 1.0, 1.01, 0.94])
    monkeypatch.setattr(gpu_trials, "_loss", lambda _: next(losses))
    found = [learns_alike(Plain(), train, 1, tmp_path / str(number)).verdict for number in range(4)]
    assert found == ["met", "missed", "met", "missed"]


def test_what_a_cpu_cannot_show_is_not_called_met(
    train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert runs_out_of_memory(Plain(), train, tmp_path).verdict == "not tried"
    params = load_params(ROOT / "params.yaml")
    on_gpu = params.model_copy(update={"train": params.train.model_copy(update={"device": "cuda"})})
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    assert as_one(on_gpu, tmp_path, tmp_path, 60) == Check(NAME, "not tried", "1 GPU here, two are needed")


def test_a_training_without_curves_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LprError, match="no curve of the loss"):
        last_value(tmp_path)
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "loss.tsv").write_text("step\ttrain/loss\n1\t2.5\n2\t1.25\n")
    assert last_value(tmp_path) == 1.25


def test_tiny_parameters_are_valid(tmp_path: Path) -> None:
    params = tiny(load_params(ROOT / "params.yaml"))
    assert params.detector.width == params.ocr.width == 4
    assert params.train.batch_size == 4
