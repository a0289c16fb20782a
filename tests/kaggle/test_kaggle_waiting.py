"""What is said while something is waited for, and of sessions: state, log, no internet."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sandbox import ROOT, lpr
from standin import Kernel, StandIn

from lpr.base.errors import LprError
from lpr.kaggle import session
from lpr.kaggle.service.retry import RetryPolicy
from lpr.kaggle.sessions import script
from lpr.kaggle.sessions.output import attached

NAME = "alice/license-plate-training"


@pytest.fixture
def kernel(kaggle: StandIn) -> Kernel:
    kernel = kaggle.state.kernels.setdefault(NAME, Kernel("alice", "license-plate-training"))
    kernel.versions.append({})
    return kernel


def test_a_line_a_minute_says_what_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [0.0]
    monkeypatch.setattr("lpr.kaggle.service.retry.time.monotonic", lambda: now[0])
    monkeypatch.setattr("lpr.kaggle.service.retry.time.sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    for report in RetryPolicy(poll=5.0).polling(180.0, "the new version of alice/plates"):
        report("blobs_received")
    assert capsys.readouterr().err.splitlines() == [
        f"waiting for the new version of alice/plates: blobs_received, {minute} of at most 3 minutes"
        for minute in (1, 2, 3)
    ]


def test_waiting_for_a_session_is_not_silent(
    kaggle: StandIn, kernel: Kernel, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LPR_KAGGLE_ANNOUNCE", "0.001")
    kernel.states = ["QUEUED", "RUNNING", "COMPLETE"]
    assert lpr("kaggle", "status", "--kernel", NAME, "--wait") == 0
    said = capsys.readouterr()
    assert f"waiting for {NAME}: queued, " in said.err and f"waiting for {NAME}: running, " in said.err
    assert said.out == f"{NAME}: complete\n"


def test_state_and_failure_come_first_and_an_output_that_is_not_there_is_no_error(
    kaggle: StandIn, kernel: Kernel, capsys: pytest.CaptureFixture[str]
) -> None:
    kernel.states, kernel.failure, kernel.log = ["ERROR"], "no GPU quota is left", "the last words\n"
    assert lpr("kaggle", "status", "--kernel", NAME) == 1
    first, *rest = capsys.readouterr().out.splitlines()
    assert first == f"{NAME}: error (no GPU quota is left)" and rest == ["the end of its log:", "the last words"]
    kaggle.fail("ListKernelSessionOutput", "status", status=404, times=None)
    assert lpr("kaggle", "status", "--kernel", NAME) == 1
    assert capsys.readouterr().out.splitlines() == [first, "it has left no log"]
    assert lpr("kaggle", "status", "--kernel", NAME, "--json") == 1
    assert json.loads(capsys.readouterr().out) == {
        "kernel": NAME, "state": "ERROR", "failure": "no GPU quota is left", "log": [], "over": True
    }  # fmt: skip


@pytest.mark.parametrize("name", ["OWNER/license-plate-training", f"https://www.kaggle.com/code/{NAME}?scriptVersionId=1"])
def test_owner_and_a_pages_address_name_the_session(
    kaggle: StandIn, kernel: Kernel, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lpr("kaggle", "status", "--kernel", name) == 0
    assert capsys.readouterr().out == f"{NAME}: complete\n"
    assert lpr("kaggle", "fetch", "--kernel", name) == 2
    assert f"{NAME}: its output holds no session.json" in capsys.readouterr().err


def test_a_record_that_is_none_names_file_and_field(
    kaggle: StandIn, kernel: Kernel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    kernel.output = {"session.json": b'{"state": "done", "commit": "c0ffee"}'}
    assert lpr("kaggle", "fetch", "--kernel", NAME) == 2
    error = capsys.readouterr().err
    assert "session.json: " in error and "state is 'done'" in error and f"look at the page of {NAME}" in error


def test_another_inputs_file_of_the_records_name_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAGGLE_INPUT_ROOT", str(tmp_path))
    for name, content in (("a", "[]"), ("b", "{"), ("c", json.dumps({"kernel": NAME}))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "session.json").write_text(content)
    with pytest.raises(LprError, match=f"the output of {NAME} is not attached; .*; passed over: ") as caught:
        attached(NAME)
    assert f"{tmp_path / 'c' / 'session.json'}: commit: missing; " in str(caught.value)
    record = {
        "kernel": NAME, "commit": "c0ffee", "state": "stopped", "status": -2, "seconds": 60, "without_data": False,
        "environment": {"python": "3.11", "image_date": None, "machine": "here", "packages": {}}, "files": {},
    }  # fmt: skip
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "session.json").write_text(json.dumps(record))
    assert attached(NAME) == tmp_path / "d"


def test_settings_that_are_none_are_named_by_their_field(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["session", "--settings", '{"hours": "many", "hour": 3}'])
    with pytest.raises(SystemExit, match="2"):
        session.main()
    error = capsys.readouterr().err
    assert "argument --settings: hours is 'many': " in error and "hour: unknown key" in error


def test_what_names_no_session_is_refused(kaggle: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    assert lpr("kaggle", "status", "--kernel", "training") == 2
    assert "'training' names no session or notebook on Kaggle: write owner/slug" in capsys.readouterr().err


def test_a_log_is_followed_to_its_end_through_a_cut(
    kaggle: StandIn, kernel: Kernel, capsys: pytest.CaptureFixture[str]
) -> None:
    kernel.states = ["QUEUED", "RUNNING", "RUNNING", "COMPLETE"]
    kernel.live = ["epoch 1\n", "epoch 2\n", "epoch 3\n"]
    kaggle.fail("LOG", "cut", after=100)
    assert lpr("kaggle", "logs", "--kernel", NAME, "--follow") == 0
    assert capsys.readouterr().out.splitlines() == ["epoch 1", "epoch 2", "epoch 3", f"{NAME}: complete"]
    assert kaggle.count("LOG") == 3


def test_the_log_so_far(kaggle: StandIn, kernel: Kernel, capsys: pytest.CaptureFixture[str]) -> None:
    kernel.states = ["RUNNING"]
    assert lpr("kaggle", "logs", "--kernel", NAME) == 0
    assert "no log yet; --follow shows it as it comes" in capsys.readouterr().out
    kernel.log = json.dumps([{"stream_name": "stdout", "data": "installing\n"}])
    assert lpr("kaggle", "logs", "--kernel", NAME) == 0
    assert capsys.readouterr().out == "installing\n"
    assert lpr("kaggle", "logs", "--kernel", "alice/unknown") == 2


def test_a_session_without_internet_names_the_switch(tmp_path: Path) -> None:
    settings = {"repository": f"file://{tmp_path / 'nowhere'}", "commit": "c0ffee", "code": None}
    text = Path(script.__file__).read_text().replace("= {}  # filled", f"= {settings!r}  # filled")
    (tmp_path / "script.py").write_text(text)
    done = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "if the session has no Internet, switch it on" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("said", "hint"), [("Temporary failure in name resolution", True), ("no such version", False)]
)
def test_pip_without_internet_names_the_switch_and_is_not_tried_twice(tmp_path: Path, said: str, hint: bool) -> None:
    (tmp_path / "pip.py").write_text(
        f"import pathlib, sys\nwith pathlib.Path('asked').open('a') as log: log.write('x')\nsys.exit({said!r})\n"
    )
    (tmp_path / "requirements.txt").write_text("no-such-package-of-ours\n")
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    command = [sys.executable, "-m", "lpr.kaggle.install"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0 and said in done.stderr
    assert ("switch Internet on" in done.stderr) == hint
    assert len((tmp_path / "asked").read_text()) == (1 if hint else 2)
