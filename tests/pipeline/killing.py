"""Killing `dvc repro` at chosen moments, and what must hold after the next run."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml
from dvc_clone import Clone
from twins import assert_same_lock

Victim = Literal["group", "dvc", "stage"]
AFTER = "after "
OBJECTS = Path(".dvc/cache/files/md5")
_HANGS = 1500.0


@dataclass(frozen=True)
class Kill:
    """Who is killed, how and when.

    Attributes:
        phase: a stage while its program runs, or "after STAGE" while DVC records it.
        seconds: from the beginning of the phase.
        victim: DVC and its stage together, or one of them.
        signal: SIGKILL or SIGTERM.
    """

    phase: str
    seconds: float
    victim: Victim
    signal: signal.Signals

    def __str__(self) -> str:
        return f"{self.signal.name} to the {self.victim}, {self.seconds:.2f} s into {self.phase}"

    @property
    def stage(self) -> str:
        """The stage that runs, or has just run."""
        return self.phase.removeprefix(AFTER)


def draw(seed: int, number: int, phases: tuple[str, ...], seconds: dict[str, float]) -> Kill:
    """Return the kill of this number: phases take turns, all else is random."""
    generator = random.Random(f"{seed}/{number}")
    phase = phases[number % len(phases)]
    victims: tuple[Victim, ...] = ("dvc",) if phase.startswith(AFTER) else ("group", "dvc", "stage")
    return Kill(
        phase,
        generator.random() * seconds[phase],
        generator.choice(victims),
        generator.choice((signal.SIGKILL, signal.SIGTERM)),
    )


def watch(clone: Clone, output: Path, *arguments: str) -> dict[str, float]:
    """Run DVC undisturbed and return how many seconds each phase took."""
    dvc = clone.start(*arguments, output=output)
    seconds: dict[str, float] = {}
    phase, since = "", time.monotonic()
    while dvc.poll() is None:
        found = _phase(dvc.pid, phase)
        if found != phase:
            seconds[phase], phase, since = time.monotonic() - since, found, time.monotonic()
        time.sleep(0.01)
    seconds[phase] = time.monotonic() - since
    return seconds


def kill(clone: Clone, how: Kill, output: Path, *arguments: str) -> str:
    """Start DVC and kill as told; return the phase that was hit, "" where DVC had ended before.

    Returns when DVC has ended, whether or not its stage has: an impatient user runs DVC again at once.
    """
    dvc = clone.start(*arguments, output=output)
    phase, until = "", time.monotonic() + _HANGS
    while dvc.poll() is None and phase != how.phase:
        assert time.monotonic() < until, f"never came to {how.phase}: {output.read_text()}"
        phase = _phase(dvc.pid, phase)
        time.sleep(0.01)
    time.sleep(how.seconds)
    if dvc.poll() is not None:
        return ""
    stage = _child(dvc.pid)
    phase = _phase(dvc.pid, phase)
    if how.victim == "group":
        os.killpg(dvc.pid, how.signal)
    elif how.victim == "dvc" or stage is None:
        dvc.send_signal(how.signal)
    else:
        os.kill(stage[0], how.signal)
    dvc.wait(_HANGS)
    return phase


def forget(clone: Clone, stage: str) -> None:
    """Leave a clone as it was before a stage first ran in it, but for what later stages made of its outputs."""
    lock = clone.read("dvc.lock")
    for out in lock["stages"].pop(stage, {"outs": []})["outs"]:
        path, digest = clone.path / out["path"], out["md5"]
        listing = clone.path / OBJECTS / digest[:2] / digest[2:]
        if listing.is_file() and digest.endswith(".dir"):
            for entry in json.loads(listing.read_text()):
                _object(clone, entry["md5"]).unlink(missing_ok=True)
        listing.unlink(missing_ok=True)
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    (clone.path / "dvc.lock").write_text(yaml.safe_dump(lock, sort_keys=False), encoding="utf-8")
    shutil.rmtree(clone.path / ".dvc/cache/runs")


def assert_recovered(clone: Clone, undisturbed: Clone) -> None:
    """Compare a clone that was killed and run again with one that was not."""
    assert_same_lock(undisturbed, clone)
    assert _files(clone) == _files(undisturbed)
    assert _holders(clone) == []
    assert _torn(clone) == []


def _phase(dvc: int, before: str) -> str:
    stage = _child(dvc)
    if stage:
        return stage[1]
    return before if before.startswith(AFTER) or not before else AFTER + before


def _child(dvc: int) -> tuple[int, str] | None:
    """Return the number and name of the stage that DVC runs."""
    try:
        for child in Path(f"/proc/{dvc}/task/{dvc}/children").read_text().split():
            for word in Path(f"/proc/{child}/cmdline").read_text().split("\0"):
                if word.startswith(("stages.", "python -m stages.")):
                    return int(child), word.split(".")[-1]
    except OSError:  # it has just ended
        pass
    return None


def _files(clone: Clone) -> set[str]:
    """Return every file of a clone, hidden and ignored ones too, but for what DVC, git and Python keep."""
    paths = (path.relative_to(clone.path) for path in clone.path.rglob("*") if not path.is_dir())
    return {path.as_posix() for path in paths if not {".git", ".dvc", "__pycache__"} & set(path.parts)}


def _holders(clone: Clone) -> list[int]:
    """Return the living processes that DVC's own lock file names; dead ones hold nothing."""
    lock = json.loads((clone.path / ".dvc/tmp/rwlock").read_text())
    holders = [info for infos in lock.get("read", {}).values() for info in infos] + [*lock.get("write", {}).values()]
    return [info["pid"] for info in holders if Path("/proc", str(info["pid"])).exists()]


def _object(clone: Clone, digest: str) -> Path:
    return clone.path / OBJECTS / digest[:2] / digest[2:]


def _torn(clone: Clone) -> list[str]:
    """Return the objects of DVC's cache that are not what their name says."""
    # What DVC is still copying has a name that no object can have, and is taken for none.
    objects = [path for path in (clone.path / OBJECTS).rglob("*") if path.is_file() and path.suffix != ".tmp"]
    assert objects
    named = ((path, (path.parent.name + path.name).removesuffix(".dir")) for path in objects)
    return [str(path) for path, name in named if hashlib.md5(path.read_bytes()).hexdigest() != name]
