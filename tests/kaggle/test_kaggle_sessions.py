"""Sessions: the pushed script runs for real, in a sandbox with its own /kaggle and a file:// clone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sandbox import ROOT, Sandbox, dvc, git, lpr, make_repository
from standin import StandIn

from lpr.base.errors import LprError
from lpr.kaggle.install import missing
from lpr.kaggle.sessions.kernels import readable_log
from lpr.kaggle.sessions.push import push_session

PUBLIC = ("https://example.org/r.git", "https://example.org/owner/repository.git")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone, which is the working directory, of a small repository."""
    make_repository(tmp_path / "origin")
    subprocess.run(["git", "clone", "--quiet", f"file://{tmp_path / 'origin'}", str(tmp_path / "clone")], check=True)
    monkeypatch.chdir(tmp_path / "clone")
    # Git takes the origin for these addresses, so that they can be read.
    monkeypatch.setenv("GIT_CONFIG_COUNT", str(len(PUBLIC)))
    for number, address in enumerate(PUBLIC):
        monkeypatch.setenv(f"GIT_CONFIG_KEY_{number}", f"url.file://{tmp_path / 'origin'}.insteadOf")
        monkeypatch.setenv(f"GIT_CONFIG_VALUE_{number}", address)
    return tmp_path / "clone"


@pytest.fixture
def sandbox(kaggle: StandIn, tmp_path: Path, repository: Path) -> Sandbox:
    return Sandbox(kaggle, tmp_path / "sandbox")


