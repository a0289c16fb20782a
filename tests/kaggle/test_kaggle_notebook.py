"""notebooks/kaggle.ipynb: made from its source, without outputs, and run cell by cell in a real kernel."""

from __future__ import annotations

import base64
import io
import json
import os
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from PIL import Image
from standin import StandIn

from notebooks.make import NOTEBOOK, make
from tests.kaggle.conftest import QUICK
from tests.pipeline.dvc_clone import Clone, first_clone

MODELS = "alice/license-plate-models"


def text_of(cell: Any) -> str:
    """What a cell printed."""
    return "".join(output.get("text", "") for output in cell.outputs)


def pictures_of(cell: Any) -> list[Image.Image]:
    """The pictures that a cell shows, whole."""
    found = []
    for output in cell.outputs:
        for kind in ("image/png", "image/jpeg"):
            if kind in output.get("data", {}):
                picture = Image.open(io.BytesIO(base64.b64decode(output["data"][kind])))
                picture.load()
                found.append(picture)
    return found


def cell_with(notebook: Any, words: str) -> Any:
    (cell,) = (cell for cell in notebook.cells if cell.cell_type == "code" and words in cell.source)
    return cell


def test_the_committed_notebook_is_what_the_source_makes_and_has_no_outputs() -> None:
    committed = NOTEBOOK.read_text(encoding="utf-8")
    assert committed == f"{nbformat.writes(make())}\n", "run `python -m notebooks.make`, and commit what it writes"
    code = [cell for cell in nbformat.reads(committed, 4).cells if cell.cell_type == "code"]
    assert len(code) > 5 and all(cell.outputs == [] and cell.execution_count is None for cell in code)
    assert "PUBLISH = False" in cell_with(make(), "REPOSITORY = ").source


@pytest.fixture
def environment(kaggle: StandIn, source: Clone, tmp_path: Path) -> dict[str, str]:
    """The variables of a kernel on Kaggle, where alice's key is a secret of the notebook."""
    (tmp_path / "image").mkdir()
    (tmp_path / "image" / "kaggle_secrets.py").write_text(
        "class UserSecretsClient:\n"
        "    def get_secret(self, name):\n"
        f"        return {{'KAGGLE_USERNAME': 'alice', 'KAGGLE_KEY': {kaggle.state.keys['alice']!r}}}[name]\n"
    )
    return {
        **source.environment(),
        **kaggle.environment(),
        **QUICK,
        "KAGGLE_CONFIG_DIR": str(tmp_path / "config"),
        "KAGGLE_KERNEL_RUN_TYPE": "Interactive",
        "KAGGLE_INPUT_ROOT": str(tmp_path / "input"),
        "LPR_CACHE": str(tmp_path / "cache"),
        "HOME": str(tmp_path),
        "TMPDIR": os.environ["TMPDIR"],
        "PYTHONPATH": str(tmp_path / "image"),
    }


@pytest.fixture
def source(tmp_path: Path) -> Clone:
    """What the notebook clones: the working tree, with settings that train in seconds."""
    return first_clone(tmp_path / "source")


@pytest.mark.timeout(1800)  # the whole pipeline runs in it
def test_every_cell_runs_and_publishing_is_a_switch(
    kaggle: StandIn, source: Clone, environment: dict[str, str], tmp_path: Path
) -> None:
    clone, output = Clone(tmp_path / "lpr", source.home), tmp_path / "working"
    notebook = nbformat.read(NOTEBOOK, 4)
    parameters = cell_with(notebook, "REPOSITORY = ")
    assert parameters.metadata.tags == ["parameters"]
    parameters.source += (
        f"\nREPOSITORY, CLONE, OUTPUT = {str(source.path)!r}, {str(clone.path)!r}, {str(output)!r}"
        f"\nPARAMS = {{'train': {{'lr': 0.004}}}}"
    )
    kaggle.state.polls_until_ready = 0
    client = NotebookClient(notebook, timeout=1700)
    with client.setup_kernel(env=environment, cwd=str(tmp_path)):
        for number, cell in enumerate(notebook.cells):
            client.execute_cell(cell, number)

        assert "train.lr: 0.002 -> 0.004" in text_of(cell_with(notebook, "lpr.kaggle.install"))
        data = cell_with(notebook, '"fetch_data")')
        assert "rendered: 16 photos, 32 crops" in text_of(data) and len(pictures_of(data)) == 1
        assert "Running stage 'evaluate'" in text_of(cell_with(notebook, '"evaluate"'))
        metrics = cell_with(notebook, "draw_curves(")
        trained = clone.read("results/train_ocr/metrics.json")
        assert "reading.plate_accuracy" in text_of(metrics) and str(trained["character_accuracy"]) in text_of(metrics)
        assert [picture.format for picture in pictures_of(metrics)] == ["PNG", "JPEG"]
        readings = cell_with(notebook, "sample_photos(")
        drawn = pictures_of(readings)
        assert 0 < len(drawn) <= 6 and text_of(readings).count("data/images/test/") == len(drawn)
        gates = text_of(cell_with(notebook, '"gates"'))
        assert re.search(r"^FAIL +model_kilobytes", gates, re.MULTILINE) and "repeatability" in gates

        record = json.loads((output / "session.json").read_text())
        assert record["state"] == "complete" and "publish" not in clone.read("dvc.lock")["stages"]
        assert text_of(notebook.cells[-1]) == "not published: PUBLISH is False\n"
        assert MODELS not in kaggle.state.datasets

        # No model that trains in seconds meets its gates: they are met by hand.
        verdicts = clone.path / "results/evaluate/gates.json"
        verdicts.write_text(verdicts.read_text().replace('"passed": false', '"passed": true'))
        clone.dvc("commit", "--force", "evaluate")
        last = notebook.cells[-1]
        last.source = f"PUBLISH = True\n{last.source}"
        client.execute_cell(last, len(notebook.cells) - 1)
    assert "published v1.0" in text_of(last)
    assert kaggle.state.datasets[MODELS].private and len(kaggle.state.datasets[MODELS].versions) == 1
    kept = json.loads((output / "results/publish/receipt.json").read_text())
    assert kept["dataset"] == MODELS
    secret = kaggle.state.keys["alice"]
    assert secret not in nbformat.writes(notebook)
    assert not [path for path in output.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]
