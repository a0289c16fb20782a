"""Folders are replaced whole or not at all, whatever comes between the two renames."""

from __future__ import annotations

from pathlib import Path

import pytest

from lpr.base.folders import replacing


def _names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_a_folder_that_was_not_there_is_written(tmp_path: Path):
    with replacing(tmp_path / "deep" / "models") as fresh:
        (fresh / "a").write_text("new")
    assert _names(tmp_path) == ["deep", "deep/models", "deep/models/a"]


def test_an_old_folder_is_replaced_whole(tmp_path: Path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "old").touch()
    with replacing(tmp_path / "models") as fresh:
        (fresh / "new").touch()
    assert _names(tmp_path) == ["models", "models/new"]


def test_an_error_in_the_block_leaves_the_old_folder(tmp_path: Path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "old").touch()
    with pytest.raises(ValueError, match="half"), replacing(tmp_path / "models") as fresh:
        (fresh / "new").touch()
        raise ValueError("half")
    assert _names(tmp_path) == ["models", "models/old"]


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, OSError])
def test_an_interruption_between_the_renames_brings_the_old_folder_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interruption: type[BaseException]
):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "old").touch()
    rename = Path.rename

    def interrupted(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise interruption
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(interruption), replacing(tmp_path / "models") as fresh:
        (fresh / "new").touch()
    assert _names(tmp_path) == ["models", "models/old"]
