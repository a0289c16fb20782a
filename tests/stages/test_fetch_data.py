"""The stage as DVC runs it: a process in a folder with params.yaml."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from tests.fetching.drawn_photos import save

ROOT = Path(__file__).parents[2]


def prepare(folder: Path, *sources: dict, **changes: object) -> Path:
    """Write the repository's params.yaml with other sources."""
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    params["fetch_data"].update(sources=list(sources), **changes)
    folder.mkdir(exist_ok=True)
    (folder / "params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
    return folder


def command() -> tuple[list[str], dict[str, str]]:
    return [sys.executable, "-m", "stages.fetch_data"], {**os.environ, "PYTHONPATH": str(ROOT)}


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    arguments, environment = command()
    return subprocess.run(arguments, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)


def plates(folder: Path, count: int) -> Path:
    for number in range(count):
        save(folder / "images" / f"{number}.jpg", number, quality=90)
    entries = {f"{n}.jpg": {"plates": [{"bbox": [20, 30, 60, 20], "text": f"AB{n:05d}"}]} for n in range(count)}
    (folder / "all.json").write_text(json.dumps(entries))
    return folder


def test_the_stage_writes_its_outputs_and_nothing_else(tmp_path: Path) -> None:
    folder = prepare(
        tmp_path / "repo",
        {"name": "rendered", "kind": "synthetic", "use": "both", "photos": 4, "crops": 6, "style": "legible"},
        {"name": "mine", "kind": "path", "use": "both", "path": str(plates(tmp_path / "set", 10))},
    )
    done = run(folder)
    assert done.returncode == 0, done.stderr
    assert "mine: 10 photos, 0 crops, 10 plates, 10 with text (0 two-line); 0 of 10 entries rejected" in done.stdout
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    images = {name for name in files if name.startswith("data/images/")}
    assert len(images) == 20
    assert files - images == {
        "params.yaml",
        "data/manifest.json",
        *(f"data/annotations/{split}.json" for split in ("train", "val", "test")),
        *(f"results/fetch_data/{name}" for name in ("metrics.json", "details.json", "rejected.csv", "samples.jpg")),
    }


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({"path": "${LPR_SURELY_UNSET}/x"}, "the environment variable LPR_SURELY_UNSET is not set"),
        ({"path": "/no/such/folder"}, "source mine: path is '/no/such/folder': there is no folder"),
        ({"path": "set", "format": "wordy"}, "fetch_data.sources.0.format is 'wordy'"),
    ],
)
def test_what_the_user_can_mend_is_one_message_and_status_2(tmp_path: Path, source: dict, message: str) -> None:
    done = run(prepare(tmp_path, {"name": "mine", "kind": "path", "use": "both", **source}))
    assert done.returncode == 2
    assert message in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "data").exists()


def test_the_stage_says_what_the_data_can_do_and_refuses_what_can_do_nothing(tmp_path: Path) -> None:
    source = {"name": "mine", "kind": "path", "use": "detection", "path": str(plates(tmp_path / "set", 10))}
    done = run(prepare(tmp_path / "repo", source))
    assert done.returncode == 0, done.stderr
    assert "  judge detection: yes" in done.stdout and "  judge end to end: no" in done.stdout
    assert "  train the OCR: no" in done.stdout and "the shipped OCR is taken" in done.stdout
    done = run(prepare(tmp_path / "repo", source, shares={"train": 1.0, "val": 0.0, "test": 0.0}))
    assert done.returncode == 2
    assert "these data can neither train a model nor judge one; in params.yaml" in done.stderr
    assert "raise fetch_data.shares.val" in done.stdout and "raise fetch_data.shares.test" in done.stdout


def start_and_wait_for_images(folder: Path) -> subprocess.Popen[str]:
    arguments, environment = command()
    process = subprocess.Popen(
        arguments, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    inbox = folder / ".work" / "fetch_data" / "running" / "inbox"
    for _ in range(3000):
        if inbox.is_dir() and any(inbox.iterdir()):
            return process
        time.sleep(0.01)
    raise AssertionError(process.communicate(timeout=5))


def members(session: int) -> set[int]:
    """Return the living processes of a session."""
    found = set()
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            try:
                state, _, _, its_session = (path / "stat").read_text().rsplit(")", 1)[1].split()[:4]
            except OSError:
                continue
            if int(its_session) == session and state != "Z":
                found.add(int(path.name))
    return found


def wait_until_gone(session: int) -> None:
    for _ in range(500):
        if not members(session):
            return
        time.sleep(0.02)
    raise AssertionError(f"processes {members(session)} are left")


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at processes through /proc")
def test_interrupted_or_killed_it_leaves_no_half_data_and_no_processes(tmp_path: Path) -> None:
    source = {"name": "mine", "kind": "path", "use": "both", "path": str(plates(tmp_path / "set", 400))}
    folder = prepare(tmp_path / "repo", source)

    process = start_and_wait_for_images(folder)
    os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does: the workers get it too
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    assert not (folder / "data").exists() and not (folder / ".work" / "fetch_data" / "running").exists()
    wait_until_gone(process.pid)

    for deadly in (signal.SIGKILL, signal.SIGTERM):
        process = start_and_wait_for_images(folder)
        os.kill(process.pid, deadly)
        process.communicate(timeout=30)
        assert not (folder / "data").exists()
        wait_until_gone(process.pid)

    done = run(folder)
    assert done.returncode == 0, done.stderr
    assert len(list((folder / "data" / "images").rglob("*.jpg"))) == 400
    assert not (folder / ".work" / "fetch_data" / "running").exists()
