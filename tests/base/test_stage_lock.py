"""Programs that outlive the DVC which started them: they end, and others wait for them. With real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lpr.base import stage_lock
from lpr.base.errors import LprError

ROOT = Path(__file__).parents[2]
HOLDER = "import time\nfrom pathlib import Path\nfrom lpr.base.stage_lock import alone\n" + (
    "with alone(Path('work'), 'x'):\n    print('holds', flush=True)\n    time.sleep(60)\n"
)

pytestmark = pytest.mark.skipif(os.name != "posix", reason="locks of files and signals")


def start(folder: Path, code: str, **variables: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    command = [sys.executable, "-c", code]
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)


def test_a_killed_process_leaves_no_lock_and_a_living_one_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    holder = start(tmp_path, HOLDER)
    assert holder.stdout is not None and holder.stdout.readline() == "holds\n"
    monkeypatch.setattr(stage_lock, "_PATIENCE", 0.3)
    busy = r"work: another stages\.export is at work here: wait for it, or end it"
    with pytest.raises(LprError, match=busy), stage_lock.alone(tmp_path / "work", "stages.export"):
        pass
    assert capsys.readouterr().out.count("waiting for another stages.export") == 1
    holder.kill()
    holder.wait()
    with stage_lock.alone(tmp_path / "work", "stages.export"):
        assert list((tmp_path / "work").iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells a process of its parent's end")
@pytest.mark.parametrize("under_dvc", [True, False])
def test_a_stage_ends_with_the_dvc_that_started_it(tmp_path: Path, under_dvc: bool) -> None:
    stage = "import os, time, stages\nprint(os.getpid(), flush=True)\ntime.sleep(60)\n"
    dvc = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {stage!r}])\n"
    started = start(tmp_path, dvc, **({"DVC_STAGE": "export"} if under_dvc else {}))
    assert started.stdout is not None
    number = int(started.stdout.readline())
    started.kill()
    started.wait()
    try:
        assert ended(number) == under_dvc
    finally:
        if not under_dvc:
            os.kill(number, signal.SIGKILL)


def ended(number: int) -> bool:
    """Whether a process ends within some seconds; what started by hand goes on, so that one has to be waited out."""
    for _ in range(100):
        try:
            if Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.02)
    return False


def test_what_a_killed_run_left_half_written_is_cleared(tmp_path: Path) -> None:
    (tmp_path / ".models-abc" / "new").mkdir(parents=True)
    (tmp_path / ".models-abc" / "new" / "ocr.onnx").write_bytes(b"half")
    (tmp_path / ".ocr-abc.pt").write_bytes(b"half")
    (tmp_path / "ocr.pt").write_bytes(b"whole")
    stage_lock.clear(tmp_path, ".models-*", ".ocr-*")
    assert [path.name for path in tmp_path.iterdir()] == ["ocr.pt"]
