"""`python -m benchmarks.serve`: the service under `wrk`, against `read` of a list in one process."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from benchmarks.goals import WORK
from benchmarks.machine import describe
from benchmarks.photos import write_photos
from lpr.base import console
from lpr.base.errors import LprError
from lpr.inference.recognizer import LicensePlateRecognizer

CLIENTS = (1, 8, 64)
PHOTOS = 48
TARGET = 0.9
"""Photos a second, as a share of what `read` of a list reaches."""

_SCRIPT = """
local bodies = {}
for name in string.gmatch(os.getenv("LPR_PHOTOS"), "[^\\n]+") do
  local file = assert(io.open(name, "rb"))
  bodies[#bodies + 1] = file:read("*a")
  file:close()
end
local turn = 0
request = function()
  turn = turn % #bodies + 1
  return wrk.format("POST", "/v1/read", {["Content-Type"] = "image/jpeg"}, bodies[turn])
end
done = function(summary, latency)
  io.write(string.format("RESULT %d %d %d %.0f %.0f\\n", summary.requests, summary.duration,
    summary.errors.status + summary.errors.timeout + summary.errors.read + summary.errors.connect
      + summary.errors.write,
    latency:percentile(50), latency:percentile(99)))
end
"""


@dataclass(frozen=True)
class Load:
    """What so many clients got: photos a second, failed requests, median and 99th percentile in ms, memory in MB."""

    clients: int
    rate: float
    failed: int
    median: float
    p99: float
    memory: float


@contextmanager
def service() -> Iterator[tuple[int, int]]:
    """Run `lpr serve`; yield its port and process id."""
    command = [sys.executable, "-m", "lpr", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout
            match = re.search(r":(\d+),", process.stdout.readline())
            if not match:
                raise LprError("lpr serve did not start; run it by hand to see why")
            yield int(match[1]), process.pid
        finally:
            process.terminate()


def resident(process: int) -> float:
    """Return a process's memory in MB."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    match = re.search(r"VmRSS:\s+(\d+)", status)
    return int(match[1]) / 1024 if match else 0.0


def load(port: int, process: int, photos: list[Path], clients: int, seconds: int) -> Load:
    """Let so many clients ask for so long."""
    if shutil.which("wrk") is None:
        raise LprError("wrk: no such program; `apt-get install wrk`")
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_SCRIPT)
        script.flush()
        command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "60s", "-s", script.name]
        environment = {**os.environ, "LPR_PHOTOS": "\n".join(map(str, photos))}
        done = subprocess.run(
            [*command, f"http://127.0.0.1:{port}"], env=environment, capture_output=True, text=True, check=True
        )
    match = re.search(r"RESULT (\d+) (\d+) (\d+) (\d+) (\d+)", done.stdout)
    if not match:
        raise LprError(f"wrk says something else than expected: {done.stdout[-300:]}")
    count, microseconds, failed, median, p99 = map(int, match.groups())
    rate = (count - failed) / (microseconds / 1e6)
    return Load(clients, rate, failed, median / 1000, p99 / 1000, resident(process))


def listed(photos: list[Path], rounds: int) -> float:
    """Return photos a second of `read` of a list."""
    recognizer = LicensePlateRecognizer()
    recognizer.read(photos[:8])
    times = []
    for _ in range(rounds):
        began = perf_counter()
        recognizer.read(photos)
        times.append(perf_counter() - began)
    return len(photos) / statistics.median(times)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serve", description=__doc__)
    parser.add_argument("--seconds", type=int, default=30, help="of each number of clients; default: %(default)s")
    parser.add_argument("--clients", type=int, nargs="*", default=list(CLIENTS), help="default: 1 8 64")
    arguments = parser.parse_args()
    photos = write_photos(WORK / "photos" / str(PHOTOS), PHOTOS)
    alone = listed(photos, 5)
    print(f"{describe()}\n\n`read` of a list: {alone:.1f} photos a second\n", flush=True)
    print("| clients | photos a second | of `read` of a list | failed | median | 99th percentile | memory |")
    print("|---|---|---|---|---|---|---|")
    with service() as (port, process):
        load(port, process, photos, 2, 2)
        for clients in arguments.clients:
            row = load(port, process, photos, clients, arguments.seconds)
            print(
                f"| {clients} | {row.rate:.1f} | {row.rate / alone:.2f} (target {TARGET}) | {row.failed} "
                f"| {row.median:.0f} ms | {row.p99:.0f} ms | {row.memory:.0f} MB |",
                flush=True,
            )


if __name__ == "__main__":
    console.run(main)
