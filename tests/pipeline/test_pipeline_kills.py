"""Runs that are killed at any moment: the next `dvc repro` finishes them, with the results of an undisturbed one.

The thirty random moments take many minutes: `pytest -m long tests/pipeline/test_pipeline_kills.py`. Each prints the
seed, which `LPR_KILL_SEED` sets; with it, `-k moment_17` repeats moment 17 alone.
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

pytestmark = [
    pytest.mark.timeout(3600),  # the whole pipeline runs in the first test's setup
    pytest.mark.skipif(sys.platform != "linux", reason="finds the stages in /proc"),
]

SEED = int(os.environ.get("LPR_KILL_SEED") or random.SystemRandom().randrange(10**6))
STAGES = ("fetch_data", "train_detector", "train_ocr", "export", "evaluate", "publish")
PHASES = (*STAGES, *STAGES, AFTER + "fetch_data", AFTER + "train_ocr", AFTER + "export")


@dataclass(frozen=True)
class Undisturbed:
    """Runs that nobody killed: up to the refusal to publish, with gates that are met, and up to the publication.

    Attributes:
        seconds: how long each phase took.
    """

    refused: Clone
    met: Clone
    published: Clone
    seconds: dict[str, float]

    def before(self, stage: str, path: Path) -> Clone:
        """Return a clone in which a stage has not run yet, and all before it have."""
        if stage == "publish":
            return self.met.copy(path)
        clone = self.refused.copy(path)
        forget(clone, stage)
        return clone


@pytest.fixture(scope="module")
def undisturbed(
    source: Clone, meeting: Callable[[Clone], Clone], tmp_path_factory: pytest.TempPathFactory
) -> Undisturbed:
    folder = tmp_path_factory.mktemp("undisturbed")
    refused = source.clone(folder / "refused")
    seconds = watch(refused, folder / "refused.txt", "repro")
    met = meeting(refused.copy(folder / "met"))
    published = met.copy(folder / "published")
    seconds["publish"] = watch(published, folder / "published.txt", "repro")["publish"]
    return Undisturbed(refused, met, published, seconds)


@pytest.mark.long
@pytest.mark.parametrize("number", range(30), ids="moment_{}".format)
def test_a_run_killed_at_a_random_moment_is_finished_by_the_next(
    undisturbed: Undisturbed, tmp_path: Path, number: int
):
    how = draw(SEED, number, PHASES, undisturbed.seconds)
    clone = undisturbed.before(how.stage, tmp_path / "killed")
    what = ("repro",) if how.stage == "publish" else ("repro", "evaluate")
    hit = kill(clone, how, tmp_path / "killed.txt", *what)
    print(f"LPR_KILL_SEED={SEED} moment {number}: {how}; hit {hit or 'nothing'}")
    clone.dvc(*what)
    assert_recovered(clone, undisturbed.published if how.stage == "publish" else undisturbed.refused)
    shutil.rmtree(clone.path)


def test_a_killed_publication_is_found_or_made_by_the_next(run: Run, meeting: Callable[[Clone], Clone], tmp_path: Path):
    met = meeting(run.clone.copy(tmp_path / "met"))
    published = met.copy(tmp_path / "published")
    published.dvc("repro")
    assert kill(met, Kill("publish", 0.1, "group", signal.SIGKILL), tmp_path / "killed.txt", "repro")
    met.dvc("repro")
    assert_recovered(met, published)
    versions = published.read("results/publish/receipt.json")["where"]
    assert {path.name for path in (met.path / versions).parent.iterdir()} == {"index.json", "v1.0"}


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
    forget(clone, how.stage)
    assert kill(clone, how, tmp_path / "killed.txt", "repro", "--single-item", how.stage)
    clone.dvc("repro", "--single-item", how.stage)
    assert_recovered(clone, run.clone)
