"""The parent: starts processes for the cases, and finds the case at which one died or did not end."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
HANG_SECONDS = 60
"""Seconds of CPU after which a case hangs; the slowest that does not takes some. A case that only waits may do so ten
times as long: the machine may be doing other things."""
_PER_PROCESS = 2000


@dataclass(frozen=True)
class Finding:
    """A fault of one case."""

    kind: str
    seed: int
    case: int
    note: str
    what: str

    def __str__(self) -> str:
        again = f"python -m tests.fuzz --kind {self.kind} --seed {self.seed} --case {self.case}"
        return f"{again}\n    input: {self.note}\n    {self.what}"


@dataclass
class Result:
    """What came of all cases of a kind."""

    findings: list[Finding] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    grown: int = 0
    seconds: float = 0.0
    slowest: float = 0.0


def fuzz(
    kind: str,
    seed: int,
    first: int,
    count: int,
    report: Callable[[Finding], object] | None = None,
    patience: float = HANG_SECONDS,
) -> Result:
    """Run cases `first` to `first + count - 1` of a kind; each finding is reported as it comes.

    Args:
        kind: one of `tests.fuzz.targets.KINDS`.
        seed: of all cases.
        first: number of the first.
        count: of cases.
        report: is told each finding.
        patience: seconds of CPU after which a case counts as hanging, and tenths of the seconds that it may wait.
    """
    result = Result()
    case, end = first, first + count
    while case < end:
        case = _one_process(kind, seed, case, min(_PER_PROCESS, end - case), result, report or _nobody, patience)
    return result


def _nobody(_: Finding) -> None:
    pass


def _one_process(
    kind: str, seed: int, first: int, count: int, result: Result, report: Callable[[Finding], object], patience: float
) -> int:
    """Run cases in one process as far as it gets, and return the first that is left."""
    running: int | None = None
    note = ""
    following = first

    def found(case: int, note: str, what: str) -> None:
        result.findings.append(Finding(kind, seed, case, note, what))
        report(result.findings[-1])

    with tempfile.TemporaryDirectory(prefix="lpr-fuzz-") as folder, tempfile.TemporaryFile() as said:
        command = [sys.executable, "-m", "tests.fuzz.child", kind, str(seed), str(first), str(count), folder]
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, cwd=ROOT, env=environment)
        assert child.stdout is not None
        lines = _Lines(child.stdout.fileno(), child.pid)
        try:
            while (answer := lines.next(HANG_SECONDS if running is None else patience)) is not None:
                if "begins" in answer:
                    running, note = answer["case"], answer["begins"]
                    continue
                running, following = None, answer["case"] + 1
                _add(result, answer)
                for fault in answer["faults"]:
                    found(answer["case"], answer["note"], fault)
            hangs = lines.timed_out
        finally:
            child.kill()
            status = child.wait()
            child.stdout.close()
        if following == first + count:
            return following
        said.seek(0)
        last_words = said.read()[-1000:].decode("utf-8", "replace").strip()
        if running is None:
            raise RuntimeError(f"the process for {kind} ended before case {following}: {last_words}")
        what = f"the process died with status {status}: {last_words}"
        if hangs:
            what = f"did not end within {patience:g} s of CPU"
        result.outcomes["hung" if hangs else "died"] += 1
        found(running, note, what)
        return running + 1


def _add(result: Result, answer: dict[str, Any]) -> None:
    result.outcomes[answer["outcome"]] += 1
    result.grown = max(result.grown, answer["grown"])
    result.seconds += answer["seconds"]
    result.slowest = max(result.slowest, answer["seconds"])


class _Lines:
    """JSON lines of a process's pipe, each waited for with patience."""

    def __init__(self, descriptor: int, process: int) -> None:
        self._descriptor, self._process, self._buffer = descriptor, process, b""
        self._selector = selectors.DefaultSelector()
        self._selector.register(descriptor, selectors.EVENT_READ)
        self.timed_out = False

    def next(self, seconds: float) -> dict[str, Any] | None:
        """Return the next line's object, None at the end or when none came in time."""
        started, worked = time.monotonic(), self._worked()
        while b"\n" not in self._buffer:
            if not self._selector.select(1):
                if self._worked() - worked > seconds or time.monotonic() - started > 10 * seconds:
                    self.timed_out = True
                    return None
                continue
            block = os.read(self._descriptor, 1 << 16)
            if not block:
                return None
            self._buffer += block
        line, _, self._buffer = self._buffer.partition(b"\n")
        return dict(json.loads(line))

    def _worked(self) -> float:
        """Return the seconds of CPU that the process has taken."""
        fields = Path(f"/proc/{self._process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
