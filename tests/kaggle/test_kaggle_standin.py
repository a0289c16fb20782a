"""The stand-in, seen by the real client's own command line: what it speaks is what the client understands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from standin import StandIn


def client(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kaggle", *arguments]
    return subprocess.run(command, cwd=cwd, env=os.environ, capture_output=True, text=True, timeout=60)


def test_full_round_of_the_real_client(kaggle: StandIn, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.txt").write_text("first")
    (folder / "sub" / "b.txt").write_text("below")
    metadata = {"id": "alice/some-data", "title": "Some data", "licenses": [{"name": "CC0-1.0"}]}
    (folder / "dataset-metadata.json").write_text(json.dumps(metadata))

    kaggle.state.polls_until_ready = 0
    kaggle.fail("CreateDataset", "result")
    refused = client("datasets", "create", "-p", str(folder), "-r", "zip", cwd=tmp_path)
    assert refused.returncode == 0, "the quiet failure that this project has to guard against"
    assert kaggle.state.datasets == {}
    assert client("datasets", "create", "-p", str(folder), "-r", "zip", cwd=tmp_path).returncode == 0
    (folder / "a.txt").write_text("second, longer")
    made = client("datasets", "version", "-p", str(folder), "-m", "more", "-r", "zip", cwd=tmp_path)
    assert made.returncode == 0, made.stdout
    client("datasets", "download", "alice/some-data/2", "-p", "got", "--unzip", cwd=tmp_path)
    assert (tmp_path / "got" / "a.txt").read_text() == "second, longer"
    assert (tmp_path / "got" / "sub" / "b.txt").read_text() == "below"
    versions = kaggle.state.datasets["alice/some-data"].versions
    assert set(versions[0].files) == {"a.txt", "sub/b.txt"}
    assert [version.notes for version in versions] == ["Initial release", "more"]
