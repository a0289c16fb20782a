"""The memory of `lpr serve` over many thousand photos of mixed sizes, and beside bodies that are meant to harm it."""

from __future__ import annotations

import random
import re
import statistics
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from benchmarks.footprint import tree
from benchmarks.goals import WORK
from benchmarks.photos import write_photos
from benchmarks.wrk import wrk
from lpr.base.errors import LprError
from tests.fuzz.targets.image import make_seeds, mutate_image

MARKS = (1_000, 5_000, 10_000, 20_000)
"""Requests after which the memory is told; of a shorter run, those that it reaches."""
AROUND = 500
"""Requests before and after a mark whose samples count: what is in hand changes from one moment to the next."""
EVERY = 0.5
"""Seconds between two samples."""
CLIENTS = 16
HOSTILE_CLIENTS = 8
PHOTOS = 48
SIZES = (*[(640, 480), (1280, 720)] * 6, *[(1920, 1080)] * 3, (4032, 3024))
HOSTILE = 400
SEED = 20
GROWTH = 1.05
"""The most that the memory after the last mark may be, in units of that after the first."""
PATIENCE = 60
"""Seconds after which a service that does not answer has failed."""
LONGEST = 24 * 3600
"""Seconds after which the load would end of itself."""


@dataclass(frozen=True)
class Sample:
    """The service at one moment: requests that it has answered, and the megabytes that its processes hold."""

    requests: int
    megabytes: float


def resident(process: int) -> float:
    """Return the megabytes that a process and all that it started hold. Raises LprError where it has ended."""
    try:
        texts = [Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace") for pid in tree(process)]
        return sum(int(re.findall(r"VmRSS:\s+(\d+)", text)[0]) for text in texts) / 1024
    except (OSError, IndexError) as error:
        raise LprError("lpr serve has ended under the load; run it by hand to see why") from error


def answered(port: int) -> dict[str, int]:
    """Return how many requests were answered, by status. Raises LprError where the service does not answer any more."""
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
    except (OSError, HTTPException) as error:
        raise LprError(f"lpr serve does not answer under the load: {error}") from error
    finally:
        connection.close()
    counters = re.findall(r'lpr_requests_total\{path="/v1/read",status="(\d+)"\} (\S+)', text)
    return {status: int(float(count)) for status, count in counters}


def near(samples: Sequence[Sample], mark: int) -> float:
    """Return the median memory around a mark, or of the nearest sample where none is so near."""
    closest = min(abs(sample.requests - mark) for sample in samples)
    reach = max(AROUND, closest)
    return statistics.median(sample.megabytes for sample in samples if abs(sample.requests - mark) <= reach)


def write_hostile(folder: Path) -> list[Path]:
    """Write photos of every format that the fuzzer has damaged into a folder; return their paths."""
    rng, seeds = random.Random(SEED), make_seeds()
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number:05d}" for number in range(HOSTILE)]
    for path in paths:
        name = rng.choice(list(seeds))
        path.write_bytes(mutate_image(name, seeds[name], rng)[0])
    return paths


def print_memory(port: int, process: int, count: int, hostile: bool) -> None:
    """Print the memory of a fresh service after so many requests, and what became of them.

    Args:
        port: of the service.
        process: its number.
        count: requests, at least the first mark.
        hostile: whether other clients send damaged photos all the while; their requests count as well.

    Raises:
        LprError: the service has ended, or does not answer.
    """
    photos = write_photos(WORK / "photos" / "mixed", PHOTOS, SIZES)
    with wrk(port, photos, 2, 5) as warming:
        warming.result()
    before = sum(answered(port).values())
    samples = [Sample(0, resident(process))]
    with ExitStack() as loads:
        if hostile:
            loads.enter_context(wrk(port, write_hostile(WORK / "photos" / "hostile"), HOSTILE_CLIENTS, LONGEST))
        load = loads.enter_context(wrk(port, photos, CLIENTS, LONGEST))
        while samples[-1].requests < count:
            time.sleep(EVERY)
            samples.append(Sample(sum(answered(port).values()) - before, resident(process)))
        statuses = answered(port)
        load.end()
        whole = load.result()
    marks = [mark for mark in MARKS if mark <= count]
    cells = [f"{samples[0].megabytes:.0f}", *(f"{near(samples, mark):.0f}" for mark in marks)]
    growth = near(samples, marks[-1]) / near(samples, marks[0])
    highest = max(sample.megabytes for sample in samples)
    beside = f", and {HOSTILE_CLIENTS} that send damaged photos" if hostile else ""
    print(f"\nMB with {CLIENTS} clients{beside}:\n")
    print(f"| start | {' | '.join(f'{mark:,} requests' for mark in marks)} | last / first of these | the most |")
    print(f"|---|{'---|' * len(marks)}---|---|")
    print(f"| {' | '.join(cells)} | {growth:.3f} (target at most {GROWTH}) | {highest:.0f} |")
    said = ", ".join(f"{number:,} with {status}" for status, number in sorted(statuses.items()))
    print(f"\nAnswered: {said}; whole photos that were not read: {whole.failed} of {whole.requests:,}.", flush=True)