def test_run_status_fetch(
    kaggle: StandIn, sandbox: Sandbox, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lpr("kaggle", "run", "--wait") == 0
    request = kaggle.state.kernels["alice/license-plate-training"].versions[0]
    assert request["machineShape"] == "NvidiaTeslaT4"
    assert request["isPrivate"] and request["enableInternet"]
    assert request["sessionTimeoutSeconds"] == 12 * 3600
    assert kaggle.state.keys["alice"] not in request["text"]

    last = repository / ".work" / "kaggle" / "last-session.json"
    right = last.read_text()
    last.write_text(right.replace('"run": "', '"run": "x'))
    assert lpr("kaggle", "fetch") == 2
    assert "output is of another run" in capsys.readouterr().err
    last.write_text(right)
    git(repository, "commit", "--quiet", "--allow-empty", "-m", "later")
    assert lpr("kaggle", "fetch") == 2
    assert "check that commit out" in capsys.readouterr().err
    assert not (repository / "dvc.lock").exists()
    git(repository, "reset", "--quiet", "--hard", "HEAD~1")

    assert lpr("kaggle", "fetch") == 0
    assert (repository / "models" / "ocr.pt").read_text().strip() == "weights of batch size 32"
    assert "up to date" in dvc("status")
    assert json.loads(dvc("metrics", "diff", "--json")) == {
        "results/train/metrics.json": {"batch": {"old": 8, "new": 32, "diff": 24}}
    }
    assert not (repository / ".work" / "kaggle" / "fetched").exists()

    output = kaggle.state.kernels["alice/license-plate-training"].output
    record = json.loads(output["session.json"])
    assert record["state"] == "complete"
    assert record["environment"]["image_date"] == "20261101-010203"
    assert "dvc" in record["environment"]["packages"]
    assert {"dvc.lock", "models/ocr.pt", "results/train/metrics.json", "objects.tar"} <= output.keys()


def test_an_experiment_of_a_private_repository_comes_back_with_its_parameters(
    kaggle: StandIn, sandbox: Sandbox, repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "origin").rename(tmp_path / "private")
    assert lpr("kaggle", "run", "-S", "train.batch_size=16") == 2
    assert "cannot be read without credentials, and a session has none" in capsys.readouterr().err
    git(repository, "commit", "--quiet", "--allow-empty", "-m", "never pushed")
    assert lpr("kaggle", "run", "--bundle", "-S", "train.batch_size=16", "--wait") == 0
    code = kaggle.state.datasets["alice/license-plate-code"]
    assert code.private and code.versions[0].files["commit.txt"].decode() == git(repository, "rev-parse", "HEAD")
    assert git(repository, "for-each-ref", "--format=%(refname)", "refs/heads") == "refs/heads/main"

    assert lpr("kaggle", "fetch") == 0
    assert "batch_size: 16" in (repository / "params.yaml").read_text()
    assert json.loads((repository / "results" / "train" / "metrics.json").read_text()) == {"batch": 16}
    assert "up to date" in dvc("status")
    assert git(repository, "for-each-ref", "refs/exps")
    assert lpr("kaggle", "fetch") == 2, "what was fetched is not committed, and would be overwritten"

    kaggle.state.on_push = lambda kernel: None
    push_session("HEAD", [], 1, None, None, bundle=True)
    assert len(code.versions) == 1, "the same commit is sent once"
    git(repository, "commit", "--quiet", "-am", "later")
    push_session("HEAD", [], 1, None, None, bundle=True)
    request = kaggle.state.kernels["alice/license-plate-training"].versions[-1]
    assert request["datasetDataSources"] == ["alice/license-plate-code/2"]


def test_it_stops_when_told_to_and_resumes(
    kaggle: StandIn, sandbox: Sandbox, repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pace, started, token = tmp_path / "pace", tmp_path / "started", tmp_path / "token"
    pace.write_text("1000")
    token.write_text(next(iter(kaggle.state.tokens)))
    sandbox.environment = {
        "TOY_PACE": str(pace),
        "TOY_STARTED": str(started),
        "LPR_KAGGLE_STOP_POLL": "0.2",
        # By these the client knows a session, and takes the session's own token.
        **kaggle.environment(),
        "KAGGLE_API_V1_TOKEN": str(token),
        "KAGGLE_DATA_PROXY_URL": kaggle.url,
    }
    assert lpr("kaggle", "run") == 0
    while not started.exists() and sandbox.threads[0].is_alive():
        time.sleep(0.05)
    assert lpr("kaggle", "stop") == 0
    assert "saves its trainings and ends within minutes" in capsys.readouterr().out
    assert kaggle.state.datasets["alice/license-plate-stop"].private
    sandbox.wait()
    first = kaggle.state.kernels["alice/license-plate-training"]
    assert json.loads(first.output["session.json"])["state"] == "stopped"
    assert "a stop is wanted" in "\n".join(readable_log(first.log))
    assert "work.tar" in first.output
    assert lpr("kaggle", "stop") == 0
    assert "complete already" in capsys.readouterr().out

    pace.write_text("0")
    last = repository / ".work" / "kaggle" / "last-session.json"
    last.rename(last.with_name("gone"))
    assert lpr("kaggle", "run", "--resume", "--wait") == 2, "nothing here says which session that is"
    assert lpr("kaggle", "run", "--resume", "OWNER/license-plate-training", "--wait") == 0
    second = kaggle.state.kernels["alice/license-plate-training-2"]
    assert second.versions[0]["kernelDataSources"] == ["alice/license-plate-training"]
    assert json.loads(second.output["session.json"])["state"] == "complete", "the note was for another run"
    log = "\n".join(readable_log(second.log))
    assert "training resumes" in log
    assert "Stage 'fetch_data' is cached" in log or "Stage 'fetch_data' didn't change" in log
    assert lpr("kaggle", "fetch") == 0
    assert "up to date" in dvc("status")
    kaggle.state.on_push = lambda kernel: None
    assert lpr("kaggle", "run", "--resume") == 0
    assert first.versions[-1]["kernelDataSources"] == ["alice/license-plate-training-2"]


def test_it_stops_before_its_time_is_up(kaggle: StandIn, sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "pace").write_text("1000")
    sandbox.environment = {"TOY_PACE": str(tmp_path / "pace")}
    sandbox.hours = 2 / 3600  # wherever a machine has got to by then, it is not done
    assert lpr("kaggle", "run", "--wait") == 0
    kernel = kaggle.state.kernels["alice/license-plate-training"]
    assert json.loads(kernel.output["session.json"])["state"] == "stopped"
    assert "the time is up" in "\n".join(readable_log(kernel.log))


def test_a_failed_session_shows_the_end_of_its_log(
    sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "crash").touch()
    sandbox.environment = {"TOY_CRASH": str(tmp_path / "crash")}
    assert lpr("kaggle", "run") == 0
    sandbox.wait()
    assert lpr("kaggle", "status") == 1
    output = capsys.readouterr().out
    assert "the training has crashed" in output
    assert "alice/license-plate-training: error (exit status" in output


@pytest.mark.parametrize("state", ["CANCEL_ACKNOWLEDGED", "ERROR"])
def test_cancelled_and_timed_out_kernels_fail(
    kaggle: StandIn, repository: Path, state: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lpr("kaggle", "run") == 0
    kernel = kaggle.state.kernels["alice/license-plate-training"]
    kernel.states, kernel.failure, kernel.log = ["QUEUED", "RUNNING", state], "time limit", "the last words\n"
    assert lpr("kaggle", "status", "--wait") == 1
    assert "the last words" in capsys.readouterr().out


def test_what_cannot_run_is_refused_before_the_push(
    kaggle: StandIn, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    git(repository, "commit", "--quiet", "--allow-empty", "-m", "local")
    for arguments, message in (
        (["--ref", "nonsense"], "is no commit"),
        ([], "git push first"),
        (["--timeout", "13"], "0.1 to 12"),
        (["--ref", "HEAD~1", "--repository", "ftp://host/x"], "clones by https"),
        (["-S", "nonsense"], "-S nonsense: not of the form key=value"),
        (["-S", "train.batch=3"], "-S train.batch=3: Could not override 'train.batch'"),
        (["-S", "train.batch_size=0"], "train.batch_size is 0: input should be greater than or equal to 1"),
        (["-S", "params.yaml:train.lr=fast"], "train.lr is 'fast': input should be a valid number"),
    ):
        assert lpr("kaggle", "run", *arguments) == 2
        assert message in capsys.readouterr().err
    assert kaggle.count("SaveKernel") == 0


def test_a_source_that_a_session_does_not_have_is_refused_before_the_push(
    kaggle: StandIn, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / "recipe.yaml").write_text(
        "fetch_data: {sources: [{name: mine, kind: path, path: '${LPR_PLATES}', use: both}]}\n"
    )
    assert lpr("params", "recipe.yaml") == 0
    git(repository, "commit", "--quiet", "-am", "recipe")
    assert lpr("kaggle", "run", "--repository", PUBLIC[0]) == 2
    assert "source mine is '${LPR_PLATES}', a folder that a session does not have" in capsys.readouterr().err
    assert kaggle.count("SaveKernel") == 0


@pytest.mark.parametrize(
    ("name", "shape"), [("t4", "NvidiaTeslaT4"), ("none", None), ("NvidiaTeslaP100", "NvidiaTeslaP100")]
)
def test_the_accelerator_is_chosen(kaggle: StandIn, repository: Path, name: str, shape: str | None) -> None:
    assert lpr("kaggle", "run", "--accelerator", name) == 0
    assert (kaggle.state.kernels["alice/license-plate-training"].versions[0].get("machineShape") or None) == shape


def test_no_credential_of_an_address_is_pushed(kaggle: StandIn, repository: Path) -> None:
    push_session("HEAD", [], 1, None, "https://user:hidden-token-9@example.org/owner/repository.git")
    push_session("HEAD", [], 1, None, "git@example.org:owner/repository.git")
    first, second = (v["text"] for v in kaggle.state.kernels["alice/license-plate-training"].versions)
    assert "hidden-token-9" not in first
    assert "https://example.org/owner/repository.git" in first
    assert "https://example.org/owner/repository.git" in second


def test_datasets_of_the_commit_are_attached(kaggle: StandIn, repository: Path) -> None:
    path = repository / "params.yaml"
    source = "    - {name: cars, kind: kaggle, dataset: bob/cars/versions/3, use: detection}\n"
    text = path.read_text()
    at = text.index("  shares:")
    path.write_text(text[:at] + source + text[at:])
    git(repository, "commit", "--quiet", "-am", "cars")
    push_session("HEAD", [], 1, None, "https://example.org/r.git")
    assert kaggle.state.kernels["alice/license-plate-training"].versions[0]["datasetDataSources"] == ["bob/cars/3"]
    kaggle.state.invalid_sources = ["bob/cars/3"]
    with pytest.raises(LprError, match=r"was started without bob/cars/3.*cancel it"):
        push_session("HEAD", [], 1, None, "https://example.org/r.git")


def test_a_lost_answer_starts_no_second_session(kaggle: StandIn, repository: Path) -> None:
    kaggle.fail("SaveKernel", "lost")
    push_session("HEAD", [], 1, None, "https://example.org/r.git")
    kaggle.fail("SaveKernel", "status", status=500)
    push_session("HEAD", [], 1, None, "https://example.org/r.git")
    assert len(kaggle.state.kernels["alice/license-plate-training"].versions) == 2
    kaggle.fail("SaveKernel", "result", message="Maximum weekly GPU quota reached")
    with pytest.raises(LprError, match="GPU quota reached"):
        push_session("HEAD", [], 1, None, "https://example.org/r.git")


def test_the_documented_notebook_cells(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = (ROOT / "docs" / "kaggle.md").read_text().split("```python\n!")[1].split("```")[0].splitlines()
    cells[0] = f"!{cells[0]}"
    assert len(cells) == 5
    monkeypatch.setenv("KAGGLE_OUTPUT_PATH", str(tmp_path / "working"))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    for cell in cells:
        line = cell.replace("https://github.com/OWNER/license-plate-recognition", f"file://{tmp_path / 'origin'}")
        line = line.replace("/tmp/lpr", str(tmp_path / "lpr"))
        if line.startswith("%cd "):
            monkeypatch.chdir(line[4:])
        else:
            subprocess.run(line[1:], shell=True, check=True, capture_output=True)
    assert json.loads((tmp_path / "working" / "session.json").read_text())["state"] == "complete"


def test_missing_requirements() -> None:
    lines = ["# a comment", "", "pytest>=1", "pytest>=999  # too new", "no-such-package-of-ours==1.0", "numpy"]
    assert missing(lines) == ["pytest>=999", "no-such-package-of-ours==1.0"]


def test_installing_keeps_what_is_there(tmp_path: Path) -> None:
    """A module in the place of pip notes what it is asked for; it refuses the first time, as pip does on a conflict."""
    (tmp_path / "pip.py").write_text(
        "import json, pathlib, sys\n"
        "log = pathlib.Path('asked.json')\n"
        "asked = json.loads(log.read_text()) if log.exists() else []\n"
        "pins = pathlib.Path(sys.argv[sys.argv.index('--constraint') + 1]).read_text().split()\n"
        "log.write_text(json.dumps([*asked, [sys.argv[1:], pins]]))\n"
        "sys.exit(not asked)\n"
    )
    (tmp_path / "requirements.txt").write_text("torch\npytest>=999\n# comment\nno-such-package-of-ours\n")
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    subprocess.run([sys.executable, "-m", "lpr.kaggle.install"], cwd=tmp_path, env=environment, check=True)
    first, second = json.loads((tmp_path / "asked.json").read_text())
    assert first[0][-2:] == ["pytest>=999", "no-such-package-of-ours"]
    assert {"torch", "pyyaml"} <= {pin.split("==")[0].lower() for pin in first[1]}
    assert not any(pin.startswith("pytest==") for pin in first[1])
    assert "torch" in {pin.split("==")[0] for pin in second[1]}
    assert "pyyaml" not in {pin.split("==")[0].lower() for pin in second[1]}


def test_logs_of_every_form() -> None:
    entries = [{"stream_name": "stdout", "data": "one\n"}, {"stream_name": "stderr", "data": "two\n"}]
    assert readable_log(json.dumps(entries[:1])) == ["one"]
    assert readable_log("[" + "\n,".join(map(json.dumps, entries)) + "\n]") == ["one", "two"]
    assert readable_log("\n".join(map(json.dumps, entries))) == ["one", "two"]
    assert readable_log("plain\ntext") == ["plain", "text"]
