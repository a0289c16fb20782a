"""A machine like a Kaggle session's, in a folder: pushed scripts are run for real, their output is what the stand-in
gives out, and a small repository with a two-stage pipeline is there to be cloned."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from standin import Kernel, StandIn

from lpr.cli import main

ROOT = Path(__file__).parents[2]

PIPELINE = """\
stages:
  fetch_data:
    cmd: python toy.py fetch
    params: [seed]
    outs: [data]
  train:
    cmd: python toy.py train
    deps: [data]
    params: [train.batch_size]
    outs: [models]
    metrics:
      - results/train/metrics.json: {cache: false}
"""

TOY = """\
import json, os, pathlib, signal, sys, time
stop = []
signal.signal(signal.SIGINT, lambda *_: stop.append(1))
if sys.argv[1] == "fetch":
    pathlib.Path("data").mkdir(exist_ok=True)
    pathlib.Path("data/photo.txt").write_text("a photo")
    sys.exit()
state = pathlib.Path(".work/checkpoints/state.json")
step = json.loads(state.read_text())["step"] if state.exists() else 0
print("training", "resumes" if state.exists() else "begins", flush=True)
if "TOY_STARTED" in os.environ:
    pathlib.Path(os.environ["TOY_STARTED"]).touch()
pace = pathlib.Path(os.environ.get("TOY_PACE", "/nonexistent"))
for step in range(step, 6):
    until = time.monotonic() + (float(pace.read_text()) if pace.exists() else 0)
    while time.monotonic() < until and not stop:
        time.sleep(0.05)
    if pathlib.Path(os.environ.get("TOY_CRASH", "/nonexistent")).exists():
        sys.exit("the training has crashed")
    if stop:
        state.parent.mkdir(parents=True, exist_ok=True)
        state.write_text(json.dumps({"step": step}))
        sys.exit(130)
batch = [line for line in open("params.yaml") if line.startswith("  batch_size")][0].split(":")[1].split("#")[0]
pathlib.Path("models").mkdir(exist_ok=True)
pathlib.Path("models/ocr.pt").write_text("weights of batch size" + batch)
pathlib.Path("results/train").mkdir(parents=True, exist_ok=True)
pathlib.Path("results/train/metrics.json").write_text(json.dumps({"batch": int(batch)}))
state.unlink(missing_ok=True)
"""


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=Test", "-c", "user.email=test@localhost", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def lpr(*arguments: str) -> int:
    """Run the command in this process; the exit status."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    return int(caught.value.code or 0)


def dvc(*arguments: str) -> str:
    return subprocess.run([sys.executable, "-m", "dvc", *arguments], check=True, capture_output=True, text=True).stdout


def make_repository(folder: Path) -> None:
    """A repository with the library, and a pipeline of two stages that take no time; already run once by its author."""
    folder.mkdir(parents=True)
    shutil.copytree(ROOT / "lpr", folder / "lpr", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("params.yaml", ".gitignore"):
        shutil.copyfile(ROOT / name, folder / name)
    (folder / "requirements.txt").write_text("# what the toy needs\ndvc>=3\npyyaml\n")
    (folder / "dvc.yaml").write_text(PIPELINE)
    (folder / "toy.py").write_text(TOY)
    (folder / ".dvc").mkdir()
    (folder / ".dvc" / "config").write_text("[core]\n    analytics = false\n    check_update = false\n")
    (folder / ".dvc" / ".gitignore").write_text("/config.local\n/tmp\n/cache\n")
    (folder / "results" / "train").mkdir(parents=True)
    (folder / "results" / "train" / "metrics.json").write_text('{"batch": 8}')
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "config", "user.name", "Test")
    git(folder, "config", "user.email", "test@localhost")
    git(folder, "add", "-A")
    git(folder, "commit", "--quiet", "-m", "A small pipeline")


class Sandbox:
    """Runs each pushed kernel in a folder that looks like a session's machine."""

    def __init__(self, service: StandIn, folder: Path) -> None:
        self.service, self.folder = service, folder
        self.hours: float | None = None  # in place of the session's limit
        self.patience = 120.0  # seconds until a session counts as hung
        self.environment: dict[str, str] = {}
        self.threads: list[threading.Thread] = []
        service.state.on_push = self._push

    def _push(self, kernel: Kernel) -> None:
        kernel.states, kernel.output, kernel.log = ["RUNNING"], {}, ""
        thread = threading.Thread(target=self._run, args=(kernel, kernel.versions[-1]))
        self.threads.append(thread)
        thread.start()

    def wait(self) -> None:
        for thread in self.threads:
            thread.join(self.patience)

    def _run(self, kernel: Kernel, request: dict) -> None:
        machine = self.folder / f"machine-{len(self.threads)}"
        working, inputs = machine / "working", machine / "input"
        for folder in (working, inputs, machine / "tmp"):
            folder.mkdir(parents=True)
        for source in request.get("kernelDataSources", []):
            for name, content in self.service.state.kernels[source].output.items():
                path = inputs / source.split("/")[1] / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        for source in request.get("datasetDataSources", []):
            owner, slug, *number = source.split("/")
            version = self.service.state.datasets[f"{owner}/{slug}"].find(int(number[0]) if number else None)
            assert version is not None
            for name, content in version.files.items():
                path = inputs / "datasets" / owner / slug / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        text = request["text"]
        if self.hours is not None:
            # Whatever limit was asked for: the text is a Python string that holds JSON.
            text, count = re.subn(r'"hours": [0-9.]+', f'"hours": {self.hours}', text)
            assert count == 1
        (machine / "script.py").write_text(text)
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("KAGGLE_")},
            "KAGGLE_OUTPUT_PATH": str(working),
            "KAGGLE_INPUT_ROOT": str(inputs),
            "KAGGLE_KERNEL_RUN_TYPE": "Batch",
            "BUILD_DATE": "20261101-010203",
            "TMPDIR": str(machine / "tmp"),
            **self.environment,
        }
        done = subprocess.run(
            [sys.executable, "script.py"],
            cwd=machine, env=environment, capture_output=True, text=True, timeout=self.patience,
        )  # fmt: skip
        lines = (done.stdout + done.stderr).splitlines(keepends=True)
        kernel.log = "[" + "\n,".join(json.dumps({"stream_name": "stdout", "data": line}) for line in lines) + "]"
        kernel.output = {
            path.relative_to(working).as_posix(): path.read_bytes() for path in working.rglob("*") if path.is_file()
        }
        kernel.failure = f"exit status {done.returncode}" if done.returncode else ""
        kernel.states = ["ERROR" if done.returncode else "COMPLETE"]
