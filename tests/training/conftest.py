from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tiny_set import write_tiny_set

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def tiny_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_set(tmp_path_factory.mktemp("tiny") / "data")


@pytest.fixture
def project(tmp_path: Path, tiny_set: Path) -> Callable[..., Path]:
    """Return a maker of folders in which the training stages run: tiny data, tiny networks."""

    def make(name: str = "project", **changes: Any) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        shutil.copytree(tiny_set, folder / "data", copy_function=os.link)
        for package in ("lpr", "stages"):
            (folder / package).symlink_to(ROOT / package)
        shutil.copy(ROOT / "dvc.yaml", folder)
        params = yaml.safe_load((ROOT / "params.yaml").read_text())
        params["train"].update(batch_size=4, workers=0, device="cpu", checkpoint_seconds=0)
        params["detector"].update(width=4, epochs=2, cache_side=224)
        params["ocr"].update(width=4, epochs=3)
        for key, value in changes.items():
            section, _, field = key.partition("__")
            params[section][field] = value
        (folder / "params.yaml").write_text(yaml.safe_dump(params))
        return folder

    return make
