from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from lpr.base.errors import LprError
from lpr.data.prepared import opened, prepare
from lpr.records.params import load_params
from lpr.training.engine import checkpoint, device
from lpr.training.engine.batches import StepSampler
from lpr.training.engine.colour import degrade, noisy, relight
from lpr.training.engine.log import SPEED, Curves
from lpr.training.engine.pixels import resized
from lpr.training.engine.schedule import Ema, rate
from lpr.training.stage import data_fingerprint

ROOT = Path(__file__).parents[2]


def test_every_epoch_is_another_permutation_without_its_last_odd_samples() -> None:
    batches = list(StepSampler(size=10, batch_size=3, epochs=2, seed=1))
    assert len(batches) == 6
    first, second = ([i for batch in batches[n : n + 3] for _, i in batch] for n in (0, 3))
    assert len(set(first)) == len(set(second)) == 9
    assert first != second
    assert {epoch for batch in batches[3:] for epoch, _ in batch} == {1}


@pytest.mark.parametrize("start", range(7))
def test_a_sampler_goes_on_where_another_stopped(start: int) -> None:
    whole = list(StepSampler(10, 3, 2, seed=5))
    rest = StepSampler(10, 3, 2, seed=5, start=start)
    assert list(rest) == whole[start:]
    assert len(rest) == 6 - start


def test_fewer_samples_than_a_batch_are_repeated() -> None:
    ((keys),) = list(StepSampler(size=3, batch_size=8, epochs=1, seed=0))
    assert len(keys) == 8
    assert {index for _, index in keys} == {0, 1, 2}


def test_rate_rises_then_falls_along_a_cosine() -> None:
    rates = [rate(step, 100, 0.1) for step in range(100)]
    assert rates[:10] == pytest.approx([0.1 * n for n in range(1, 11)])
    assert rates[10] == pytest.approx(1.0)
    assert rates[55] == pytest.approx(0.01 + 0.99 * 0.5)
    assert rates[-1] < 0.012
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rate(0, 1, 0.0) == 1.0


def test_ema_by_hand() -> None:
    model = torch.nn.Linear(1, 1, bias=False)
    with torch.no_grad():
        model.weight.fill_(0.0)
    ema = Ema(model, decay=0.5)
    with torch.no_grad():
        model.weight.fill_(1.0)
    ema.update(model, 1)  # early on 1 / 11 of the average stays
    assert ema.model.weight.item() == pytest.approx(1 - 1 / 11)
    with torch.no_grad():
        model.weight.fill_(0.0)
    ema.update(model, 1000)
    assert ema.model.weight.item() == pytest.approx((1 - 1 / 11) * 0.5)


def test_a_checkpoint_has_the_same_bytes_for_the_same_content(tmp_path: Path) -> None:
    value = {"weights": {"a": torch.arange(5.0)}, "name": "x"}
    checkpoint.save(tmp_path / "one.pt", value)
    checkpoint.save(tmp_path / "other" / "two.pt", value)
    assert (tmp_path / "one.pt").read_bytes() == (tmp_path / "other" / "two.pt").read_bytes()
    assert torch.load(tmp_path / "one.pt", weights_only=True)["name"] == "x"


@pytest.mark.parametrize("damage", [b"", b"not a checkpoint", None])
def test_a_damaged_state_is_set_aside(tmp_path: Path, capsys: pytest.CaptureFixture[str], damage: bytes | None) -> None:
    resume = checkpoint.Resume(tmp_path, "ocr", "key")
    assert resume.load() is None
    resume.save({"step": 3})
    assert resume.load() == {"step": 3}
    whole = resume.path.read_bytes()
    resume.path.write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    assert resume.load() is None
    assert "damaged" in capsys.readouterr().out
    assert not resume.path.exists()
    assert resume.path.with_suffix(".damaged").exists()


def test_a_pickle_is_not_opened(tmp_path: Path) -> None:
    import pickle

    class Hostile:
        def __reduce__(self) -> tuple:
            return (Path.touch, (tmp_path / "opened",))

    resume = checkpoint.Resume(tmp_path, "ocr", "key")
    resume.path.parent.mkdir(parents=True)
    resume.path.write_bytes(pickle.dumps(Hostile()))
    assert resume.load() is None
    assert not (tmp_path / "opened").exists()


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU is here")
def test_asking_for_a_gpu_that_is_not_there_is_an_error() -> None:
    train = load_params(ROOT / "params.yaml").train
    with pytest.raises(LprError, match=r"train\.device is 'cuda', but no GPU works here"):
        device.choose(train.model_copy(update={"device": "cuda"}))


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU is here")
def test_an_attached_gpu_that_does_not_work_is_an_error_and_none_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train = load_params(ROOT / "params.yaml").train
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 'No devices found'\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    compute = device.choose(train)
    assert compute.device.type == "cpu"
    assert compute.why is not None and compute.why.startswith("no GPU works here: ")
    assert device.choose(train.model_copy(update={"device": "cpu"})).why is None
    tool.write_text("#!/bin/sh\necho 'GPU 0: Tesla P100 (UUID: GPU-0)'\n")
    with pytest.raises(LprError, match=r"train\.device is 'auto', but no GPU works here: .*Set train\.device to 'cpu'"):
        device.choose(train)
    assert device.choose(train.model_copy(update={"device": "cpu"})).device.type == "cpu"


@pytest.mark.parametrize(("units", "precision"), [(True, "bf16"), (False, "fp32")])
def test_the_cpu_trains_in_bf16_where_it_multiplies_it(
    units: bool, precision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: units, raising=False)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False, raising=False)
    train = load_params(ROOT / "params.yaml").train.model_copy(update={"device": "cpu"})
    assert device.choose(train).precision == precision
    assert device.choose(train.model_copy(update={"precision": "fp32"})).precision == "fp32"


