"""Every way to sign in, in processes of their own: the client fixes some of it at import."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from standin import StandIn

from lpr.kaggle.service.client import Client
from lpr.kaggle.service.errors import KaggleError, retry_after, scrub, translate
from lpr.kaggle.service.references import Reference

ROOT = Path(__file__).parents[2]
WHO = """
import json, os, sys
from lpr.kaggle.service.client import Client
for way in json.loads(sys.stdin.read()):
    os.environ.update(way)
    print("account", Client().account)
    for name in way:
        del os.environ[name]
"""


def run_code(kaggle: StandIn, home: Path, code: str, given: str = "", **environment: str) -> list[str]:
    """Run code in a process that has these credentials only; return the lines it prints."""
    home.mkdir(exist_ok=True)
    base = {name: value for name, value in os.environ.items() if not name.startswith("KAGGLE_")}
    full = {**base, **kaggle.environment(), "HOME": str(home), "PYTHONPATH": str(ROOT), **environment}
    done = subprocess.run(
        [sys.executable, "-c", code], env=full, input=given, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    for secret in (kaggle.state.keys["alice"], *kaggle.state.tokens):
        assert secret not in done.stdout + done.stderr
    return done.stdout.strip().splitlines()


def test_every_way_through_variables_and_files(kaggle: StandIn, tmp_path: Path) -> None:
    token, key = next(iter(kaggle.state.tokens)), kaggle.state.keys["alice"]
    (tmp_path / "token").write_text(token)
    notebook = {"KAGGLE_KERNEL_RUN_TYPE": "Interactive", "KAGGLE_DATA_PROXY_URL": "http://localhost"}
    ways = [
        {"KAGGLE_USERNAME": "alice", "KAGGLE_KEY": key},
        {"KAGGLE_API_TOKEN": token},
        {"KAGGLE_API_TOKEN": str(tmp_path / "token")},
        {**notebook, "KAGGLE_API_V1_TOKEN": str(tmp_path / "token")},
        {},
    ]
    said = run_code(kaggle, tmp_path / "home", WHO, json.dumps(ways))
    assert said == ["account alice"] * 4 + ["account None"]


def test_kaggle_json(kaggle: StandIn, tmp_path: Path) -> None:
    folder = tmp_path / "config"
    folder.mkdir()
    file = folder / "kaggle.json"
    file.write_text(json.dumps({"username": "alice", "key": kaggle.state.keys["alice"]}))
    # Readable by all: the client's warning about it must not spoil what a command prints.
    file.chmod(0o644)
    assert run_code(kaggle, tmp_path / "home", WHO, "[{}]", KAGGLE_CONFIG_DIR=str(folder)) == ["account alice"]


def test_a_notebooks_secrets(kaggle: StandIn, tmp_path: Path) -> None:
    """The module stands for the one of the notebook's image; missing secrets raise there, too."""
    (tmp_path / "image").mkdir()
    (tmp_path / "image" / "kaggle_secrets.py").write_text(
        "class UserSecretsClient:\n"
        "    def get_secret(self, name):\n"
        f"        return {{'KAGGLE_USERNAME': 'alice', 'KAGGLE_KEY': {kaggle.state.keys['alice']!r}}}[name]\n"
    )
    path = os.pathsep.join([str(ROOT), str(tmp_path / "image")])
    way = {"KAGGLE_KERNEL_RUN_TYPE": "Batch", "PYTHONPATH": path}
    assert run_code(kaggle, tmp_path / "home", WHO, "[{}]", **way) == ["account alice"]


