"""Threads change when things are computed, never what."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lpr.base.errors import LprError
from lpr.inference.overlap import in_groups, overlapped, threads_of_a_call
from lpr.inference.recognizer import LicensePlateRecognizer


def test_a_call_has_a_core_to_itself_where_there_are_photos_for_all() -> None:
    assert [threads_of_a_call(photos, cores=2) for photos in (1, 7, 8, 1000)] == [2, 2, 1, 1]
    # No more than eight threads read, so that cores are left for their calls.
    assert [threads_of_a_call(photos, cores=16) for photos in (5, 64)] == [16, 2]
    assert threads_of_a_call(1, cores=1) == threads_of_a_call(100, cores=1) == 1


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_results_keep_their_order(threads: int) -> None:
    assert list(overlapped(lambda number: number**2, range(40), threads)) == [number**2 for number in range(40)]
    assert list(in_groups(sum, range(10), threads)) == [0 + 1 + 2 + 3, 4 + 5 + 6 + 7, 8 + 9]
    assert list(in_groups(sum, [], threads)) == []


def test_threads_work_at_the_same_time() -> None:
    # Each waits for the other: one after the other they would never come through.
    meeting = threading.Barrier(2, timeout=20)
    assert len(list(overlapped(lambda _: meeting.wait(), range(6), 2))) == 6


def test_little_is_begun_ahead_of_what_is_taken() -> None:
    begun: list[int] = []

    def items() -> Iterator[int]:
        for number in range(100):
            begun.append(number)
            yield number

    results = overlapped(lambda number: number, items(), 2)
    assert next(results) == 0 and len(begun) == 3
    results.close()  # type: ignore[attr-defined]
    assert len(begun) == 3


def test_an_error_comes_at_its_turn() -> None:
    results = overlapped(lambda number: 6 // (3 - number), range(10), 2)
    assert [next(results) for _ in range(3)] == [2, 3, 6]
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_many_photos_read_like_each_alone(hand_made: Path, tmp_path: Path) -> None:
    paths = []
    for number in range(23):
        pixels = np.zeros((200 + number, 300, 3), np.uint8)
        pixels[40:80, 20 + 5 * number : 170 + 5 * number] = 255 if number % 4 else 0
        paths.append(tmp_path / f"{number}.png")
        Image.fromarray(pixels).save(paths[-1])
    recognizer = LicensePlateRecognizer(hand_made, threads=3)
    together = recognizer.read(paths)
    assert together == [recognizer.read(path) for path in paths]
    assert [bool(plates) for plates in together] == [number % 4 != 0 for number in range(23)]
    paths[13].write_bytes(b"no photo")
    with pytest.raises(LprError, match=r"13\.png"):
        recognizer.read(paths)
