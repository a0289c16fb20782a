"""`python -m benchmarks.serve`: the service under `wrk`: its speed against `read` of a list, and its memory."""

from __future__ import annotations

import argparse
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

from benchmarks.goals import WORK
from benchmarks.machine import describe
from benchmarks.photos import write_photos
from benchmarks.serve_memory import MARKS, print_memory, resident
from benchmarks.wrk import wrk
from lpr.base import console
from lpr.base.errors import LprError
from lpr.inference.recognizer import LicensePlateRecognizer

CLIENTS = (1, 8, 64)
PHOTOS = 48
TARGET = 0.9
"""Photos a second, as a share of what `read` of a list reaches."""


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


def print_speed(numbers: list[int], seconds: int) -> None:
    """Print photos a second, failed requests and times of so many clients, each for so long."""
    photos = write_photos(WORK / "photos" / str(PHOTOS), PHOTOS)
    alone = listed(photos, 5)
    print(f"`read` of a list: {alone:.1f} photos a second\n", flush=True)
    print("| clients | photos a second | of `read` of a list | failed | median | 99th percentile | memory |")
    print("|---|---|---|---|---|---|---|")
    with service() as (port, process):
        with wrk(port, photos, 2, 2) as warming:
            warming.result()
        for clients in numbers:
            with wrk(port, photos, clients, seconds) as running:
                got = running.result()
            rate = (got.requests - got.failed) / got.seconds
            print(
                f"| {clients} | {rate:.1f} | {rate / alone:.2f} (target {TARGET}) | {got.failed} "
                f"| {got.median:.0f} ms | {got.p99:.0f} ms | {resident(process):.0f} MB |",
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serve", description=__doc__)
    parser.add_argument("--seconds", type=int, default=30, help="of each number of clients; default: %(default)s")
    parser.add_argument("--clients", type=int, nargs="*", default=list(CLIENTS), help="none: no speed; default: 1 8 64")
    parser.add_argument(
        "--requests", type=int, choices=(0, *MARKS), default=MARKS[-1], help="0: no memory; default: %(default)s"
    )
    arguments = parser.parse_args()
    print(describe(), "\n", flush=True)
    if arguments.clients:
        print_speed(arguments.clients, arguments.seconds)
    if arguments.requests:
        for hostile in (False, True):
            with service() as (port, process):
                print_memory(port, process, arguments.requests, hostile)


if __name__ == "__main__":
    console.run(main)
