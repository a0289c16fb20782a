"""The record of the run that made the shipped models, and `lpr check` on whether they still fit."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from lpr.base.errors import LprError
from lpr.base.hashes import md5
from lpr.deployment.recipe_record import record_run
from lpr.review import shipped
from tests.review.conftest import Project

NAMES = ("detector.onnx", "ocr.onnx", "detector.pt", "ocr.pt")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A clone after a run, as far as the record looks at it."""
    root = tmp_path / "clone"
    (root / "models").mkdir(parents=True)
    (root / "recipes").mkdir()
    (root / "results/evaluate").mkdir(parents=True)
    for name in NAMES:
        (root / "models" / name).write_text(f"weights of {name}")
    outs = [{"path": f"models/{name}", "md5": md5(root / "models" / name)} for name in NAMES]
    (root / "dvc.lock").write_text(yaml.safe_dump({"stages": {"export": {"outs": outs, "deps": []}}}))
    (root / "params.yaml").write_text("seed: 1\n")
    (root / "results/evaluate/details.json").write_text("{}\n")
    (root / "recipes/real.yaml").write_text("seed: 1\n")
    return root


def test_a_run_is_kept_beside_its_recipe(run: Path) -> None:
    written = record_run(run / "recipes/real.yaml", run / "models", run)
    assert sorted(path.name for path in written) == ["real.lock", "real.metrics.json", "real.params.yaml"]
    assert (run / "recipes/real.lock").read_text() == (run / "dvc.lock").read_text()
    assert (run / "recipes/real.params.yaml").read_text() == "seed: 1\n"


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda root: (root / "models/ocr.onnx").write_text("others"), r"dvc\.lock: its export made another ocr\.onnx"),
        (lambda root: (root / "results/evaluate/details.json").unlink(), r"details\.json: no such file"),
        (lambda root: (root / "dvc.lock").write_text("stages: {}\n"), r"dvc\.lock: no outputs of the stage export"),
        (lambda root: (root / "recipes/real.yaml").unlink(), r"real\.yaml: no such recipe"),
    ],
)
def test_a_run_of_other_models_is_refused_and_leaves_nothing(run: Path, spoil, said: str) -> None:
    spoil(run)
    with pytest.raises(LprError, match=said):
        record_run(run / "recipes/real.yaml", run / "models", run)
    assert not list((run / "recipes").glob("real.[lmp]*"))


def test_check_says_whether_the_shipped_models_fit(
    without_data: Project, lpr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = tmp_path / "shipped"
    models.mkdir()
    monkeypatch.setattr(shipped, "SHIPPED", models)
    assert "shipped models" not in lpr("check")[1]
    for name in NAMES[:2]:
        (models / name).write_text(name)
    without_data.write("lpr/net.py", "WIDTH = 1\n")
    outs = [{"path": f"models/{name}", "md5": md5(models / name)} for name in NAMES[:2]]
    stages = {"train_ocr": {"deps": [{"path": "lpr/net.py", "md5": md5("lpr/net.py")}]}, "export": {"outs": outs}}
    without_data.write("recipes/real.lock", yaml.safe_dump({"stages": stages}))
    status, said, _ = lpr("check")
    assert status == 0 and said.endswith("shipped models: those of recipes/real.lock; the same code\n")
    without_data.write("lpr/net.py", "WIDTH = 2\n")
    status, said, _ = lpr("check")
    assert status == 0 and said.endswith("real.lock; later code, it would make others now: lpr/net.py\n")
    shutil.copy(models / "ocr.onnx", models / "detector.onnx")
    assert "warning: the shipped models are not those of recipes/real.lock" in lpr("check")[1]
