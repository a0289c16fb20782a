"""From what a training starts: shipped weights, or the state of an unfinished one that is really its own."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from torch import Tensor, nn

from lpr.base.errors import LprError
from lpr.base.files import sha256
from lpr.detector.model import Detector
from lpr.ocr.model import Ocr
from lpr.records.params import parse_params
from lpr.training import stage
from lpr.training.engine.loop import Trainer
from lpr.training.engine.start import Start, load_start

ROOT = Path(__file__).parents[2]
Project = Callable[..., Path]


def train(folder: Path, name: str = "ocr") -> dict[str, Any]:
    """Run a training stage in this process and return its checkpoint."""
    with contextlib.chdir(folder):
        assert importlib.import_module(f"stages.train_{name}").main() == 0
    saved: dict[str, Any] = torch.load(folder / f"checkpoints/{name}.pt", weights_only=True)
    return saved


@pytest.mark.parametrize("name", ["detector", "ocr"])
def test_a_training_goes_on_from_shipped_weights_and_says_from_which(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], name: str
) -> None:
    first = project("first")
    before = train(first, name)
    assert before["provenance"]["start_sha256"] is None
    monkeypatch.setattr(stage, "SHIPPED", first / "checkpoints")
    # At this rate nothing is learned: what comes out is what it started from.
    after = train(project("second", train__start="shipped", train__lr=1e-12), name)
    assert after["provenance"]["start_sha256"] == sha256(first / f"checkpoints/{name}.pt")
    assert f"{name}: starts from" in capfd.readouterr().out
    learned = [key for key in before["weights"] if key.endswith((".weight", ".bias"))]
    for key in learned:
        torch.testing.assert_close(after["weights"][key], before["weights"][key], rtol=0, atol=1e-6)
    scratch = train(project("third", train__lr=1e-12), name)
    assert any((scratch["weights"][key] - before["weights"][key]).abs().max() > 1e-3 for key in learned)


def test_another_width_is_an_error_that_names_it(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    first = project("first", ocr__epochs=1)
    train(first)
    monkeypatch.setattr(stage, "SHIPPED", first / "checkpoints")
    with pytest.raises(LprError, match=r"params\.yaml: ocr\.width is 6, but .*ocr\.pt.* has 4: set ocr\.width to 4"):
        train(project("second", train__start="shipped", ocr__width=6))


class Net(nn.Module):
    def __init__(self, outputs: int = 2, head: bool = False) -> None:
        super().__init__()
        self.arguments = {"width": 2}
        self.body = nn.Linear(2, outputs)
        self.register_buffer("temperature", torch.ones(()))
        if head:
            self.corners = nn.Linear(2, 8)


def start(weights: dict[str, Tensor]) -> Start:
    return Start(Path("x.pt"), "detector", "0", {"width": 2}, weights)


def test_a_head_that_the_start_lacks_stays_as_initialised_and_a_temperature_is_left_behind() -> None:
    old, model = Net(), Net(head=True)
    old.temperature.fill_(3.0)
    fresh = model.corners.weight.detach().clone()
    assert start(old.state_dict()).load_into(model) == ["corners"]
    assert torch.equal(model.body.weight, old.body.weight)
    assert torch.equal(model.corners.weight, fresh)
    assert float(model.temperature) == 1.0


@pytest.mark.parametrize(
    ("weights", "name"),
    [
        (Net(outputs=3).state_dict(), "body.weight"),
        (Net(head=True).state_dict(), "corners.bias"),
        ({"body.weight": torch.zeros(2, 2)}, "body.bias"),
    ],
)
def test_anything_else_that_does_not_fit_is_an_error(weights: dict[str, Tensor], name: str) -> None:
    with pytest.raises(LprError, match=rf"x\.pt: does not fit the network of the detector \({name}"):
        start(weights).load_into(Net())


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 no archive"])
def test_a_missing_or_damaged_start_is_an_error(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "ocr.pt").write_bytes(content)
    with pytest.raises(LprError, match=r"ocr\.pt: .*to start from.*'scratch'"):
        load_start(tmp_path / "ocr.pt", "ocr")


def test_the_recipe_of_the_shipped_models_can_start_from_them() -> None:
    values = yaml.safe_load((ROOT / "params.yaml").read_text())
    for section, changes in yaml.safe_load((ROOT / "recipes/real.yaml").read_text()).items():
        values[section].update(changes)
    params = parse_params(values, "real.yaml")
    for name, model in (("detector", Detector(params.detector.width)), ("ocr", Ocr(params.ocr.width))):
        new = load_start(ROOT / "lpr/assets/models" / f"{name}.pt", name).load_into(model)
        assert set(new) <= {"corners"}


class Stop(BaseException):
    """Ends a training as `kill -9` would, but in this process."""


@pytest.mark.parametrize("changed", [False, True])
def test_a_training_goes_on_only_while_every_declared_file_is_the_same(
    project: Project, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], changed: bool
) -> None:
    folder = project()
    pipeline = yaml.safe_load((folder / "dvc.yaml").read_text())
    pipeline["stages"]["train_ocr"]["deps"].append("declared.py")
    (folder / "dvc.yaml").write_text(yaml.safe_dump(pipeline))
    (folder / "declared.py").write_text("A = 1\n")
    original = Trainer._step

    def stepped(self: Trainer, batch: dict[str, Tensor]) -> None:
        if self.state.step == 4:
            raise Stop
        original(self, batch)

    with monkeypatch.context() as patch, pytest.raises(Stop):
        patch.setattr(Trainer, "_step", stepped)
        train(folder)
    capfd.readouterr()
    if changed:
        (folder / "declared.py").write_text("A = 2\n")
    train(folder)
    assert ("goes on from step" in capfd.readouterr().out) is not changed
