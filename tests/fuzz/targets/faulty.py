"""No kind of input: code with each fault that the fuzzer is there to find, so that a test can see it found."""

from __future__ import annotations

import os
import pickle
import random
import signal
import subprocess
import time
from pathlib import Path

from lpr.base.errors import LprError
from tests.fuzz.hostile import OUTSIDE
from tests.fuzz.target import Made, expect

FAULTS = (
    "none", "refuses", "raises", "accepts", "wrong", "writes outside", "reads outside", "unpickles", "starts a program",
    "takes memory", "long message", "dies", "hangs",
)  # fmt: skip


class Target:
    """Each case has one of the faults."""

    memory = 100

    def __init__(self, seeds: Path) -> None:
        pass

    def make(self, rng: random.Random, folder: Path) -> Made:
        self._fault = rng.choice(FAULTS)
        return Made(self._fault, self._fault == "accepts")

    def run(self, folder: Path) -> str:
        fault = self._fault
        if fault == "refuses":
            raise LprError("as it may")
        if fault == "raises":
            raise ValueError("as it may not")
        expect(fault != "wrong", "a wrong result")
        if fault == "writes outside":
            Path(OUTSIDE, "file").write_text("x")
        if fault == "reads outside":
            Path(OUTSIDE, "canary.bin").read_bytes()
        if fault == "unpickles":
            pickle.loads(pickle.dumps(Path("x")))  # noqa: S301 (the fault that is to be found)
        if fault == "starts a program":
            subprocess.run(["true"], check=True)
        if fault == "takes memory":
            bytearray(os.urandom(1 << 20)) * 300
        if fault == "long message":
            raise LprError("x" * 100_000)
        if fault == "dies":
            os.kill(os.getpid(), signal.SIGSEGV)
        if fault == "hangs":
            time.sleep(600)
        return "read"
