"""Full disks, closed folders and files in the way: a stage ends in one line and leaves nothing half written."""

from __future__ import annotations

import importlib
import os
import resource
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lpr.base.files import sha256

Ends = Callable[[str], tuple[int, str]]
NOBODY = 65534
MODULES = (
    "lpr.fetching.build", "lpr.synthetic", "lpr.exporting.bundle", "lpr.evaluation.run", "lpr.publishing.publish",
    "onnxruntime",
)  # fmt: skip
"""What the stages import."""


def contents(folder: Path) -> dict[str, str]:
    """Every file, hidden ones too, with its hash."""
    return {path.relative_to(folder).as_posix(): sha256(path) for path in folder.rglob("*") if path.is_file()}


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let writing fail in the middle of a file, as on a full disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize(
    ("stage", "size", "named"),
    [
        ("fetch_data", 2_000, "the scratch database in .work: "),
        ("fetch_data", 60_000, "File too large; data/ was left as it was"),
        ("export", 100_000, "new/detector.onnx: File too large"),
        ("export", 195_000, "new/detector.pt: cannot be written"),
        ("evaluate", 100, "results/evaluate/metrics.json: File too large"),
        ("evaluate", 20_000, "results/evaluate/report.html: File too large"),
        ("publish", 100_000, "/version/detector.onnx: File too large"),
    ],
)
def test_a_full_disk_is_said_and_leaves_what_was_there(
    place: Path, ends: Ends, stage: str, size: int, named: str
) -> None:
    before = contents(place)
    with files_of_at_most(size):
        status, line = ends(stage)
    assert status == 2 and line.startswith("error: ") and named in line and "free space" in line
    after = contents(place)
    # Each result is written by itself; whole ones may be new.
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert {name for name in changed if not name.startswith("results/")} == set()
    assert [name for name in after if "/." in f"/{name}"] == []
    if stage in ("fetch_data", "publish"):  # the others leave nothing that a next run could meet
        assert ends(stage)[0] == 0


@contextmanager
def somebody() -> Iterator[None]:
    """Be a user whom permissions bind, and who may not even read the modules of some installations of Python."""
    for module in MODULES:
        importlib.import_module(module)
    if os.geteuid():
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize(
    ("stage", "closed", "named"),
    [
        ("fetch_data", "results", "results/fetch_data: Permission denied; data/ was left as it was"),
        ("export", ".", "Permission denied; make it accessible"),
        ("evaluate", "results/evaluate", "results/evaluate/metrics.json: Permission denied; make it accessible"),
        ("publish", ".", "registry: Permission denied; make it accessible"),
    ],
)
def test_a_read_only_folder_is_named(place: Path, ends: Ends, stage: str, closed: str, named: str) -> None:
    (place / closed).chmod(0o555)
    before = contents(place)
    with somebody():
        status, line = ends(stage)
    assert status == 2 and line.startswith("error: ") and named in line
    assert contents(place) == before


@pytest.mark.parametrize(
    ("stage", "blocked", "named"),
    [
        ("fetch_data", ".work", ".work/fetch_data"),
        ("evaluate", "results", "results/evaluate"),
        ("publish", "registry", "registry/OWNER_license-plate-models"),
    ],
)
def test_a_file_in_the_way_of_a_folder_is_named(
    place: Path, ends: Ends, stage: str, blocked: str, named: str
) -> None:
    shutil.rmtree(place / blocked, ignore_errors=True)
    (place / blocked).write_text("a note")
    assert ends(stage) == (2, f"error: {named}: Not a directory; move what is in the way, then run again")
