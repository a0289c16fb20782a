"""`lpr check`: is dvc.lock up to date, whether the data is there or not?"""

from __future__ import annotations

import shutil

from tests.review.conftest import Project

FRESH = "dvc.lock is up to date: nothing changed in 3 stages"


def test_unchanged(project: Project, lpr) -> None:
    status, said, _ = lpr("check")
    assert status == 0
    assert said.startswith(FRESH)
    missing = not (project.path / "data").exists()
    assert ("2 of their outputs are not here" in said) == missing


def test_changed_code_names_the_file_and_what_follows(project: Project, lpr) -> None:
    project.write("code/inner/model.py", "MODEL = 2\n")
    project.write("code/new.py", "")
    (project.path / "code/loss.py").unlink()
    status, said, _ = lpr("check")
    assert status == 1
    assert said.splitlines() == [
        "train",
        "  code/inner/model.py: changed",
        "  code/loss.py: missing",
        "  code/new.py: new",
        "dvc.lock is stale: 1 of 3 stages changed; behind them: evaluate",
        "run `dvc repro`, and commit dvc.lock with the results",
    ]


def test_a_changed_parameter_is_shown_with_both_values(project: Project, lpr) -> None:
    project.write("params.yaml", "train: {lr: 0.001, sources: [{name: cars, limit: 5, use: both}]}\n")
    status, said, _ = lpr("check")
    assert status == 1
    assert said.splitlines()[:3] == [
        "train",
        "  params.yaml: train.lr: 0.002 -> 0.001",
        "  params.yaml: train.sources[cars].use: - -> both",
    ]


def test_a_changed_command(project: Project, lpr) -> None:
    text = (project.path / "dvc.yaml").read_text()
    project.write("dvc.yaml", text.replace("cp data/a.txt model.txt", "cat data/a.txt > model.txt"))
    status, said, _ = lpr("check")
    assert status == 1
    assert "  command: cp data/a.txt model.txt -> cat data/a.txt > model.txt\n" in said


def test_a_stage_that_never_ran(project: Project, lpr) -> None:
    text = (project.path / "dvc.yaml").read_text()
    project.write("dvc.yaml", text + "  publish:\n    cmd: echo\n    deps: [code]\n")
    status, said, _ = lpr("check")
    assert status == 1 and "publish\n  dvc.lock has no such stage: it never ran\n" in said
    (project.path / "dvc.lock").unlink()
    assert lpr("check")[1].count("it never ran") == 4


def test_an_upstream_output_that_was_made_anew(with_data: Project, lpr) -> None:
    with_data.write("raw/a.txt", "other plates\n")
    with_data.repro("fetch_data", single_item=True)
    with_data.commit()
    said = lpr("check")[1]
    assert "train\n  data: fetch_data made another one since this stage ran\n" in said
    assert "evaluate\n  data: fetch_data made another one since this stage ran\n" in said
    # The same without the data, when nothing but dvc.lock can tell.
    shutil.rmtree(with_data.path / "data")
    assert lpr("check")[1] == said


def test_data_that_differs_is_told_from_data_that_is_missing(with_data: Project, lpr) -> None:
    # Without its cache, DVC says "not in cache" of both.
    shutil.rmtree(with_data.path / ".dvc/cache")
    assert lpr("check")[0] == 0
    with_data.write("data/a.txt", "tampered with\n")
    status, said, _ = lpr("check")
    assert status == 1
    assert "fetch_data\n  output data: not the one that dvc.lock names\n" in said
    (with_data.path / "data/a.txt").unlink()
    (with_data.path / "data").rmdir()
    assert lpr("check")[0] == 0


def test_results_in_git_must_be_there_and_be_those_of_the_run(project: Project, lpr) -> None:
    project.write_json("results/evaluate/metrics.json", {"end_to_end": {"accuracy": 1.0}})
    status, said, _ = lpr("check")
    assert status == 1
    assert "evaluate\n  output results/evaluate/metrics.json: not the one that dvc.lock names\n" in said
    (project.path / "results/evaluate/metrics.json").unlink()
    status, said, _ = lpr("check")
    assert status == 1
    assert "output results/evaluate/metrics.json: missing, though git keeps it" in said


def test_a_revision_is_judged_by_what_is_committed_there(project: Project, lpr) -> None:
    fresh = project.git("rev-parse", "HEAD")
    project.write("code/loss.py", "LOSS = 2\n")
    assert lpr("check", "--rev", "HEAD")[0] == 0
    stale = project.commit()
    project.git("checkout", "--quiet", fresh, "--", "code")
    assert lpr("check")[0] == 0
    status, said, _ = lpr("check", "--rev", stale)
    assert status == 1 and "train\n  code/loss.py: changed\n" in said
    assert lpr("check", "--rev", fresh)[0] == 0


def test_a_folder_that_no_commit_has_as_it_was(with_data: Project, lpr) -> None:
    with_data.write("code/loss.py", "LOSS = 2\n")
    with_data.repro()
    with_data.git("commit", "--quiet", "--message", "The lock without its code", "dvc.lock")
    with_data.git("checkout", "--quiet", "--", "code")
    status, said, _ = lpr("check")
    assert status == 1 and "train\n  code: changed\n" in said


def test_mistakes(without_data: Project, lpr, tmp_path, monkeypatch) -> None:
    status, said, error = lpr("check", "--rev", "nowhere")
    assert (status, said) == (2, "") and error.startswith("error: nowhere: no such revision")
    without_data.write("dvc.yaml", "stages: [\n")
    status, _, error = lpr("check")
    assert status == 2 and "dvc.yaml" in error
    monkeypatch.chdir(tmp_path)
    status, _, error = lpr("check")
    assert status == 2 and error.startswith("error: DVC: ")
