"""Archives of anybody's: whole and harmless, or one error; nothing half, nothing outside."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from lpr.base.errors import LprError
from lpr.kaggle.service.archive import BadArchiveError, extract
from lpr.kaggle.sessions.output import restore, restore_checkpoints
from lpr.kaggle.storage.dvc_files import unpack

CONTENT = b"some content that packs " * 200


def zipped(path: Path, packing: int, name: str = "a.txt") -> Path:
    with zipfile.ZipFile(path, "w", packing) as bundle:
        entry = zipfile.ZipInfo("x")
        entry.filename = name
        bundle.writestr(entry, CONTENT, packing)
    return path


def assert_refused(path: Path, listed: dict[str, int], message: str, kind: type[LprError] = LprError) -> None:
    target = path.parent / "out"
    with pytest.raises(kind, match=message):
        extract(path, target, listed, "bob/plates/1")
    assert sorted(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("name", ["", " "])
def test_an_entry_without_a_name_is_refused(tmp_path: Path, name: str) -> None:
    assert_refused(zipped(tmp_path / "a.zip", zipfile.ZIP_STORED, name), {}, "has an impossible name")


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_damaged_contents_are_a_damaged_zip_however_they_are_packed(tmp_path: Path, packing: int) -> None:
    path = zipped(tmp_path / "a.zip", packing)
    data = bytearray(path.read_bytes())
    data[50:60] = bytes(10)
    path.write_bytes(data)
    assert_refused(path, {"a.txt": len(CONTENT)}, "bob/plates/1: the zip is damaged", BadArchiveError)


def test_a_name_that_is_no_text_is_a_damaged_zip(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", zipfile.ZIP_STORED, "é.txt")
    path.write_bytes(path.read_bytes().replace("é".encode(), b"\xff\xfe"))
    assert_refused(path, {}, "the zip is damaged", BadArchiveError)


OBJECT = "files/md5/5d/41402abc4b2a76b9719d911017c592"  # of "hello"
STATE = ".work/checkpoints/ocr-key/state.pt"


def tarred(path: Path, name: str, mode: str = "w", kind: bytes = tarfile.REGTYPE, size: int = 5) -> Path:
    with tarfile.open(path, mode) as bundle:
        info = tarfile.TarInfo(name)
        info.type, info.size = kind, size
        bundle.addfile(info, io.BytesIO(b"hello") if size == 5 else None)
    return path


def resized(path: Path, size: int) -> Path:
    """Set the size in the first header, which may be negative, with the right checksum."""
    data = bytearray(path.read_bytes())
    data[124:136] = (size & ((1 << 96) - 1)).to_bytes(12, "big")
    data[124] = 0xFF if size < 0 else 0x80
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])
    path.write_bytes(data)
    return path


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_tars_in_order_are_unpacked(tmp_path: Path) -> None:
    assert unpack(tarred(tmp_path / "a.tar", OBJECT), tmp_path / "cache") == 1
    restore_checkpoints(tarred(tmp_path / "b.tar", STATE))
    assert Path(STATE).read_bytes() == b"hello"


@pytest.mark.parametrize("name", [OBJECT, STATE])
def test_tars_that_are_none_are_one_error_and_leave_nothing(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.tar"

    def assert_refused() -> None:
        with pytest.raises(LprError, match=r"a\.tar: (damaged|refused)"):
            unpack(path, tmp_path / "cache") if name == OBJECT else restore_checkpoints(path)
        left = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
        assert left == {"a.tar"}

    for content in (b"", b"no tar at all " * 100, tarred(path, name).read_bytes()[:514]):
        path.write_bytes(content)
        assert_refused()
    tarred(path, name, "w:gz")  # what is compressed may be a thousand times as large
    assert_refused()
    for size, kind in ((-512, b"0"), (-1024, b"0"), (1 << 40, b"0"), (1 << 70, b"x")):
        resized(tarred(path, name, kind=kind), size)
        assert_refused()


@pytest.mark.parametrize(
    "name", [".work/checkpoints", ".work/checkpoints/../../x", ".work/checkpoints/a/b/c", f"{STATE}/" + "x" * 300, "/x"]
)
def test_states_have_their_place(tmp_path: Path, name: str) -> None:
    (tmp_path / ".work" / "checkpoints").mkdir(parents=True)
    with pytest.raises(LprError, match=r"a\.tar: refused"):
        restore_checkpoints(tarred(tmp_path / "a.tar", name))


def test_a_state_where_a_folder_should_be_names_the_file(tmp_path: Path) -> None:
    restore_checkpoints(tarred(tmp_path / "a.tar", ".work/checkpoints/ocr-key"))
    with pytest.raises(LprError, match=r"state\.pt: cannot be written"):
        restore_checkpoints(tarred(tmp_path / "b.tar", STATE))


@pytest.mark.parametrize("refused", ["objects.tar", "work.tar"])
def test_what_a_session_left_overwrites_nothing_where_a_part_of_it_is_refused(tmp_path: Path, refused: str) -> None:
    session = tmp_path / "session"
    names = ("dvc.lock", "params.yaml", "results/metrics.json")
    for folder, content in ((session, "theirs"), (tmp_path, "ours")):
        (folder / "results").mkdir(parents=True)
        for name in names:
            (folder / name).write_text(content)
    (tmp_path / ".dvc").mkdir()
    for name, member in (("objects.tar", OBJECT), ("work.tar", STATE)):
        tarred(session / name, "no name of ours" if name == refused else member)
    with pytest.raises(LprError, match=f"{refused}: refused"):
        restore(session)
    assert [(tmp_path / name).read_text() for name in names] == ["ours"] * 3
    tarred(session / refused, OBJECT if refused == "objects.tar" else STATE)
    restore(session)
    assert [(tmp_path / name).read_text() for name in names] == ["theirs"] * 3
