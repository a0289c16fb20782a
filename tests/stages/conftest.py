"""A place in which every stage but the trainings can run, in this process, and end with an error."""

from __future__ import annotations

import json
import runpy
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from lpr.base.files import sha256
from lpr.data.annotations import Entry, Plate, write_entries
from lpr.records.gates_file import Gate, save_gates
from tests.records_here import MANIFEST

ROOT = Path(__file__).parents[2]


@pytest.fixture
def place(random_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A working directory in which every stage but the trainings can run, open to every user of the machine."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
        rendered = {"name": "rendered", "kind": "synthetic", "use": "both", "photos": 3, "crops": 3, "style": "legible"}
        params["fetch_data"]["sources"] = [rendered]
        (folder / "params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
        for made in ("checkpoints", "models"):
            shutil.copytree(random_bundle.parent / made, folder / made)
        _write_data(folder / "data")
        for stage in ("fetch_data", "export", "evaluate", "publish"):
            (folder / ".work" / stage).mkdir(parents=True)
        judged = folder / "results" / "evaluate"
        judged.mkdir(parents=True)
        hashes = {path.name: sha256(path) for path in random_bundle.glob("*.[op][nt]*")}
        save_gates(judged / "gates.json", [Gate("end_to_end", 0.9, 0.85, ">=", True, "")], hashes)
        reading = {"right": None, "plates": None}
        metrics = {"end_to_end": {"right": 9, "total": 10}, "reading": reading, "detection": {"ap50": 0.9}}
        (judged / "metrics.json").write_text(json.dumps(metrics))
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o777 if path.is_dir() else 0o666)
        monkeypatch.chdir(folder)
        yield folder


def _write_data(data: Path) -> None:
    images = data / "images" / "test"
    images.mkdir(parents=True)
    entries = [Entry("a.jpg", (Plate((40, 50, 90, 24), "AB123", 1),)), Entry("b.jpg", text="KL65DKH", use="reading")]
    for entry in entries:
        pixels = np.random.default_rng(0).integers(0, 255, (80, 120, 3), np.uint8)
        Image.fromarray(pixels).save(images / entry.name)
    write_entries(data / "annotations" / "test.json", entries)
    write_entries(data / "annotations" / "val.json", [])
    (data / "manifest.json").write_text(json.dumps(MANIFEST))


@pytest.fixture
def ends(capsys: pytest.CaptureFixture[str]) -> Callable[[str], tuple[int, str]]:
    """Run a stage in this process, where the exporter is warm; return its status and the last line of its errors."""

    def run(stage: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as end:
            runpy.run_module(f"stages.{stage}", run_name="__main__")
        errors = capsys.readouterr().err
        assert "Traceback" not in errors
        return int(end.value.code or 0), (errors.splitlines() or [""])[-1]

    return run
