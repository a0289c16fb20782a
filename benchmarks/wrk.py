"""`wrk`, a load client that is a package of Debian, sending bodies to the service."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lpr.base.errors import LprError

_SCRIPT = """
local bodies = {}
for name in io.lines(os.getenv("LPR_BODIES")) do
  local file = assert(io.open(name, "rb"))
  bodies[#bodies + 1] = file:read("*a")
  file:close()
end
local turn = 0
request = function()
  turn = turn % #bodies + 1
  return wrk.format("POST", "/v1/read", {["Content-Type"] = os.getenv("LPR_TYPE")}, bodies[turn])
end
done = function(summary, latency)
  io.write(string.format("RESULT %d %d %d %.0f %.0f\\n", summary.requests, summary.duration,
    summary.errors.status + summary.errors.timeout + summary.errors.read + summary.errors.connect
      + summary.errors.write,
    latency:percentile(50), latency:percentile(99)))
end
"""


@dataclass(frozen=True)
class Result:
    """What clients got: how many answers, in how many seconds, how many failed, median and 99th percentile in ms."""

    requests: int
    seconds: float
    failed: int
    median: float
    p99: float


class Wrk:
    """A load that is running."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def end(self) -> None:
        """Let it end now instead of when its time is over."""
        self._process.send_signal(signal.SIGINT)

    def result(self) -> Result:
        """Wait for its end and return what came of it. Raises LprError where it ended otherwise than it should."""
        said, _ = self._process.communicate()
        match = re.search(r"RESULT (\d+) (\d+) (\d+) (\d+) (\d+)", said)
        if not match:
            raise LprError(f"wrk says something else than expected: {said[-300:]}")
        count, microseconds, failed, median, p99 = map(int, match.groups())
        return Result(count, microseconds / 1e6, failed, median / 1000, p99 / 1000)


@contextmanager
def wrk(port: int, bodies: Sequence[Path], clients: int, seconds: int, kind: str = "image/jpeg") -> Iterator[Wrk]:
    """Let clients send bodies in turn, each the next one when it has its answer, for so long or until the block ends.

    Args:
        port: of the service.
        bodies: files.
        clients: how many connections.
        seconds: how long.
        kind: the bodies' content type.

    Raises:
        LprError: wrk is not installed.
    """
    if shutil.which("wrk") is None:
        raise LprError("wrk: no such program; `apt-get install wrk`")
    with tempfile.TemporaryDirectory() as folder:
        script, names = Path(folder, "send.lua"), Path(folder, "bodies")
        script.write_text(_SCRIPT, encoding="utf-8")
        names.write_text("".join(f"{body}\n" for body in bodies), encoding="utf-8")
        command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "60s", "-s", str(script)]
        environment = {**os.environ, "LPR_BODIES": str(names), "LPR_TYPE": kind}
        with subprocess.Popen(
            [*command, f"http://127.0.0.1:{port}"], env=environment, stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                yield Wrk(process)
            finally:
                process.kill()