def test_nobody_is_signed_in(kaggle: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KAGGLE_USERNAME")
    monkeypatch.delenv("KAGGLE_KEY")
    with pytest.raises(KaggleError) as caught:
        Client().need_account("publishing")
    said = str(caught.value)
    assert all(way in said for way in ("KAGGLE_API_TOKEN", "KAGGLE_USERNAME and KAGGLE_KEY", "kaggle.json", "secrets"))
    assert said.count("\n") == 1


def test_a_token_that_nobody_has(kaggle: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KAGGLE_USERNAME")
    monkeypatch.delenv("KAGGLE_KEY")
    monkeypatch.setenv("KAGGLE_API_TOKEN", "a-token-that-nobody-has")
    with pytest.raises(KaggleError, match="does not accept the access token in KAGGLE_API_TOKEN") as caught:
        Client().need_account("publishing")
    assert "a-token-that-nobody-has" not in str(caught.value)
    kaggle.fail("IntrospectToken", "status", status=401, times=None)
    with pytest.raises(KaggleError, match=r"signing in to Kaggle: Kaggle does not accept the credentials \(401\)"):
        Client()


def test_the_clients_verbose_mode_prints_no_secret(kaggle: StandIn, tmp_path: Path) -> None:
    kaggle.state.put("bob/plates", {"a.txt": b"a"})
    code = "from lpr.kaggle.service.inputs import find_dataset; print(find_dataset('bob/plates/1').how)"
    key = kaggle.state.keys["alice"]
    environment = {"KAGGLE_USERNAME": "alice", "KAGGLE_KEY": key, "VERBOSE": "1", "VERBOSE_OUTPUT": "true"}
    home = tmp_path / "home"
    home.mkdir()
    full = {**os.environ, **kaggle.environment(), "HOME": str(home), "PYTHONPATH": str(ROOT), **environment}
    done = subprocess.run([sys.executable, "-c", code], env=full, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "Kaggle API"
    for secret in (key, base64.b64encode(f"alice:{key}".encode()).decode(), "signed-url-secret"):
        assert secret not in done.stdout + done.stderr


def test_wrong_key(kaggle: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAGGLE_KEY", "wrong-key-000")
    with pytest.raises(KaggleError, match=r"does not accept the credentials \(401\).*clock") as caught:
        Client().files(Reference("alice", "plates"))
    assert "wrong-key-000" not in str(caught.value)


def test_the_token_check_is_retried(kaggle: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KAGGLE_USERNAME")
    monkeypatch.delenv("KAGGLE_KEY")
    monkeypatch.setenv("KAGGLE_API_TOKEN", next(iter(kaggle.state.tokens)))
    kaggle.fail("IntrospectToken", "status", status=500, times=2)
    assert Client().account == "alice"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("certificate verify failed: certificate is not yet valid", "set this machine's clock"),
        ("certificate verify failed: certificate has expired", "set this machine's clock"),
        ("certificate verify failed: self-signed certificate in chain", "REQUESTS_CA_BUNDLE"),
    ],
)
def test_clock_and_tls(text: str, message: str) -> None:
    problem = translate(requests.exceptions.SSLError(text), "asking")
    assert message in str(problem) and not problem.temporary


def test_no_name_server() -> None:
    error = requests.exceptions.ConnectionError(
        "NameResolutionError: Failed to resolve 'api.kaggle.com'?key=abcdefghij"
    )
    assert str(translate(error, "asking")) == "asking: Kaggle is not reachable; check the network and the name server"


def test_scrub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAGGLE_KEY", "very-secret-key")
    assert scrub("GET https://storage/x.zip?X-Sig=abc failed") == "GET https://storage/x.zip failed"
    assert scrub("key very-secret-key is\nbad") == "key *** is bad"
    assert "abcdef123456" not in scrub("Authorization: Bearer abcdef123456")


def test_retry_after_in_both_forms() -> None:
    assert retry_after("7") == 7
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert (retry_after("Wed, 21 Oct 2099 07:28:00 GMT") or 0) > 1e8
    assert retry_after("soon") is None and retry_after(None) is None


def test_commands_without_kaggle_never_load_the_client(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from lpr.cli import main\n"
        "try: main(['kaggle', '--help'])\n"
        "except SystemExit: pass\n"
        "import lpr, lpr.publishing.publish, stages.publish, stages.fetch_data, lpr.commands.kaggle\n"
        "sys.exit('kaggle' in sys.modules or 'kagglesdk' in sys.modules)\n"
    )
    environment = {**os.environ, "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True)
