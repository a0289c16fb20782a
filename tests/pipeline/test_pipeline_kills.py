"""Runs that are killed at any moment: the next `dvc repro` finishes them, with the results of an undisturbed one.

The thirty random moments take half an hour: `pytest -m long tests/pipeline/test_pipeline_kills.py`. Each test prints its
seed; `LPR_KILL_SEED` sets it, and `-k 17` repeats moment 17 alone.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from dvc_clone import Clone, Run
from killing import AFTER, Kill, assert_recovered, draw, forget, kill, watch
from twins import assert_same_lock

pytestmark = [
    pytest.mark.timeout(1800),  # the whole pipeline runs more than once
    pytest.mark.skipif(sys.platform != "linux", reason="finds the stages in /proc"),
]

SEED = int(os.environ.get("LPR_KILL_SEED") or random.SystemRandom().randrange(10**6))
STAGES = ("fetch_data", "train_detector", "train_ocr", "export", "evaluate")
PHASES = (*STAGES, "publish", *STAGES, "publish", AFTER + "fetch_data", AFTER + "train_ocr", AFTER + "export")


@dataclass(frozen=True)
class Undisturbed:
    """A run that nobody killed, and how long its phases took; the same of a publication."""

    whole: Clone
    met: Clone
    published: Clone
    seconds: dict[str, float]


@pytest.fixture(scope="module")
def undisturbed(source: Clone, meeting: Callable[[Clone], Clone], tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("undisturbed")
    whole = source.clone(folder / "whole")
    seconds = watch(whole, folder / "whole.txt", "repro")
    met = meeting(whole.copy(folder / "met"))
    published = met.copy(folder / "published")
    seconds["publish"] = watch(published, folder / "published.txt", "repro")["publish"]
    return Undisturbed(whole, met, published, seconds)


@pytest.mark.long
@pytest.mark.parametrize("number", range(30))
def test_a_run_killed_at_a_random_moment_is_finished_by_the_next(
    undisturbed: Undisturbed, source: Clone, tmp_path: Path, number: int
):
    how = draw(SEED, number, PHASES, undisturbed.seconds)
    clone = (undisturbed.met.copy if how.phase == "publish" else source.clone)(tmp_path / "killed")
    hit = kill(clone, how, tmp_path / "killed.txt", "repro")
    print(f"LPR_KILL_SEED={SEED} moment {number}: {how}; hit {hit or 'nothing'}")
    if how.phase == "publish":
        clone.dvc("repro")
        assert_published(clone, undisturbed.published)
        return
    assert "these gates are not met" in clone.dvc("repro", fails=True)
    assert_recovered(clone, undisturbed.whole)
    assert set(clone.dvc_json("status")) == {"publish"}
    shutil.rmtree(clone.path)


def assert_published(clone: Clone, undisturbed: Clone) -> None:
    receipt, other = (one.read("results/publish/receipt.json") for one in (clone, undisturbed))
    # Killed after the version was there, before the receipt: it is found, and not made again.
    assert {**receipt, "status": ""} == {**other, "status": ""}
    assert receipt["status"] in ("published", "unchanged")
    folder = Path(receipt["where"]).parent
    assert sorted(os.listdir(clone.path / folder)) == ["index.json", "v1.0"]
    assert clone.read(f"{folder}/index.json") == undisturbed.read(f"{folder}/index.json")
    assert sorted(os.listdir(clone.path / receipt["where"])) == sorted(os.listdir(undisturbed.path / receipt["where"]))
    assert clone.dvc_json("status") == {}


@pytest.mark.parametrize(
    "how",
    [
        Kill("fetch_data", 0.8, "dvc", signal.SIGKILL),
        Kill("train_ocr", 2.0, "group", signal.SIGTERM),
        Kill("evaluate", 1.5, "stage", signal.SIGKILL),
    ],
    ids=str,
)
def test_a_killed_stage_is_finished_by_the_next_run(run: Run, tmp_path: Path, how: Kill):
    clone = run.clone.copy(tmp_path / "killed")
    forget(clone, how.phase)
    assert kill(clone, how, tmp_path / "killed.txt", "repro", "--single-item", how.phase) == how.phase
    output = clone.dvc("repro", "--single-item", how.phase)
    assert f"Running stage '{how.phase}'" in output
    assert_recovered(clone, run.clone)
