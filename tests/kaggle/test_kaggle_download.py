"""Downloads under faults: what comes is whole and right, or is not there."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from standin import StandIn

from lpr.base.errors import LprError
from lpr.kaggle.service.errors import KaggleError
from lpr.kaggle.service.inputs import find_dataset

NOISE = b"".join(hashlib.sha256(str(i).encode()).digest() for i in range(8000))
FILES = {"images/a.bin": NOISE, "train.json": b"{}"}


@pytest.fixture
def plates(kaggle: StandIn) -> StandIn:
    kaggle.state.put("bob/plates", FILES)
    return kaggle


def assert_downloaded(found_path: Path) -> None:
    assert (found_path / "images" / "a.bin").read_bytes() == NOISE
    assert (found_path / "train.json").read_bytes() == b"{}"


def assert_nothing_published(tmp_path: Path) -> None:
    """No folder that a later run could take for the data, and no temporary one."""
    below = tmp_path / "cache" / "kaggle" / "bob" / "plates"
    assert [path for path in below.glob("*") if path.is_dir()] == []


def test_resumes_after_a_cut(plates: StandIn) -> None:
    plates.fail("GET", "cut", after=100_000)
    plates.fail("GET", "cut", after=50_000)
    assert_downloaded(find_dataset("bob/plates/1").path)
    ranges = [asked.headers.get("Range") for asked in plates.asked if asked.what == "GET"]
    assert [r for r in ranges if r] == sorted(r for r in ranges if r)
    assert any(r and int(r[6:-1]) > 0 for r in ranges)


def test_a_later_run_carries_on(plates: StandIn, tmp_path: Path) -> None:
    plates.fail("GET", "cut", after=100_000)
    plates.fail("GET", "status", status=404, times=None)
    with pytest.raises(KaggleError):
        find_dataset("bob/plates/1")
    assert_nothing_published(tmp_path)
    [part] = (tmp_path / "cache").rglob("*.part")
    have = part.stat().st_size
    assert 0 < have <= 100_000
    plates.faults.clear()
    plates.asked.clear()
    assert_downloaded(find_dataset("bob/plates/1").path)
    assert f"bytes={have}-" in [asked.headers.get("Range") for asked in plates.asked]


def test_a_part_of_other_content_is_not_carried_on(plates: StandIn) -> None:
    plates.fail("GET", "cut", after=100_000)
    plates.fail("GET", "status", status=404, times=None)
    with pytest.raises(KaggleError):
        find_dataset("bob/plates/1")
    plates.faults.clear()
    version = plates.state.datasets["bob/plates"].versions[0]
    version.files["images/a.bin"] = NOISE[::-1]
    version.archive = None
    assert (find_dataset("bob/plates/1").path / "images" / "a.bin").read_bytes() == NOISE[::-1]


@pytest.mark.parametrize("where", ["DownloadDataset", "GET", "ListDatasetFiles", "GetDataset"])
@pytest.mark.parametrize("fault", [{"kind": "status", "status": 500}, {"kind": "reset"}])
def test_one_failure_is_survived_anywhere(plates: StandIn, where: str, fault: dict) -> None:
    plates.fail(where, **fault)
    assert_downloaded(find_dataset("bob/plates").path)


def test_500_for_ever_ends(plates: StandIn, tmp_path: Path) -> None:
    plates.fail("DownloadDataset", "status", status=500, times=None)
    with pytest.raises(KaggleError, match=r"fault of its own \(500\)"):
        find_dataset("bob/plates/1")
    assert plates.count("DownloadDataset") == 4
    assert_nothing_published(tmp_path)


def test_429_waits_as_long_as_asked(plates: StandIn) -> None:
    plates.fail("ListDatasetFiles", "status", status=429, headers={"Retry-After": "1"})
    started = time.monotonic()
    assert_downloaded(find_dataset("bob/plates/1").path)
    assert time.monotonic() - started >= 1


def test_429_for_too_long_is_an_error_at_once(plates: StandIn) -> None:
    plates.fail("ListDatasetFiles", "status", status=429, headers={"Retry-After": "3600"}, times=None)
    with pytest.raises(KaggleError, match=r"too many requests \(429\).*3600 s"):
        find_dataset("bob/plates/1")
    assert plates.count("ListDatasetFiles") == 1


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"kind": "status", "status": 401}, r"does not accept the credentials \(401\).*new token"),
        ({"kind": "status", "status": 403}, r"not allowed to \(403\).*owner's account"),
        ({"kind": "status", "status": 404}, r"not found \(404\).*private"),
        ({"kind": "body", "status": 404}, r"not found \(404\)"),
        ({"kind": "body", "status": 403, "message": "GPU quota exceeded"}, r"quota is reached \(GPU quota exceeded\)"),
    ],
)
def test_refusals_are_one_clear_line_and_are_not_retried(plates: StandIn, fault: dict, message: str) -> None:
    plates.fail("ListDatasetFiles", times=None, **fault)
    with pytest.raises(KaggleError, match=message) as caught:
        find_dataset("bob/plates/1")
    assert "\n" not in str(caught.value)
    assert plates.count("ListDatasetFiles") == 1


def test_connection_refused(plates: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with pytest.raises(KaggleError, match="not reachable; check the network and HTTP"):
        find_dataset("bob/plates/1")
    monkeypatch.setenv("KAGGLE_KERNEL_RUN_TYPE", "Interactive")
    with pytest.raises(KaggleError, match="switch Internet on"):
        find_dataset("bob/plates/1")


def test_truncated_zip_is_downloaded_once_more_then_refused(plates: StandIn, tmp_path: Path) -> None:
    version = plates.state.datasets["bob/plates"].versions[0]
    version.archive = version.zip()[:150_000]
    with pytest.raises(LprError, match=r"zip is damaged.*twice"):
        find_dataset("bob/plates/1")
    assert plates.count("DownloadDataset") == 2
    assert_nothing_published(tmp_path)
    version.archive = None
    assert_downloaded(find_dataset("bob/plates/1").path)


def test_a_flipped_bit_is_noticed(plates: StandIn, tmp_path: Path) -> None:
    version = plates.state.datasets["bob/plates"].versions[0]
    content = bytearray(version.zip())
    content[60_000] ^= 1
    version.archive = bytes(content)
    with pytest.raises(LprError, match="zip is damaged"):
        find_dataset("bob/plates/1")
    assert_nothing_published(tmp_path)


def test_wrong_size_is_noticed(plates: StandIn, tmp_path: Path) -> None:
    plates.state.datasets["bob/plates"].versions[0].sizes["train.json"] = 3
    with pytest.raises(LprError, match=r"train\.json has 2 bytes instead of 3"):
        find_dataset("bob/plates/1")
    assert_nothing_published(tmp_path)


def hostile(name: str, content: bytes = b"x", mode: int = 0o100644) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as bundle:
        entry = zipfile.ZipInfo(name)
        entry.external_attr = mode << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        bundle.writestr("train.json", b"{}")
        bundle.writestr(entry, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("archive", "message"),
    [
        (hostile("/etc/cron.d/job"), r"'/etc/cron\.d/job' has an absolute path"),
        (hostile("C:/Windows/job"), r"'C:/Windows/job' has an absolute path"),
        (hostile("images/../../../job"), r"'images/\.\./\.\./\.\./job' climbs out"),
        (hostile("images/link", b"/etc/passwd", 0o120777), "'images/link' is a link"),
        (hostile("pipe", b"", 0o010644), "'pipe' is no ordinary file"),
        (hostile("zeros.bin", bytes(60 << 20)), r"'zeros\.bin' inflates to more than 200 times"),
        (hostile("train.json/below"), "two entries claim"),
    ],
)
def test_hostile_entries_are_refused_by_name(plates: StandIn, tmp_path: Path, archive: bytes, message: str) -> None:
    version = plates.state.datasets["bob/plates"].versions[0]
    with zipfile.ZipFile(io.BytesIO(archive)) as bundle:
        version.files = {entry.filename: bytes(entry.file_size) for entry in bundle.infolist()}
    version.archive = archive
    with pytest.raises(LprError, match=message):
        find_dataset("bob/plates/1")
    assert_nothing_published(tmp_path)
    assert not (tmp_path.parent / "job").exists()


def test_too_large_for_the_disk_is_said_before_the_download(plates: StandIn) -> None:
    plates.state.datasets["bob/plates"].versions[0].sizes["images/a.bin"] = 10**16
    with pytest.raises(LprError, match=r"needs 10000000\.00 GB.*LPR_CACHE"):
        find_dataset("bob/plates/1")
    assert plates.count("DownloadDataset") == 0


def test_disk_full_while_extracting(plates: StandIn, tmp_path: Path) -> None:
    """A limit on the size of files stands for the full disk: the packed file fits, what is in it does not."""
    version = plates.state.datasets["bob/plates"].versions[0]
    version.files, version.archive = {"a.json": b"[" + b"1234567890," * 300_000 + b"0]"}, None
    code = (
        "import resource, sys\n"
        "from lpr.base.errors import LprError\n"
        "from lpr.kaggle.service.inputs import find_dataset\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))\n"
        "try: find_dataset('bob/plates/1')\n"
        "except LprError as error: sys.exit(str(error))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], env=os.environ, capture_output=True, text=True)
    assert done.returncode == 1
    assert "no room left on the disk" in done.stderr
    assert_nothing_published(tmp_path)
    plates.asked.clear()
    assert find_dataset("bob/plates/1").version == 1
    assert plates.count("DownloadDataset") == 0, "the zip had come whole and is used"


def test_interrupt_in_the_middle_leaves_only_what_can_be_resumed(plates: StandIn, tmp_path: Path) -> None:
    plates.fail("GET", "cut", after=100_000)
    plates.fail("GET", "status", status=429, headers={"Retry-After": "3"})
    code = "from lpr.kaggle.service.inputs import find_dataset; find_dataset('bob/plates/1')"
    process = subprocess.Popen([sys.executable, "-c", code], env=os.environ, stderr=subprocess.DEVNULL)
    while not list((tmp_path / "cache").rglob("*.part")):
        time.sleep(0.02)
    time.sleep(0.2)
    process.send_signal(2)
    assert process.wait(20) != 0
    assert_nothing_published(tmp_path)
    plates.faults.clear()
    assert_downloaded(find_dataset("bob/plates/1").path)


def test_listing_goes_through_all_pages(kaggle: StandIn) -> None:
    kaggle.state.put("bob/plates", {f"images/{i:04}.jpg": b"%d" % i for i in range(450)})
    found = find_dataset("bob/plates/1")
    assert len(list((found.path / "images").iterdir())) == 450
    assert kaggle.count("ListDatasetFiles") == 3


def test_secrets_stay_out_of_messages_and_of_what_is_kept(
    plates: StandIn, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    plates.fail("GET", "cut", after=100_000)
    plates.fail("GET", "status", status=500, times=None)
    with pytest.raises(KaggleError) as caught:
        find_dataset("bob/plates/1")
    output = capfd.readouterr()
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for secret in (plates.state.keys["alice"], "signed-url-secret"):
        assert secret not in output.out + output.err + str(caught.value)
        assert secret.encode() not in kept
