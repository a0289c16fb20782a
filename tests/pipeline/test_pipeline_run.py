"""`dvc repro` in a fresh clone, whose models are not published: what it leaves, and what a second one does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from dvc_clone import Clone, Run

pytestmark = pytest.mark.timeout(900)  # the whole pipeline runs in the first test's setup


def test_models_below_the_gates_are_measured_and_not_published(run: Run):
    fallen = [gate["name"] for gate in run.clone.read("results/evaluate/gates.json")["gates"] if not gate["passed"]]
    # Too small for any processor; which accuracy a minute's training reaches is nobody's business here.
    assert "model_kilobytes" in fallen
    refusal = run.output[run.output.index("not published") :]
    assert [name for name in fallen if f"  {name}: " not in refusal] == []
    assert not (run.clone.path / "registry").exists()
    receipt = run.clone.read("results/publish/receipt.json")
    assert [gate["name"] for gate in receipt["refused"]] == fallen and "version" not in receipt
    assert run.clone.read("results/evaluate/metrics.json")["end_to_end"]["total"] > 0


def test_everything_is_up_to_date_after_a_refusal(run: Run, stages: dict):
    assert set(run.clone.read("dvc.lock")["stages"]) == set(stages)
    assert run.clone.dvc("repro").splitlines()[-1] == "Data and pipelines are up to date."


def test_lpr_gates_fails_after_a_refusal(run: Run):
    done = subprocess.run(
        [sys.executable, "-m", "lpr", "gates"], cwd=run.clone.path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].startswith("failed: ") and "model_kilobytes" in done.stdout


def test_a_run_changes_nothing_but_the_declared_outputs(run: Run, stages: dict):
    lines = run.clone.git("status", "--porcelain", "--ignored", "--untracked-files=all").splitlines()
    new = {line[3:].rstrip("/") for line in lines if line.startswith("??")}
    declared = {out for stage in stages.values() for out in stage["outs"]}
    assert {path for path in new if not any(path == out or path.startswith(f"{out}/") for out in declared)} == {
        "dvc.lock"
    }
    # Nothing that is tracked has changed: dvc.yaml, params.yaml and .gitignore are the same to the byte.
    assert {line for line in lines if line[:2] not in ("??", "!!")} == set()
    ignored = {line[3:] for line in lines if line.startswith("!!")}
    roots = {path.split("/")[0] for path in ignored if "__pycache__" not in path}
    assert roots == {".dvc", ".work", "checkpoints", "data", "models", "results"}
    cached = {path for path in ignored if path.startswith("results/")}
    assert cached == {"results/evaluate/errors.jpg", "results/evaluate/report.html"}


def test_a_run_writes_no_gitignore_files(run: Run, source: Clone):
    def found(clone: Clone) -> set[Path]:
        files = {path.relative_to(clone.path) for path in clone.path.rglob(".gitignore")}
        return {path for path in files if path.parts[:2] not in ((".dvc", "tmp"), (".dvc", "cache"))}

    assert found(run.clone) == found(source)


@pytest.fixture(scope="module")
def published(committed: Clone, meeting: Callable[[Clone], Clone]) -> tuple[Clone, str]:
    """A run whose gates were met, and what the publication said."""
    clone = meeting(committed.copy(committed.path.parent / "published"))
    return clone, clone.dvc("repro")


def test_a_run_that_meets_its_gates_ends_with_a_publication(published: tuple[Clone, str]):
    clone, output = published
    assert "Running stage 'publish'" in output and output.count("Running stage") == 1
    assert "published v1.0" in output
    receipt = clone.read("results/publish/receipt.json")
    assert (clone.path / receipt["where"]).is_dir()
    assert clone.git("status", "--porcelain", "--untracked-files=all").splitlines() == [
        " M dvc.lock",
        " M results/publish/receipt.json",
    ]


def test_a_second_repro_has_nothing_to_do(published: tuple[Clone, str]):
    clone, _ = published
    assert clone.dvc("repro").splitlines()[-1] == "Data and pipelines are up to date."
    assert clone.dvc_json("status") == {}
