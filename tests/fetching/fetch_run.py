"""Runs of fetch_data with small settings."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from lpr.fetching.build import Outputs, build_dataset
from lpr.records.params import FetchData


class Run:
    """The outputs of one run of fetch_data."""

    def __init__(self, root: Path) -> None:
        self.layout = Outputs(root / "data", root / "results", root / ".work")

    def __call__(self, *sources: dict[str, Any], workers: int = 1, seed: int = 7, **changes: Any) -> dict[str, Any]:
        values = {
            "sources": [{"kind": "path", "use": "both", "name": f"s{i}", **source} for i, source in enumerate(sources)],
            "shares": {"train": 0.6, "val": 0.2, "test": 0.2},
            "max_rejected": 1.0,
            "max_megapixels": 2.0,
            "max_side": 640,
            "jpeg_quality": 90,
            **changes,
        }
        return build_dataset(FetchData.model_validate(values), seed, self.layout, workers)

    def rejected(self) -> list[tuple[str, ...]]:
        with (self.layout.results / "rejected.csv").open(encoding="utf-8") as stream:
            return [tuple(row) for row in csv.reader(stream)][1:]

    def entries(self) -> dict[str, dict[str, Any]]:
        """Return `{split: {name: entry}}`."""
        folder = self.layout.data / "annotations"
        return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}

    def images(self) -> dict[str, bytes]:
        folder = self.layout.data
        return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
