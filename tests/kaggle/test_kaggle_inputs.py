from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from standin import StandIn

from lpr.base.errors import LprError
from lpr.kaggle.service.inputs import find_dataset
from lpr.kaggle.service.references import Reference, parse_reference

FILES = {"images/train/a.jpg": b"a" * 70_000, "annotations/train.json": b"{}"}


@pytest.mark.parametrize("text", ["o-w/s_lug", "o-w/s_lug/12", "o-w/s_lug/versions/12"])
def test_every_form_of_a_reference(text: str) -> None:
    version = 12 if "12" in text else None
    assert parse_reference(text) == Reference("o-w", "s_lug", version)
    assert str(parse_reference(text)) == ("o-w/s_lug/12" if version else "o-w/s_lug")


@pytest.mark.parametrize("text", ["", "slug", "o/s/0", "o/s/v2", "o/s/versions", "o/s/1/2", "../s", "o/s/-1", "o /s"])
def test_other_references_are_refused(text: str) -> None:
    with pytest.raises(LprError, match="owner/slug"):
        parse_reference(text)


def write(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def test_given_folder_comes_first_and_needs_no_network(
    kaggle: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "mine", FILES)
    write(tmp_path / "input" / "plates", FILES)
    monkeypatch.setenv("KAGGLE_DATA_PATH", str(tmp_path / "mine"))
    found = find_dataset("bob/plates/3")
    assert (found.path, found.version, found.how) == (tmp_path / "mine", None, "KAGGLE_DATA_PATH")
    output = capsys.readouterr()
    assert output.out.splitlines()[0].startswith("bob/plates/3: KAGGLE_DATA_PATH")
    assert "not checked" in output.err
    assert kaggle.asked == []


def test_given_folder_may_hold_several_datasets(
    kaggle: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "mine" / "bob" / "plates", FILES)
    write(tmp_path / "mine" / "cars", FILES)
    monkeypatch.setenv("KAGGLE_DATA_PATH", str(tmp_path / "mine"))
    assert find_dataset("bob/plates").path == tmp_path / "mine" / "bob" / "plates"
    assert find_dataset("eve/cars").path == tmp_path / "mine" / "cars"


def test_given_folder_that_is_missing(kaggle: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAGGLE_DATA_PATH", str(tmp_path / "nothing"))
    with pytest.raises(LprError, match=r"KAGGLE_DATA_PATH.*no such folder"):
        find_dataset("bob/plates")


@pytest.mark.parametrize("place", ["plates", "datasets/bob/plates"])
def test_mounted_input_is_compared_with_its_pin(kaggle: StandIn, tmp_path: Path, place: str) -> None:
    kaggle.state.put("bob/plates", {"old.jpg": b"old"})
    kaggle.state.put("bob/plates", FILES)
    write(tmp_path / "input" / place, FILES)
    found = find_dataset("bob/plates/2")
    assert (found.path, found.version, found.how) == (tmp_path / "input" / place, 2, "mounted input")
    assert found.licence == "CC0-1.0"
    assert kaggle.count("DownloadDataset") == 0
    with pytest.raises(LprError, match=r"not bob/plates/1.*old\.jpg is missing.*attach version 1"):
        find_dataset("bob/plates/1")


def test_unpinned_mount_is_given_its_number_and_a_warning(
    kaggle: StandIn, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kaggle.state.put("bob/plates", FILES)
    write(tmp_path / "input" / "plates", FILES)
    assert find_dataset("bob/plates").version == 1
    assert "write bob/plates/1" in capsys.readouterr().err
    kaggle.state.put("bob/plates", {"new.jpg": b"new"})
    assert find_dataset("bob/plates").version is None
    assert "not the newest" in capsys.readouterr().err


def test_mount_in_a_session_without_internet(
    kaggle: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "input" / "plates", FILES)
    monkeypatch.setenv("KAGGLE_KERNEL_RUN_TYPE", "Batch")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert find_dataset("bob/plates/4").version == 4
    assert "could not be checked" in capsys.readouterr().err


def test_empty_mount_is_an_error(kaggle: StandIn, tmp_path: Path) -> None:
    (tmp_path / "input" / "plates").mkdir(parents=True)
    with pytest.raises(LprError, match="empty"):
        find_dataset("bob/plates")


def test_download_then_cache(kaggle: StandIn, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kaggle.state.put("bob/plates", FILES)
    kaggle.state.put("bob/plates", {"new.jpg": b"new"})
    found = find_dataset("bob/plates/versions/1")
    assert (found.version, found.how) == (1, "Kaggle API")
    assert {p.relative_to(found.path).as_posix(): p.read_bytes() for p in found.path.rglob("*.*")} == FILES
    assert capsys.readouterr().out.splitlines()[0] == "bob/plates/1: Kaggle API"
    before = len(kaggle.asked)
    again = find_dataset("bob/plates/1")
    assert (again.path, again.how) == (found.path, "cached download")
    assert found.licence == again.licence == "CC0-1.0"
    assert len(kaggle.asked) == before
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.suffix in (".zip", ".part")]


def test_unpinned_download_names_the_version(kaggle: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    kaggle.state.put("bob/plates", FILES)
    kaggle.state.put("bob/plates", FILES)
    kaggle.state.datasets["bob/plates"].license = "unknown"
    found = find_dataset("bob/plates")
    assert (found.version, found.licence) == (2, None)
    assert "not pinned: version 2 is used; write bob/plates/2" in capsys.readouterr().err


def test_unpinned_falls_back_to_the_cache_offline(
    kaggle: StandIn, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kaggle.state.put("bob/plates", FILES)
    find_dataset("bob/plates")
    kaggle.fail("GetDataset", "reset", times=None)
    assert find_dataset("bob/plates").how == "cached download"
    assert "could not be asked" in capsys.readouterr().err


def test_a_cache_that_was_tampered_with_is_downloaded_anew(kaggle: StandIn) -> None:
    kaggle.state.put("bob/plates", FILES)
    found = find_dataset("bob/plates/1")
    (found.path / "annotations" / "train.json").unlink()
    assert find_dataset("bob/plates/1").how == "Kaggle API"
    assert (found.path / "annotations" / "train.json").read_bytes() == b"{}"


def test_public_data_needs_no_credentials(kaggle: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KAGGLE_USERNAME")
    monkeypatch.delenv("KAGGLE_KEY")
    kaggle.state.put("bob/plates", FILES)
    kaggle.state.put("bob/secret", FILES, private=True)
    assert find_dataset("bob/plates").version == 1
    with pytest.raises(LprError, match=r"(?s)not found.*private.*KAGGLE_API_TOKEN.*\n.*Secrets"):
        find_dataset("bob/secret")


def test_nothing_imports_the_client_before_it_is_needed() -> None:
    code = (
        "import sys, lpr, lpr.kaggle.service.inputs, lpr.kaggle.service.client, lpr.kaggle.service.download\n"
        "sys.exit('kaggle' in sys.modules or 'kagglesdk' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ)
