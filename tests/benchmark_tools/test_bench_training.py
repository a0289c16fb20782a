"""The training benchmark: its figures by hand, and its contestants with a real loop."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest
import torch
from plain_task import Plain

from benchmarks.busy import covered
from benchmarks.loops import Loop, Steps
from benchmarks.processor_use import Clock, Seldom, Use
from benchmarks.training_report import Measured, Round, shares, throughput, validation
from lpr.records.params import Train, load_params

ROOT = Path(__file__).parents[2]
ROUND = Round(
    bare=Use(seconds=0.1, cpu=0.18),
    own=Use(seconds=0.11, cpu=0.198),
    loop=Use(seconds=0.12, cpu=0.2, preparing=0.06, waiting=0.006),
    other=Use(seconds=0.2, cpu=0.4),
    seldom=Seldom(saving=6.0, logging=0.5, validating=2.0),
)
MODEL = Measured(
    "detector", [ROUND, ROUND], {"averaging weights": 0.009, "clipping": 0.0018}, batch=32, epoch=10, checkpoint=60.0,
    other="bf16",
)  # fmt: skip


def test_the_loop_pays_for_what_comes_once_in_a_while() -> None:
    # A tenth for 6 s of saving every 60 s, and a tenth of 0.5 s for each of an epoch's ten steps.
    assert MODEL.loop_seconds(ROUND) == pytest.approx(0.12 * 1.1 + 0.05)
    assert MODEL.ratio.median == pytest.approx(0.1 / 0.182)
    assert MODEL.goal.verdict == "missed"
    assert MODEL.goal.share.median > 1


def test_saving_without_a_pause_takes_as_long_as_the_steps() -> None:
    busy = Measured("ocr", [ROUND, ROUND], {}, batch=32, epoch=10, checkpoint=0.0, other="bf16")
    assert busy.loop_seconds(ROUND) == pytest.approx(0.12 * 2 + 0.05)


def test_cores_bound_the_loop_by_what_preparing_needs() -> None:
    assert MODEL.bound(cores=2) == pytest.approx(0.1 / 0.12)  # 0.18 and 0.06 on two cores
    assert MODEL.bound(cores=16) == pytest.approx(1.0)


def test_tables_by_hand() -> None:
    row = throughput([MODEL], cores=2).splitlines()[2]
    assert row == "| detector | 320 | 176 | 0.549 | 0.9 | missed | 0.83 | bf16: 0.5 |"
    # Of 0.18 s of processors: 10%, 5%, 1%, 33%; of the loop's time 5%, 10%, 0.05 / 0.182, and 2 s against ten steps.
    row = shares([MODEL]).splitlines()[2]
    assert row == "| detector | 180 | 10.0% | 5.0% | 1.0% | 33.3% | 5.0% | 10.0% | 27.5% | 52.4% | no GPU |"
    assert validation(seconds=2.0, step=0.1, epoch=20) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("intervals", "length"),
    [([], 0), ([(5, 6), (0, 2), (1, 3)], 4), ([(0, 10), (2, 3), (9, 12)], 12), ([(1, 2), (1, 2)], 1)],
)
def test_what_two_kernels_share_counts_once(intervals: list[tuple[float, float]], length: float) -> None:
    assert covered(intervals) == length


@pytest.fixture
def train() -> Train:
    changes = {"device": "cpu", "batch_size": 2, "workers": 1, "precision": "fp32", "clip": 1e-6}
    return load_params(ROOT / "params.yaml").train.model_copy(update=changes)


def test_nothing_that_the_loop_prepared_ahead_is_a_present(
    train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments: list[int] = []

    class Watched(Clock):
        def _now(self) -> tuple[float, float, float]:
            moments.append(loop.state.step)
            return super()._now()

    monkeypatch.setattr("benchmarks.loops.Clock", Watched)
    loop = Loop(Plain(asleep=0.02), train, tmp_path, steps=6)
    use = loop.measure()
    # The queue holds four batches of each process: twice as many were used up when the clock started.
    assert moments[0] >= 2 * 4 * train.workers
    assert moments == [moments[0], moments[0] + 6]
    assert use.waiting > 0
    assert not multiprocessing.active_children()


def test_the_loop_is_measured_with_its_processes_and_what_comes_seldom(train: Train, tmp_path: Path) -> None:
    loop = Loop(Plain(working=0.03), train, tmp_path, steps=12)
    use = loop.measure()
    # At most five of the twelve batches were there or begun before the clock started; a batch takes 0.06 s of its
    # process's own clock, however slow the machine is, and the system's ticks are 0.01 s.
    assert use.preparing * 12 >= 7 * 0.06 - 0.03
    assert use.cpu > 0
    seldom = loop.seldom()
    assert seldom.validating >= 0.1
    assert seldom.logging > 0
    assert seldom.saving > 0
    assert list(tmp_path.rglob("loss.tsv"))
    # Another turn goes through the same steps.
    again = Loop(Plain(), train, tmp_path, steps=12)
    assert again.measure().seconds > 0
    assert again.state.step == loop.state.step


def test_bare_steps_neither_clip_nor_average_and_the_loops_own_do(train: Train, tmp_path: Path) -> None:
    for way, averaged, counted in (("bare", False, 0), ("own", True, 9)):
        steps = Steps(Plain(), train, tmp_path, most=5)
        trainer = steps.trainer
        start = {key: value.clone() for key, value in trainer.state.model.state_dict().items()}
        before = {key: value.clone() for key, value in trainer.state.ema.model.state_dict().items()}
        use = getattr(steps, way)(5)
        assert use.seconds > 0 and use.preparing == use.waiting == 0
        assert any(not torch.equal(value, start[key]) for key, value in trainer.state.model.state_dict().items())
        now = trainer.state.ema.model.state_dict()
        assert any(not torch.equal(now[key], before[key]) for key in now) == averaged
        assert trainer.state.update == counted
    assert set(steps.parts(times=1)) == {"averaging weights", "clipping"}
