"""Mutated inputs of every kind, a share of those of `python -m tests.fuzz`; and that the fuzzer finds faults."""

from __future__ import annotations

import pytest

from tests.fuzz.runner import fuzz
from tests.fuzz.targets import KINDS, shares
from tests.fuzz.targets.faulty import FAULTS

pytestmark = pytest.mark.timeout(900)  # the annotation folders take half the time of all, on a busy machine minutes

SEED, CASES = 1, 1000
HARMLESS = {"none", "refuses"}


@pytest.mark.parametrize("kind", KINDS)
def test_mutated_inputs_give_a_right_result_or_one_clear_error(kind: str) -> None:
    count = shares(KINDS, CASES)[kind]
    result = fuzz(kind, SEED, 0, count)
    assert not result.findings, "\n".join(map(str, result.findings))
    assert result.outcomes.total() == count
    # A target that refuses everything would find nothing.
    assert len(result.outcomes) > 1, result.outcomes


def test_every_fault_is_found_with_the_case_that_shows_it() -> None:
    result = fuzz("faulty", 1, 0, 24, patience=1)
    found = {finding.note: finding for finding in result.findings}
    assert set(found) == set(FAULTS) - HARMLESS
    again = found["raises"]
    assert f"--kind faulty --seed 1 --case {again.case}" in str(again)
    assert [finding.note for finding in fuzz("faulty", 1, again.case, 1).findings] == ["raises"]
