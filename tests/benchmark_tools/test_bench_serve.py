"""What `benchmarks.serve` tells of a service's memory."""

from __future__ import annotations

import subprocess
import sys

import pytest

from benchmarks.serve_memory import Sample, near, resident
from lpr.base.errors import LprError


def test_memory_near_a_mark_is_the_median_of_what_was_seen_around_it() -> None:
    samples = [Sample(0, 100), Sample(700, 310), Sample(900, 300), Sample(1400, 350), Sample(1600, 900)]
    assert near(samples, 1000) == 310
    # None within 500 requests: the nearest alone.
    assert near(samples, 5000) == 900
    assert near(samples[:2], 5000) == 310


def test_memory_is_that_of_a_process_and_its_children_as_long_as_it_runs() -> None:
    block = "import sys; held = bytearray(60_000_000); print(flush=True); sys.stdin.read()"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {block!r}])"
    with subprocess.Popen(
        [sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin and process.stdout
        process.stdout.readline()
        assert resident(process.pid) > 60
        process.stdin.close()
        process.wait()
        with pytest.raises(LprError, match="has ended under the load"):
            resident(process.pid)
