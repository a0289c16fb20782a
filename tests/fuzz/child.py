"""The process that runs cases one after the other: `python -m tests.fuzz.child KIND SEED FIRST COUNT SANDBOX`.

It says on its standard output which case begins and how it ended, one JSON object a line, so that the parent knows
which one it was that took the process down or does not end.
"""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path
from typing import Any

from tests.fuzz.guard import Guard
from tests.fuzz.target import Made, Target, WrongResultError

LONGEST_MESSAGE = 20_000
"""Characters of an error; a longer one is no help to anybody."""
_BACKSTOP = 8 << 30
"""Bytes by which the address space may grow: what wants more gets a MemoryError instead of the machine's memory."""


def main(arguments: list[str]) -> None:
    kind, seed, first, count, sandbox = arguments[0], *map(int, arguments[1:4]), Path(arguments[4]).resolve()
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what the code under test prints is not for the parent
    warnings.simplefilter("ignore")
    guard = Guard(sandbox)
    temporary = guard.work / "tmp"
    temporary.mkdir(exist_ok=True)
    tempfile.tempdir = os.environ["TMPDIR"] = str(temporary)
    # A parent in which torch was at work hands its folder down.
    os.environ["TORCHINDUCTOR_CACHE_DIR"] = str(temporary)
    from tests.fuzz.targets import load

    target = load(kind, guard.work / "seeds")
    _limit_memory()
    for case in range(first, first + count):
        made = _make(target, guard, f"{kind}:{seed}:{case}", case)
        answers.write(json.dumps({"case": case, "begins": made.note}) + "\n")
        answers.write(json.dumps({"case": case, **_run(target, guard, made)}) + "\n")


def _make(target: Target, guard: Guard, seed: str, case: int) -> Made:
    folder = guard.work / "case"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    os.chdir(folder)
    made = target.make(random.Random(seed), folder)
    if os.environ.get("LPR_FUZZ_KEEP"):
        shutil.copytree(folder, Path(os.environ["LPR_FUZZ_KEEP"]) / str(case), dirs_exist_ok=True, symlinks=True)
    return made


def _run(target: Target, guard: Guard, made: Made) -> dict[str, Any]:
    before, started = _peak(reset=True), time.process_time()
    with guard.watching() as seen:
        outcome, fault = _outcome(target, guard.work / "case")
    grown = (_peak() - before) >> 10
    os.chdir(guard.work)
    faults = [fault] if fault else []
    if made.refuse and outcome != "refused":
        faults.append("accepted, and should have been refused")
    faults += seen
    if grown > target.memory:
        faults.append(f"memory grew by {grown} MiB, more than {target.memory}")
    return {
        "note": made.note, "outcome": outcome, "faults": faults, "grown": grown,
        "seconds": round(time.process_time() - started, 3),
    }  # fmt: skip


def _outcome(target: Target, folder: Path) -> tuple[str, str]:
    """Return what came of a case, and the fault where it is one."""
    from lpr.base.errors import LprError

    try:
        return target.run(folder), ""
    except LprError as error:
        message = str(error)
        if len(message) > LONGEST_MESSAGE:
            return "refused", f"a message of {len(message)} characters: {message[:200]}"
        return "refused", ""
    except WrongResultError as error:
        return "wrong", f"wrong result: {error}"
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        frames = [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)]
        return "raised", f"{type(error).__name__}: {str(error)[:300]!r} at {' < '.join(frames[:-9:-1])}"


def _peak(reset: bool = False) -> int:
    """Return the largest resident size since the last reset, in KiB."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _limit_memory() -> None:
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + _BACKSTOP, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main(sys.argv[1:])
