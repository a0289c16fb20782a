"""Two clones of one commit give the same results, but for what holds timings or a date."""

from __future__ import annotations

from pathlib import Path

import pytest
from dvc_clone import Clone
from twins import assert_same_lock

pytestmark = pytest.mark.timeout(900)  # the whole pipeline runs twice


def test_two_clones_give_the_same_lock_but_for_timings(source: Clone, tmp_path: Path, request: pytest.FixtureRequest):
    twin = source.clone(tmp_path / "twin")
    twin.dvc("repro", "evaluate")
    # Asked for only now: another process of this test session may have made it meanwhile.
    assert_same_lock(request.getfixturevalue("run").clone, twin)
