from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from lpr.decoding.ctc import decode, probabilities
from lpr.ocr.loss import log_probabilities, reading_loss
from lpr.ocr.model import COLUMNS, Ocr
from lpr.ocr.targets import UNKNOWN, encode, glyph_targets

A, B, ONE = 11, 12, 2  # classes of A, B and 1: "no character" is 0, digits start at 1


def steps(*classes: int, sure: float = 15.0) -> np.ndarray:
    """Logits of a path that is sure of each class."""
    logits = np.full((len(classes), 36), -sure, np.float32)
    for step, value in enumerate(classes):
        if value:
            logits[step, value - 1] = sure
    return logits


def test_probabilities_are_the_softmax_with_a_zero_in_front() -> None:
    logits = np.array([[math.log(2), math.log(3), *[-np.inf] * 34]])
    row = probabilities(logits)[0]
    assert row[:3].tolist() == pytest.approx([1 / 6, 2 / 6, 3 / 6])
    assert row.sum() == pytest.approx(1)


def test_torch_and_numpy_agree_on_probabilities() -> None:
    logits = torch.randn(2, 5, 36)
    assert np.allclose(log_probabilities(logits).exp().numpy(), probabilities(logits.numpy()), atol=1e-6)


def test_a_characters_confidence_is_the_peak_of_its_run() -> None:
    logits = np.full((4, 36), -30.0, np.float32)
    # Two steps show A with p = 0.6 and 0.9, one nothing, one B with p = 0.75: p / (1 - p) against "no character".
    for step, (value, p) in enumerate([(A, 0.6), (A, 0.9), (0, 0.0), (B, 0.75)]):
        if value:
            logits[step, value - 1] = math.log(p / (1 - p))
    reading = decode(logits)
    assert reading.text == "AB"
    assert reading.chars == pytest.approx((0.9, 0.75))
    assert reading.confidence == pytest.approx(0.75)


def test_nothing_and_nan_read_as_nothing() -> None:
    empty = decode(steps(0, 0, 0))
    assert (empty.text, empty.chars, empty.confidence) == ("", (), 0.0)
    assert decode(np.full((3, 36), np.nan)).text == ""


def test_decode_refuses_another_shape() -> None:
    with pytest.raises(ValueError, match=r"\(T, 36\)"):
        decode(np.zeros((2, 3, 36)))


def test_glyph_targets_of_one_line() -> None:
    # Columns are 1/32 wide: x = 0.2 lies in column 6, x = 0.5 in column 16.
    target = glyph_targets("A1", [(0.2, 0.5), (0.5, 0.5)], 1)
    assert target[6] == A
    assert target[16] == ONE
    assert {5, 7, 15, 17} == {i for i, value in enumerate(target.tolist()) if value == UNKNOWN}
    assert (target == 0).sum() == 64 - 6


def test_glyph_targets_of_two_lines_use_both_reading_lines() -> None:
    target = glyph_targets("AB1", [(0.2, 0.3), (0.8, 0.3), (0.5, 0.7)], 2)
    assert target[6] == A
    assert target[25] == B
    assert target[COLUMNS + 16] == ONE


def test_glyphs_that_are_unknown_or_cut_off_teach_nothing() -> None:
    assert (glyph_targets("A", None, 1) == UNKNOWN).all()
    assert (glyph_targets("AB", [(0.2, 0.5), (1.1, 0.5)], 1) == UNKNOWN).all()


def test_loss_is_small_for_the_truth_and_large_for_another_text() -> None:
    logits = torch.from_numpy(steps(*[A if i == 6 else ONE if i == 16 else 0 for i in range(64)]))[None]
    glyphs = glyph_targets("A1", [(0.2, 0.5), (0.5, 0.5)], 1)[None]

    def loss(text: str, weight: float) -> dict[str, float]:
        classes = torch.tensor([encode(text)])
        terms = reading_loss(logits, classes, torch.tensor([len(text)]), glyphs, weight)
        return {name: float(value) for name, value in terms.items()}

    right, wrong = loss("A1", 0.5), loss("B1", 0.5)
    assert right["ctc_loss"] < 0.01
    assert right["glyph_loss"] < 0.01
    assert wrong["ctc_loss"] > 3
    assert wrong["loss"] == pytest.approx(wrong["ctc_loss"] + 0.5 * wrong["glyph_loss"], rel=1e-5)


def test_a_text_that_cannot_fit_gives_no_gradient() -> None:
    logits = torch.zeros(1, 2, 36, requires_grad=True)
    terms = reading_loss(logits, torch.tensor([encode("AAA")]), torch.tensor([3]), torch.full((1, 2), UNKNOWN), 1.0)
    terms["loss"].backward()
    assert terms["loss"].item() == 0
    assert torch.isfinite(logits.grad).all()


def test_model_keeps_its_contract() -> None:
    model = Ocr(**Ocr(8).arguments).eval()
    with torch.inference_mode():
        for batch in (1, 3):
            assert model(torch.rand(batch, 3, 32, 128)).shape == (batch, 64, 36)


def test_a_temperature_changes_the_confidence_and_not_the_text() -> None:
    torch.manual_seed(3)
    model = Ocr(width=8).eval()
    with torch.inference_mode():
        model.classify.bias.zero_()
        model.classify.weight.mul_(8)
        crops = torch.rand(4, 3, 32, 128)
        plain = model(crops).numpy()
        model.temperature.fill_(2.0)
        soft = model(crops).numpy()
    assert np.allclose(soft * 2, plain, atol=1e-5)
    for one, other in zip(plain, soft, strict=True):
        assert decode(one).text == decode(other).text != ""
        assert decode(other).confidence < decode(one).confidence
