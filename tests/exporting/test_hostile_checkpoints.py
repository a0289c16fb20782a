"""Checkpoints of anybody's: tensors and plain values alone, in the memory of the file's own size."""

from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch

from lpr.base.errors import LprError
from lpr.evaluation.graph import checkpoint_weights
from lpr.exporting.checkpoint import load_checkpoint
from lpr.training.engine.checkpoint import Resume
from tests.tiny import checkpoint


def save(path: Path, **changes: Any) -> Path:
    torch.save({**checkpoint("ocr"), **changes}, path)
    return path


def repacked(path: Path, packing: int, content: bytes | None = None) -> Path:
    """Write the entries anew; with `content` in the place of the pickle."""
    stream = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(stream, "w", packing) as new:
        for name in old.namelist():
            new.writestr(name, content if content and name.endswith("data.pkl") else old.read(name))
    path.write_bytes(stream.getvalue())
    return path


def test_compressed_entries_are_refused(tmp_path: Path) -> None:
    path = repacked(save(tmp_path / "ocr.pt"), zipfile.ZIP_DEFLATED)
    for read in (lambda: load_checkpoint(path, "ocr"), lambda: checkpoint_weights(path)):
        with pytest.raises(LprError, match=r"ocr\.pt: (damaged|not readable)"):
            read()


@pytest.mark.parametrize("size", [(1 << 33,), (1 << 40,), (1 << 20, 1 << 20)])
def test_tensors_that_are_larger_than_what_is_stored_are_refused(tmp_path: Path, size: tuple[int, ...]) -> None:
    path = save(tmp_path / "ocr.pt", weights={"a": torch.zeros(1).expand(size)})
    for read in (lambda: load_checkpoint(path, "ocr"), lambda: checkpoint_weights(path)):
        with pytest.raises(LprError, match=r"ocr\.pt: (damaged|not readable)"):
            read()
    state = tmp_path / "ocr-key" / "state.pt"
    state.parent.mkdir()
    torch.save({"step": 1, "sums": [torch.zeros(1).expand(size)]}, state)
    assert Resume(tmp_path, "ocr", "key").load() is None
    assert state.with_suffix(".damaged").exists()


@pytest.mark.parametrize("width", [10**6, 1 << 62, 10**400, -4, 4.5, "4", [4], torch.ones(2)])
def test_a_width_that_is_not_that_of_the_weights_names_the_file(tmp_path: Path, width: Any) -> None:
    path = save(tmp_path / "ocr.pt", arguments={"width": width})
    with pytest.raises(LprError, match=r"ocr\.pt: does not fit the network"):
        load_checkpoint(path, "ocr").module()


def test_a_checkpoint_in_order_gives_a_network_that_holds_its_weights(tmp_path: Path) -> None:
    loaded = load_checkpoint(save(tmp_path / "ocr.pt"), "ocr")
    module = loaded.module()
    assert {tensor.device.type for tensor in (*module.parameters(), *module.buffers())} == {"cpu"}
    assert all(torch.equal(value, loaded.value["weights"][name]) for name, value in module.state_dict().items())


def nested() -> Any:
    value: Any = [1] * 10
    for _ in range(12):
        value = [value] * 10
    return value


@pytest.mark.parametrize(
    "changes",
    [
        {"settings": {"margin": 10**400}},
        {"settings": {"margin": torch.ones(3)}},
        {"format": torch.ones(3)},
        {"format": nested()},
        {"weights": {"a": torch.zeros(3, dtype=torch.complex64, device="meta")}},
        {"weights": {"a": torch.sparse_coo_tensor(torch.zeros(1, 1, dtype=torch.long), torch.ones(1), (1 << 40,))}},
    ],
)
def test_values_of_any_kind_name_the_file_shortly(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(LprError, match=r"ocr\.pt: (damaged|not a checkpoint)") as caught:
        load_checkpoint(save(tmp_path / "ocr.pt", **changes), "ocr")
    assert len(str(caught.value)) < 1000


class Runs:
    def __reduce__(self) -> Any:
        return Path.mkdir, (Path("executed"),)


def test_no_pickle_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = repacked(save(tmp_path / "ocr.pt"), zipfile.ZIP_STORED, pickle.dumps(Runs(), 2))
    (tmp_path / "ocr-key").mkdir()
    (tmp_path / "ocr-key" / "state.pt").write_bytes(path.read_bytes())
    with pytest.raises(LprError, match=r"ocr\.pt: damaged"):
        load_checkpoint(path, "ocr")
    assert Resume(tmp_path, "ocr", "key").load() is None
    assert not (tmp_path / "executed").exists()
