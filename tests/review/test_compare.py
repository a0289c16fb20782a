"""`lpr compare`: do the metrics here reproduce the committed ones?"""

from __future__ import annotations

import pytest

from lpr.records.gates_file import Gate, save_gates
from tests.review.conftest import GATES, Project

DETAILS = "results/evaluate/details.json"


def test_equal_metrics_reproduce_and_timings_do_not_count(without_data: Project, lpr) -> None:
    slower = [GATES[0], Gate("batch_seconds", 9.0, 2.0, "<", False, "10 images")]
    save_gates(without_data.path / "results/evaluate/gates.json", slower)
    for against in ("dvc.lock", "HEAD", "main"):
        status, said, _ = lpr("compare", "--against", against)
        assert status == 0
        # Intervals follow from the counts; 9 metrics and one gate remain.
        assert said.splitlines()[-1] == "reproduces: all 10 within their tolerances, 10 exactly equal"
    assert "batch_seconds" not in said and "low" not in said


@pytest.mark.parametrize(
    ("change", "reproduces"),
    [
        # Of 20 plates two may turn (0.1), of 200 two as well (0.01).
        ({"end_to_end__accuracy": 0.8, "end_to_end__right": 16}, True),
        ({"end_to_end__accuracy": 0.75, "end_to_end__right": 15}, False),
        ({"reading__plate_accuracy": 0.945}, True),
        ({"reading__plate_accuracy": 0.944}, False),
        ({"reading__plate_accuracy": 0.966}, False),
        # The test split is the same or it is not.
        ({"images": 41}, False),
        ({"end_to_end__total": 21}, False),
        ({"reading__two_line": 0.5}, False),
        ({"reading__plate_accuracy": None}, False),
        ({"reading__plate_accuracy": "0.955"}, False),
        ({"reading__extra": 0.1}, False),
        ({"end_to_end__low": 0.1}, True),
    ],
)
def test_differences_against_the_default_tolerances(without_data: Project, lpr, change: dict, reproduces: bool) -> None:
    without_data.write_json(DETAILS, without_data.metrics_with(**change))
    status, said, _ = lpr("compare", "--against", "dvc.lock")
    assert status == (0 if reproduces else 1), said
    assert ("DIFFERS" in said) != reproduces
    if not reproduces:
        name = next(iter(change)).replace("__", ".")
        line = next(line for line in said.splitlines() if f" {name} " in line)
        assert line.startswith("DIFFERS")
        assert said.splitlines()[-1].startswith("does not reproduce: ") and name in said.splitlines()[-1]


def test_tolerances_of_the_command_line(without_data: Project, lpr) -> None:
    without_data.write_json(DETAILS, without_data.metrics_with(reading__plate_accuracy=0.92, calibration__ece=0.031))
    compare = ("compare", "--against", "HEAD")
    assert lpr(*compare)[0] == 1
    assert lpr(*compare, "--tolerance", "0.05")[0] == 0
    assert lpr(*compare, "--tolerance", "reading.plate_accuracy=0.05")[0] == 0
    assert lpr(*compare, "--tolerance", "reading=0.05")[0] == 0
    assert lpr(*compare, "--tolerance", "reading=0.05", "--tolerance", "reading.plate_accuracy=0.01")[0] == 1
    # No general tolerance makes another test split the same one.
    without_data.write_json(DETAILS, without_data.metrics_with(images=41))
    assert lpr(*compare, "--tolerance", "5")[0] == 1
    assert lpr(*compare, "--tolerance", "images=1")[0] == 0
    without_data.write_json(DETAILS, without_data.metrics_with(reading__plate_accuracy=0.92, calibration__ece=0.031))
    # 0 is exact: what two readings may do no longer counts.
    assert lpr(*compare, "--tolerance", "0", "--tolerance", "reading=0.05")[0] == 1


@pytest.mark.parametrize(
    ("given", "named"),
    [("x", "x"), ("reading=", "reading="), ("=0.1", "=0.1"), ("-1", "-1"), ("nan", "nan"), ("nothing=0.1", "nothing=")],
)
def test_a_tolerance_that_is_none_is_an_error_that_names_it(without_data: Project, lpr, given: str, named: str) -> None:
    status, said, error = lpr("compare", "--against", "HEAD", f"--tolerance={given}")
    assert (status, said) == (2, "") and f"--tolerance {named}" in error


def test_what_is_missing_does_not_reproduce(without_data: Project, lpr) -> None:
    metrics = without_data.metrics_with()
    del metrics["calibration"]
    without_data.write_json(DETAILS, metrics)
    status, said, _ = lpr("compare", "--against", "dvc.lock")
    assert status == 1 and "does not reproduce: 2 of 10 differ: calibration.ece, calibration.plates" in said
    (without_data.path / DETAILS).unlink()
    status, said, _ = lpr("compare", "--against", "dvc.lock")
    assert status == 1 and f"does not reproduce: 1 of 2 differ: {DETAILS}" in said
    without_data.git("rm", "-r", "--quiet", "results/evaluate")
    without_data.commit()
    assert lpr("compare", "--against", "dvc.lock")[0] == 1
    # Neither side has anything: nothing is reproduced.
    assert "2 of 2 differ" in lpr("compare", "--against", "HEAD")[1]


def test_committed_metrics_that_dvc_lock_does_not_name_are_refused(without_data: Project, lpr) -> None:
    without_data.write_json(DETAILS, without_data.metrics_with(end_to_end__accuracy=0.95))
    without_data.commit("Make it look better")
    status, said, error = lpr("compare", "--against", "dvc.lock")
    assert (status, said) == (2, "")
    assert error.startswith(f"error: {DETAILS} at HEAD is not the file that dvc.lock names there")


def test_another_revision(with_data: Project, lpr) -> None:
    with_data.write_json("measured/details.json", with_data.metrics_with(reading__plate_accuracy=0.8))
    with_data.repro()
    with_data.commit()
    assert lpr("compare", "--against", "HEAD")[0] == 0
    status, said, _ = lpr("compare", "--against", "HEAD~1")
    assert status == 1 and "does not reproduce: 1 of 10 differ: reading.plate_accuracy" in said


def test_mistakes(without_data: Project, lpr) -> None:
    status, said, error = lpr("compare", "--against", "nowhere")
    assert (status, said) == (2, "") and error.startswith("error: nowhere: no such revision")
    without_data.write(DETAILS, "{")
    status, _, error = lpr("compare", "--against", "HEAD")
    assert status == 2 and error.startswith(f"error: {DETAILS}: not readable as JSON")
    without_data.git("checkout", "--quiet", "--", DETAILS)
    without_data.write("dvc.lock", "stages: [\n")
    without_data.commit()
    status, _, error = lpr("compare", "--against", "HEAD")
    assert status == 2 and error.startswith("error: dvc.lock at HEAD: not readable as YAML")
    without_data.git("rm", "--quiet", "dvc.lock")
    without_data.commit()
    status, _, error = lpr("compare", "--against", "dvc.lock")
    assert status == 2 and "HEAD has no dvc.lock" in error
    assert lpr("compare", "--against", "HEAD")[0] == 0
