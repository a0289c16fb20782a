"""Drawn photographs and small runs of fetch_data."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fetching.drawn_photos import save
from tests.fetching.fetch_run import Run


@pytest.fixture
def own_set() -> Callable[..., Path]:
    """Write a folder in the project's own format: `own_set(folder, {"train": {name: entry}})`, drawing the images."""

    def write(folder: Path, splits: dict[str, dict[str, Any]], first_seed: int = 0) -> Path:
        seed = first_seed
        for split, entries in splits.items():
            for name in entries:
                save(folder / "images" / split / name, seed, quality=90)
                seed += 1
            (folder / "annotations").mkdir(exist_ok=True, parents=True)
            (folder / "annotations" / f"{split}.json").write_text(json.dumps(entries), encoding="utf-8")
        return folder

    return write


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path / "out")