def test_fp16_on_the_cpu_is_an_error() -> None:
    train = load_params(ROOT / "params.yaml").train.model_copy(update={"device": "cpu", "precision": "fp16"})
    with pytest.raises(LprError, match=r"train\.precision is 'fp16'"):
        device.choose(train)


def draw_number(job: int) -> np.ndarray:
    if job < 0:
        with opened(Path("no", "x.jpg")):
            pass
    return np.full((4, 6, 3), job, np.uint8)


def count_calls(job: str) -> np.ndarray:
    path = Path(job)
    path.write_text(path.read_text() + "." if path.exists() else ".")
    return np.zeros((2, 2, 3), np.uint8)


@pytest.mark.parametrize("workers", [0, 2])
def test_prepared_images_are_those_drawn(tmp_path: Path, workers: int) -> None:
    images = prepare(tmp_path, "x", list(range(150)), draw_number, (4, 6), "key", workers)
    assert images.shape == (150, 4, 6, 3)
    assert images[:, 0, 0, 0].tolist() == list(range(150))
    assert not images.flags.writeable


def test_prepared_images_are_drawn_once_and_again_when_cut_off(tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    folder = tmp_path / "prepared"
    for _ in range(2):
        prepare(folder, "x", [str(calls)], count_calls, (2, 2), "key", 0)
    assert calls.read_text() == "."
    (file,) = folder.iterdir()
    file.write_bytes(file.read_bytes()[:-5])
    prepare(folder, "x", [str(calls)], count_calls, (2, 2), "key", 0)
    assert calls.read_text() == ".."
    prepare(folder, "x", [str(calls)], count_calls, (2, 2), "other data", 0)
    assert len(list(folder.iterdir())) == 1


def test_an_image_that_cannot_be_drawn_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(LprError, match=r"x\.jpg.*fetch_data"):
        prepare(tmp_path, "x", [1, -1], draw_number, (4, 6), "key", 0)
    assert list(tmp_path.iterdir()) == []


def test_curves_of_a_resumed_run_equal_those_of_an_unbroken_one(tmp_path: Path) -> None:
    epochs = [{"train/loss": 1.0 / n, SPEED: 10.0 * n} for n in (1, 2, 3)]
    whole = Curves(tmp_path / "whole", [])
    for epoch in epochs:
        whole.log(epoch)
    whole.finish({"ap50": 0.5})
    broken = Curves(tmp_path / "broken", [])
    broken.log(epochs[0])
    broken.log(epochs[1])
    resumed = Curves(tmp_path / "broken", epochs[:1])
    for epoch in epochs[1:]:
        resumed.log(epoch)
    resumed.finish({"ap50": 0.5})

    def files(folder: Path) -> dict[str, bytes]:
        return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}

    assert files(tmp_path / "broken") == files(tmp_path / "whole")
    assert json.loads((tmp_path / "whole/metrics.json").read_text()) == {"ap50": 0.5, "step": 3}
    with_speed = {name for name, content in files(tmp_path / "whole").items() if b"images_per_second" in content}
    assert with_speed
    assert all(name.startswith("speed/") for name in with_speed)


def test_strength_zero_changes_nothing_and_one_changes_light() -> None:
    image = np.random.default_rng(0).integers(0, 256, (8, 8, 3)).astype(np.uint8)
    assert (relight(image, 0.0, np.random.default_rng(1)) == image).all()
    assert (degrade(image, 0.0, 3.0, np.random.default_rng(1)) == image).all()
    changed = relight(image, 1.0, np.random.default_rng(1))
    assert changed.shape == image.shape
    assert (changed != image).any()
    for seed in range(20):
        assert degrade(image, 1.0, 3.0, np.random.default_rng(seed)).shape == image.shape


def test_noise_is_normal_and_of_the_spread_that_is_asked_for() -> None:
    noise = noisy(np.full((224, 224, 3), 128, np.uint8), 12.0, np.random.default_rng(4)).astype(float) - 128
    assert noise.mean() == pytest.approx(0, abs=0.2)
    assert noise.std() == pytest.approx(12, rel=0.02)
    assert (np.abs(noise) < 12).mean() == pytest.approx(0.66, abs=0.03)
    beside = np.corrcoef(noise[:, :-1, 0].ravel(), noise[:, 1:, 0].ravel())[0, 1]
    assert abs(beside) < 0.02
    assert noisy(np.full((8, 8, 3), 255, np.uint8), 12.0, np.random.default_rng(4)).max() == 255


@pytest.mark.parametrize("size", [(50, 20), (37, 16), (29, 50)])
def test_smaller_pictures_average_what_they_cannot_show(size: tuple[int, int]) -> None:
    # A board of black and white squares of two pixels beside white: nearly even grey where it is, nothing moved.
    image = np.full((120, 240, 3), 255, np.uint8)
    image[:, :120][(np.indices((120, 120)) // 2).sum(axis=0) % 2 == 0] = 0
    small = resized(image, size[0], size[1])
    assert small.shape == (size[1], size[0], 3)
    board, white = small[:, : size[0] // 2 - 2], small[:, size[0] // 2 + 2 :]
    assert np.abs(board.astype(float) - 127.5).max() < 30
    assert (white == 255).all()


def test_rate_never_divides_by_zero() -> None:
    assert all(math.isfinite(rate(0, steps, 1.0)) for steps in (1, 2, 10))


@pytest.mark.parametrize("text", ["", "[]", "5", '"x"', "{}", "[" * 100_000])
def test_a_manifest_that_nobody_wrote_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(LprError, match=r"manifest\.json: missing or not written by fetch_data"):
        data_fingerprint(tmp_path)
